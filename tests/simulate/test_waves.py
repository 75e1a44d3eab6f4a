import numpy as np
import pytest
from scipy import signal

from vigil.simulate.courses import draw_course
from vigil.simulate.seizure import PATTERNS, Seizure
from vigil.simulate.waves import Waves

RATE_HZ = 2000
PEAK_UV = 800.0
TIME_S = np.arange(90 * RATE_HZ, 150 * RATE_HZ) / RATE_HZ


def seizure(pattern, number=0, gain=1.0, delay_s=3.0, duration_s=40.0):
    rng = np.random.default_rng((number, PATTERNS.index(pattern)))
    reach = {"cortex": 1.0, "thalamus": 0.7}
    course = draw_course(rng, pattern, duration_s, gain, reach, False)
    delays = {"cortex": 0.0, "thalamus": delay_s}
    return Seizure(100.0, duration_s, 0.0, "cortex", delays, False, pattern, gain, True, course)


def field(s, region="cortex", order=0, time_s=TIME_S):
    return Waves(s, np.random.default_rng(5)).field_uv(region, order, time_s, PEAK_UV)


def strongest_hz(x, low=1.0):
    hz, power = signal.welch(x, RATE_HZ, nperseg=min(len(x), 2 * RATE_HZ))
    return hz[hz >= low][np.argmax(power[hz >= low])]


def piece(x, start_s, stop_s):
    return x[(start_s + 100 <= TIME_S) & (stop_s + 100 > TIME_S)]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("number", range(4))
def test_nothing_before_the_onset_and_after_the_end(pattern, number):
    s = seizure(pattern, number)
    for region, order in (("cortex", 0), ("thalamus", 3)):
        x = field(s, region, order)
        begins_s = 100 + s.delay_s[region]
        assert not x[begins_s > TIME_S].any()
        assert not x[TIME_S >= 140].any()
        # it begins at once and lasts to the end
        assert np.abs(x[(begins_s <= TIME_S) & (begins_s + 0.5 > TIME_S)]).max() > 5
        assert np.abs(x[(TIME_S > 138.5) & (TIME_S < 139.8)]).max() > 50
    assert not field(s, "amygdala").any()


@pytest.mark.parametrize("number", range(6))
def test_low_voltage_fast_activity_is_low_and_fast(number):
    s = seizure("low_voltage_fast", number)
    fast = piece(field(s), 0.6, 0.75 * s.course.fast_s)
    assert 40 <= strongest_hz(fast, 8) <= 105
    assert fast.std() < 45
    assert 2 <= s.course.fast_s <= 6
    late = piece(field(s), 20, 30)
    assert late.std() > 4 * fast.std()
    assert 2.5 < strongest_hz(late) < 40


def test_a_herald_spike_comes_often_but_not_always():
    heralds = [seizure("low_voltage_fast", n).course.herald for n in range(60)]
    assert 0.5 < np.mean(np.array(heralds) > 0) < 0.8
    with_one = next(n for n in range(60) if heralds[n] > 0)
    x = piece(field(seizure("low_voltage_fast", with_one)), 0, 0.1)
    assert x.min() < -0.8 * heralds[with_one] * PEAK_UV


@pytest.mark.parametrize("number", range(6))
def test_theta_is_rhythmic_grows_and_changes_its_frequency(number):
    s = seizure("rhythmic_theta", number)
    x = field(s)
    assert 4 <= strongest_hz(piece(x, 0, 4)) <= 9
    assert 4 <= strongest_hz(piece(x, 15, 25)) <= 9.5
    assert piece(x, 12, 16).std() > 2 * piece(x, 0, 2).std()
    # moderate harmonics: most of the power is in the rhythm itself
    theta = signal.sosfiltfilt(signal.butter(2, (3, 11), "bandpass", fs=RATE_HZ, output="sos"), x)
    assert 0.65 < piece(theta, 2, 12).var() / piece(x, 2, 12).var() < 1
    hz = [h for _, h in s.course.hz]
    assert hz[1] > hz[0]
    assert hz[1] > hz[2]


@pytest.mark.parametrize("number", range(6))
def test_hypersynchronous_spikes_are_high_and_periodic(number):
    s = seizure("hypersynchronous", number)
    x = field(s)
    lasts_s = s.course.hz[1][0]
    first = piece(x, 0, lasts_s)
    peaks, _ = signal.find_peaks(-first, height=0.45 * PEAK_UV, distance=0.2 * RATE_HZ)
    assert 4 <= lasts_s <= 10
    per_s = len(peaks) / lasts_s
    assert 1 <= per_s <= 3.2
    gaps = np.diff(peaks) / RATE_HZ
    assert gaps.std() < 0.15 * gaps.mean()
    # the first spike is there at once
    assert peaks[0] < 0.1 * RATE_HZ
    assert s.course.hz[2][1] > 2 * per_s


@pytest.mark.parametrize("number", range(6))
def test_a_slow_build_up_rises_in_amplitude_and_frequency(number):
    s = seizure("slow_build_up", number)
    x = field(s)
    builds_s = s.course.hz[1][0]
    assert 8 <= builds_s <= 15
    first, middle, last = (
        piece(x, *span).std() for span in ((0, 2), (builds_s - 5, builds_s - 3), (builds_s, 20))
    )
    assert first < 75
    assert first < middle < last
    assert s.course.hz[0][1] < 3.5 < 7 <= s.course.hz[1][1]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_any_stretch_has_the_same_outcome(pattern):
    s = seizure(pattern)
    whole = field(s)
    waves = Waves(s, np.random.default_rng(5))
    parts = [waves.field_uv("cortex", 0, t, PEAK_UV) for t in np.split(TIME_S, [21_000, 70_001])]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_gain_scales_the_discharges(pattern):
    levels = [piece(field(seizure(pattern, 1, gain)), 22, 28).std() for gain in (0.5, 1.5)]
    assert levels[1] == pytest.approx(3 * levels[0], rel=0.25)


def test_slow_signals_fall_while_there_is_fast_activity():
    s = seizure("low_voltage_fast")
    factor = Waves(s, np.random.default_rng(5)).rest("cortex", TIME_S)
    assert factor[TIME_S < 100].min() == factor[TIME_S > 112].min() == 1
    assert factor.min() == pytest.approx(0.4)
    waves = Waves(seizure("rhythmic_theta"), np.random.default_rng(5))
    assert waves.rest("cortex", TIME_S) is None


def test_some_seizures_end_in_bursts():
    clonic = [seizure("slow_build_up", n).course.clonic_s for n in range(40)]
    assert 0.3 < np.mean(np.array(clonic) > 0) < 0.7
    number = int(np.argmax(clonic))
    x = piece(field(seizure("slow_build_up", number)), 40 - clonic[number], 39.5)
    quiet = np.abs(x[: len(x) // 200 * 200]).reshape(-1, 200).max(axis=1) < 5
    assert 0.1 < quiet.mean() < 0.7
