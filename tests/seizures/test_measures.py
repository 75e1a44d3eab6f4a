import numpy as np
import pytest
import scipy.signal

from vigil.recording import RecordingError
from vigil.seizures.evidence import line_length_uv_s
from vigil.seizures.filters import design_filters, robust_slope_uv
from vigil.seizures.kernel import LIMITED, StepSums, pass_block, start_segment
from vigil.seizures.measures import FLAT, MAINS, OK, SATURATED, Measures, measures_of
from vigil.seizures.settings import Settings

RATE = 1250.0
SETTINGS = Settings(step_s=0.5, saturated_share=0.02, flat_uv=1.0, mains_share=0.9)
PER_STEP = 625


def measured(signal, blocks=1, slope=np.inf, limit=np.inf, rate=RATE, n_together=None):
    """Measures of a signal (row, channel) that is cut into blocks of whole steps."""
    signal = np.asarray(signal, np.float32)
    n_channels = signal.shape[1]
    together = n_channels if n_together is None else n_together
    filters = design_filters(rate, 50.0)
    memory = start_segment(n_channels, filters)
    n_steps = len(signal) // PER_STEP
    found = Measures.empty(n_steps, n_channels)
    for part in np.array_split(np.arange(n_steps), blocks):
        rows = slice(part[0] * PER_STEP, (part[-1] + 1) * PER_STEP)
        step = np.repeat(np.arange(len(part)), PER_STEP)
        sums = StepSums.zeros(len(part), n_channels)
        pass_block(
            signal[rows], step, sums, filters, memory,
            np.full(n_channels, slope), np.full(n_channels, limit), together,
        )  # fmt: skip
        found.put(int(part[0]), measures_of(sums, filters, together, SETTINGS))
    return found


def sine(hz, amplitude=100.0, seconds=20.0):
    t = np.arange(int(seconds * RATE)) / RATE
    return amplitude * np.sin(2 * np.pi * hz * t)


def test_line_length_of_a_sinusoid_is_four_times_amplitude_and_frequency():
    assert line_length_uv_s(sine(7.0), RATE) == pytest.approx(4 * 100 * 7, rel=1e-3)


def sections(*which):
    return np.insert(design_filters(RATE, 50.0).sections[list(which)], 3, 1.0, axis=1)


BAND = (0, 1, 2, 3)


@pytest.mark.parametrize("hz", [15.0, 20.0, 35.0])
def test_streamed_line_length_and_frequency_agree_with_the_closed_form(hz):
    found = measured(sine(hz)[:, None])
    gain = np.abs(scipy.signal.sosfreqz(sections(*BAND, 6, 7), [hz], fs=RATE)[1][0])
    late = slice(6, None)
    np.testing.assert_allclose(found.line_length_uv_s[late, 0], 4 * 100 * hz * gain, rtol=0.02)
    np.testing.assert_allclose(found.frequency_hz[late, 0], hz, rtol=0.02)
    assert (found.fault[late] == OK).all()


def test_theta_and_delta_are_hardly_in_the_line_length():
    beta = np.median(measured(sine(20.0)[:, None]).line_length_uv_s[6:])
    for hz, share in ((2.0, 0.001), (8.0, 0.1)):
        assert np.median(measured(sine(hz)[:, None]).line_length_uv_s[6:]) < share * beta


def chain(x, *which):
    """Sections by scipy, of which the first has settled on the first sample."""
    sos = sections(*which)
    zi = np.zeros((len(sos), 2))
    zi[0] = scipy.signal.sosfilt_zi(sos[:1])[0] * x[0]
    return scipy.signal.sosfilt(sos, x, zi=zi)[0]


def spike_times(above, high, slope, short, long):
    """Ends of half-waves above 4 Hz of the right length with a steep slope, one by one."""
    crossings = np.flatnonzero(np.diff(above >= 0.0, prepend=True))
    slopes = np.abs(np.diff(high, prepend=0.0))
    found, first, after_steep = [], 0, False
    for end in crossings:
        steep = slopes[first:end].max(initial=0.0) >= slope and end - first <= long
        if steep and not after_steep and end - first >= short:
            found.append(end)
        after_steep = steep and not after_steep
        first = end
    return np.array(found, dtype=int)


