import numpy as np
import pytest

from vigil.simulate.ictal import discharge_phase, envelopes, ragged, spike_and_wave
from vigil.simulate.plan import Seizure

SEIZURE = Seizure(100.0, 40.0, 20.0, "cortex", {"cortex": 0.0, "thalamus": 2.5})
TIME_S = np.arange(90, 150, 1 / 2000)


def test_frequency_falls_from_12_to_3_hz():
    hz = np.gradient(discharge_phase(SEIZURE, TIME_S), TIME_S)
    assert hz[np.searchsorted(TIME_S, 100.01)] == pytest.approx(12, rel=0.01)
    assert hz[np.searchsorted(TIME_S, 120)] == pytest.approx(6, rel=0.01)
    assert hz[np.searchsorted(TIME_S, 139.99)] == pytest.approx(3, rel=0.01)


def test_each_region_starts_after_its_delay():
    for region, start_s in (("cortex", 100.0), ("thalamus", 102.5)):
        fast_uv, discharge_uv = envelopes(SEIZURE, region, TIME_S, 800.0)
        first = TIME_S[np.flatnonzero(fast_uv)[0]]
        assert first == pytest.approx(start_s, abs=0.002)
        assert np.all((fast_uv + discharge_uv)[TIME_S >= 140] == 0)
        assert discharge_uv.max() > 600
        # fast activity comes before the discharges
        assert TIME_S[np.flatnonzero(discharge_uv)[0]] > first + 0.8


def test_a_spike_and_a_wave_per_cycle():
    cycles = np.arange(0, 10, 0.001)
    wave = spike_and_wave(cycles)
    assert np.sum((wave[1:-1] < wave[:-2]) & (wave[1:-1] < wave[2:]) & (wave[1:-1] < -0.5)) == 10
    assert wave.min() == pytest.approx(-1, abs=0.02)
    assert 0.4 < wave.max() < 0.7


def test_ragged_discharges_still_go_forward():
    cycles, height = ragged(np.arange(0, 200, 0.01), np.random.default_rng(0))
    assert np.all(np.diff(cycles) > 0)
    assert 0.8 <= height.min() < height.max() <= 1.2
