"""Rules against what is no field, and that a seizure breaks none of them."""

import numpy as np
import pytest

from vigil.simulate.ictal import discharge_phase, envelopes, ragged, spike_and_wave
from vigil.simulate.plan import Seizure
from vigil.spectra.artefacts import (
    DISCONNECTED,
    MOVEMENT,
    SATURATED,
    find_artefacts,
    limits_in_steps,
)

RATE = 1250.0
STEP_UV = 0.25
SLEW_UV_MS, EXTENT_UV = 2000.0, 10000.0
BOUNDS = np.round(np.arange(0, 4.01, 0.25) * RATE).astype(np.int64)
T = np.arange(5000) / RATE


def limits(n=1, rate_hz=RATE, **options):
    return limits_in_steps(np.full(n, STEP_UV), rate_hz, SLEW_UV_MS, EXTENT_UV, **options)


def field_uv(seed=0):
    """Four seconds of an LFP of 150 uV."""
    rng = np.random.default_rng(seed)
    shape = 1 / np.maximum(np.fft.rfftfreq(5000, 1 / RATE), 0.5)
    x = np.fft.irfft(np.fft.rfft(rng.normal(size=5000)) * shape, 5000)
    return 150 * x / x.std()


def stored(x_uv):
    return np.clip(np.round(np.asarray(x_uv) / STEP_UV), -32768, 32767).astype(np.int16)


def codes_of(x_uv, **options):
    return find_artefacts(stored(x_uv)[:, None], BOUNDS, limits(**options))[:, 0].tolist()


def at(window, code):
    return [code if k in np.atleast_1d(window) else 0 for k in range(16)]


def test_a_field_is_clean():
    assert codes_of(field_uv()) == [0] * 16


def seizure_uv(peak_uv, rate_hz=RATE):
    """Spikes and waves of a simulated seizure, the largest of them of `peak_uv`."""
    seizure = Seizure(5.0, 40.0, 20.0, "cortex", {"cortex": 0.0})
    time_s = np.arange(0, 60, 1 / rate_hz)
    rng = np.random.default_rng(4)
    cycles, heights = ragged(discharge_phase(seizure, time_s), rng)
    fast_uv, discharge_uv = envelopes(seizure, "cortex", time_s, 1000.0)
    x = discharge_uv * heights * spike_and_wave(cycles) + fast_uv * rng.normal(size=len(time_s))
    x *= peak_uv / np.abs(x).max()
    return x + rng.normal(0, 5, len(x))


@pytest.mark.parametrize("peak_uv", [1000.0, 3000.0, 5000.0])
@pytest.mark.parametrize("rate_hz", [500.0, 1250.0, 2000.0])
def test_a_seizure_is_no_artefact(peak_uv, rate_hz):
    x = stored(seizure_uv(peak_uv, rate_hz))[:, None]
    assert np.abs(x).max() > 0.99 * peak_uv / STEP_UV
    bounds = np.round(np.arange(0, 60.01, 0.25) * rate_hz).astype(np.int64)
    assert not find_artefacts(x, bounds, limits(rate_hz=rate_hz)).any()


@pytest.mark.parametrize("width_s", [0.01, 0.02, 0.05])
@pytest.mark.parametrize("sign", [-1, 1])
def test_the_largest_spikes_are_no_artefacts(width_s, sign):
    # 99 % of a spike of 5 mV lie within its width
    spike = 5000 * np.exp(-0.5 * ((T - 1.1) / (width_s / 5)) ** 2)
    assert codes_of(field_uv() + sign * spike) == [0] * 16


def test_a_jump_of_the_cable_is_movement():
    assert codes_of(field_uv() + 4000.0 * (T >= 1.1)) == at(4, MOVEMENT)
    # a slow drift of the same size is none
    assert codes_of(field_uv() + 4000.0 * T / 4) == [0] * 16


def test_a_swing_beyond_any_field_is_movement():
    swing = 6500 * np.sin(2 * np.pi * 8 * (T - 1)) * ((T >= 1) & (T < 1.25))
    assert codes_of(field_uv() + swing) == at(4, MOVEMENT)