def test_the_kernel_agrees_with_scipy_channel_by_channel():
    rng = np.random.default_rng(0)
    n_steps, n_channels = 12, 11
    steps = np.cumsum(rng.standard_normal((n_steps * PER_STEP, n_channels + 2)), axis=0) * 40
    steps = (steps + 60 * rng.standard_normal(steps.shape) + 900).astype(np.int16)
    columns = rng.permutation(n_channels + 2)[:n_channels]
    scale = rng.uniform(0.1, 0.3, n_channels).astype(np.float32)
    filters, slope = design_filters(RATE, 50.0), 4.0
    sums = StepSums.zeros(n_steps, n_channels)
    memory = start_segment(n_channels, filters)
    for rows in np.split(np.arange(len(steps)), [100, 3333]):
        pass_block(
            steps[rows], rows // PER_STEP, sums, filters, memory, np.full(n_channels, slope),
            np.full(n_channels, 300.0), n_channels, columns, scale,
        )  # fmt: skip
    signal = steps[:, columns].astype(np.float32) * scale
    band_mean = fast_mean = 0.0
    n_spikes = 0
    for c, x in enumerate(signal.T.astype(np.float64)):
        hum = chain(x, *BAND[:3])
        band = scipy.signal.sosfilt(sections(3), hum)
        above = scipy.signal.sosfilt(sections(4), band)
        low = scipy.signal.sosfilt(sections(5), above)
        high = scipy.signal.sosfilt(sections(6, 7), band)
        fast = chain(x, 8, 9)
        band_mean, fast_mean = band_mean + band / n_channels, fast_mean + fast / n_channels
        spikes = np.zeros(len(x))
        ends = spike_times(above, high, slope, *filters.n_spike)
        spikes[ends] = 1
        n_spikes += len(ends)
        change = np.diff(band, prepend=0.0) ** 2
        parts = (
            np.ones(len(x)), np.abs(np.diff(high, prepend=0.0)), band**2, change, low**2, high**2,
            fast**2, hum**2, spikes, np.abs(x) >= 300.0,
        )  # fmt: skip
        expected = [part.reshape(n_steps, PER_STEP).sum(axis=1) for part in parts]
        np.testing.assert_allclose(sums.sums[:, :, c], np.transpose(expected), rtol=1e-9)
    assert n_spikes > 20
    for i, mean in enumerate((band_mean, fast_mean)):
        power = (mean**2).reshape(n_steps, PER_STEP).sum(axis=1)
        np.testing.assert_allclose(sums.together[:, i], power, rtol=1e-9)


def test_measures_are_made_of_the_sums():
    x = sine(8.0) + sine(30.0, 50.0)
    found = measured(x[:, None])
    late = slice(6, None)
    gain = np.abs(scipy.signal.sosfreqz(sections(*BAND, 4, 5), [8.0], fs=RATE)[1][0])
    np.testing.assert_allclose(found.low_uv[late, 0], 100 / np.sqrt(2) * gain, rtol=0.05)
    assert found.power_ratio[late, 0] == pytest.approx((50 / 100 / gain) ** 2, rel=0.2)


def test_result_does_not_depend_on_the_blocks():
    x = np.random.default_rng(1).standard_normal((40 * PER_STEP, 3)) * 100 + 1000
    whole, pieces = measured(x, 1, slope=20.0), measured(x, 13, slope=20.0)
    for name in vars(whole):
        np.testing.assert_array_equal(getattr(whole, name), getattr(pieces, name))


def test_an_offset_leaves_no_transient():
    found = measured(np.full((10 * PER_STEP, 1), 5000.0))
    assert (found.line_length_uv_s < 1e-2).all()
    assert (found.fault == FLAT).all()


def test_spikes_of_the_right_width_are_counted_and_others_are_not():
    t = np.arange(int(20 * RATE)) / RATE
    at = np.arange(0.25, 20, 0.5)  # two each second

    def train(sigma_s, size=500.0):
        return size * np.exp(-0.5 * ((t[:, None] - at) / sigma_s) ** 2).sum(axis=1)

    x = np.stack([train(0.007), train(0.001, 1000.0), sine(8.0, 300.0), train(0.007, 50.0)], axis=1)
    rates = np.nanmean(measured(x, slope=10.0).spikes_per_s[4:], axis=0)
    assert rates[0] == pytest.approx(2.0)
    np.testing.assert_array_equal(rates[1:], 0.0)