def test_spikes_of_single_cells_at_a_high_rate_are_no_movement():
    # 0.4 mV within two samples of 8 kHz: 1.6 mV/ms, but of 0.25 ms only
    x = np.zeros(4000)
    x[1000:1004] = [200, -400, 200, 50]
    bounds = np.array([0, 2000, 4000])
    steps = stored(x + np.random.default_rng(0).normal(0, 5, 4000))[:, None]
    assert not find_artefacts(steps, bounds, limits(rate_hz=8000.0)).any()


def test_muscles_are_allowed_to_be_steep():
    emg = np.random.default_rng(1).normal(0, 1500, 5000)
    assert set(codes_of(emg)) == {MOVEMENT}
    assert codes_of(emg, moves=np.array([False])) == [0] * 16


def test_a_sample_at_the_end_of_the_range_is_saturated():
    x = stored(field_uv())
    x[400:403] = 32767
    codes = find_artefacts(x[:, None], BOUNDS, limits(moves=np.array([False])))
    assert codes[:, 0].tolist() == at(1, SATURATED)


def test_the_range_may_be_smaller_than_int16():
    x = stored(field_uv() / 4)
    x[400] = -2048
    narrow = limits(range_steps=np.array([[-2048, 2047]]))
    assert find_artefacts(x[:, None], BOUNDS, narrow)[:, 0].tolist() == at(1, SATURATED)
    assert not find_artefacts(x[:, None], BOUNDS, limits()).any()


@pytest.mark.parametrize(("rows", "code"), [(2, 0), (3, SATURATED)])
def test_a_plateau_near_the_end_is_what_filters_leave_of_saturation(rows, code):
    x = stored(field_uv())
    x[700 : 700 + rows] = -32500
    codes = find_artefacts(x[:, None], BOUNDS, limits(moves=np.array([False])))
    assert codes[:, 0].tolist() == at(2, code)


def test_a_plateau_over_a_border_belongs_to_both_windows():
    x = stored(field_uv())
    border = BOUNDS[3]
    x[border - 1 : border + 2] = 32400
    codes = find_artefacts(x[:, None], BOUNDS, limits(moves=np.array([False])))
    assert codes[:, 0].tolist() == at([2, 3], SATURATED)


def test_an_input_that_does_not_change_is_disconnected():
    x = stored(field_uv())
    x[500:813] = 40
    assert find_artefacts(x[:, None], BOUNDS, limits())[:, 0].tolist() == at([1, 2], DISCONNECTED)
    x[500] = 41  # one sample less than a quarter of a second
    assert not find_artefacts(x[:, None], BOUNDS, limits()).any()
    x[:] = 7
    assert find_artefacts(x[:, None], BOUNDS, limits())[:, 0].tolist() == [DISCONNECTED] * 16


def test_stuck_at_the_end_of_the_range_is_saturated_only():
    x = np.full((5000, 1), 32767, np.int16)
    assert find_artefacts(x, BOUNDS, limits())[:, 0].tolist() == [SATURATED] * 16


def test_channels_are_judged_one_by_one():
    x = stored(np.stack([field_uv(k) for k in range(4)], axis=1))
    x[:, 1] = 3
    x[2000, 2] = 32767
    codes = find_artefacts(x, BOUNDS, limits(4))
    assert codes[:, 1].tolist() == [DISCONNECTED] * 16
    assert codes[:, 2].tolist() == at(6, SATURATED | MOVEMENT)
    assert not codes[:, [0, 3]].any()


@pytest.mark.parametrize("gain", [-STEP_UV, STEP_UV])
def test_a_negative_scale_means_the_same(gain):
    of_gain = limits_in_steps(np.array([gain]), RATE, SLEW_UV_MS, EXTENT_UV)
    x = stored(field_uv() + 4000.0 * (T >= 1.1))[:, None]
    assert find_artefacts(x, BOUNDS, of_gain)[:, 0].tolist() == at(4, MOVEMENT)