def test_faults_are_named():
    rng = np.random.default_rng(2)
    n = 40 * PER_STEP
    t = np.arange(n) / RATE
    x = rng.standard_normal((n, 4)) * 30
    x[n // 2 :, 1] = np.clip(x[n // 2 :, 1] * 1e4, -6000, 6000)
    x[n // 2 :, 2] = 7.0
    x[n // 2 :, 3] += 2000 * np.sin(2 * np.pi * 50 * t[n // 2 :])
    fault = measured(x, limit=5999.0).fault
    assert (fault[:20] == OK).all()
    late = fault[24:]
    for channel, code in enumerate((OK, SATURATED, FLAT, MAINS)):
        assert (late[:, channel] == code).all()


def test_an_open_input_is_white_and_a_silent_brain_is_not():
    rng = np.random.default_rng(5)
    white = 10.0 * rng.standard_normal(round(20 * RATE))
    slow = np.convolve(white, np.ones(250) / 25, "same")  # falls from 5 Hz on
    found = measured(np.c_[white, 10 * white, slow])
    assert (found.fault[4:, 0] == FLAT).all()
    assert (found.fault[4:, 1:] == OK).all()


def test_common_share_is_one_for_one_source_and_1_over_n_for_many():
    rng = np.random.default_rng(3)
    one = rng.standard_normal((60 * PER_STEP, 1)) * 50
    many = rng.standard_normal((60 * PER_STEP, 8)) * 50
    same = measured(np.repeat(one, 8, axis=1))
    np.testing.assert_allclose(same.common_band, 1.0, rtol=1e-4)
    np.testing.assert_allclose(same.common_fast, 1.0, rtol=1e-4)
    apart = measured(many)
    assert np.median(apart.common_fast) == pytest.approx(1 / 8, rel=0.3)
    # a ninth channel, the EMG, is no part of it
    with_emg = measured(np.c_[many, one * 100], n_together=8)
    np.testing.assert_array_equal(with_emg.common_band, apart.common_band)


def test_too_slow_signals_are_refused_with_a_remedy():
    with pytest.raises(RecordingError, match="at least 200 Hz"):
        design_filters(100.0, 50.0)


def test_slow_signals_have_no_muscle_band():
    assert not design_filters(250.0, 50.0).has_fast
    assert design_filters(1000.0, 60.0).has_fast


def test_usual_slope_is_that_of_the_quiet_excerpts():
    rng = np.random.default_rng(4)
    pieces = [rng.standard_normal((12500, 2)).astype(np.float32) * 20 for _ in range(9)]
    filters = design_filters(RATE, 50.0)
    usual = robust_slope_uv(pieces, filters)
    loud = [p * 50 if i < 4 else p for i, p in enumerate(pieces)]
    np.testing.assert_allclose(robust_slope_uv(loud, filters), usual, rtol=0.05)


def test_usual_slope_is_that_of_the_living_excerpts():
    rng = np.random.default_rng(4)
    filters = design_filters(RATE, 50.0)
    living = [rng.standard_normal((5000, 2)).astype(np.float32) * 20 for _ in range(8)]
    usual = robust_slope_uv(living, filters)
    for dead_uv in (0.0, 5.0):  # nine of ten are dead, or noise of the amplifier
        dead = [rng.standard_normal((5000, 2)).astype(np.float32) * dead_uv for _ in range(72)]
        found = robust_slope_uv([*living, *dead], filters, 1.0, 7)
        np.testing.assert_allclose(found, usual, rtol=0.05)
    # a seizure in two neighbouring excerpts is no sustained level
    loud = [x * 50 if i in (3, 4) else x for i, x in enumerate(living)]
    np.testing.assert_allclose(robust_slope_uv(loud, filters, 1.0, 7), usual, rtol=0.05)
    silent = [x * 0 for x in living]
    np.testing.assert_array_equal(robust_slope_uv(silent, filters, 1.0, 7), 0.0)


def test_without_a_muscle_band_nothing_is_known_of_what_is_common_there():
    x = np.random.default_rng(6).standard_normal((5000, 3)).astype(np.float32) * 50
    filters = design_filters(250.0, 50.0)
    sums = StepSums.zeros(40, 3)
    pass_block(
        x, np.arange(5000) // 125, sums, filters, start_segment(3, filters), np.full(3, np.inf),
        np.full(3, np.inf), 3,
    )  # fmt: skip
    found = measures_of(sums, filters, 3, SETTINGS)
    assert np.isnan(found.common_fast).all()
    assert np.isfinite(found.common_band).all()


def test_each_end_of_the_converter_has_its_own_limit():
    x = np.zeros((4 * PER_STEP, 1), np.float32)
    x[PER_STEP : 2 * PER_STEP] = -150.0
    x[3 * PER_STEP :] = 150.0
    filters = design_filters(RATE, 50.0)
    for limits, limited in (([-100, 400], [1]), ([-400, 100], [3]), ([-np.inf, 100], [3])):
        sums = StepSums.zeros(4, 1)
        pass_block(
            x, np.arange(len(x)) // PER_STEP, sums, filters, start_segment(1, filters),
            np.full(1, np.inf), np.array(limits, float)[:, None], 1,
        )  # fmt: skip
        assert np.flatnonzero(sums.sums[:, LIMITED, 0]).tolist() == limited
