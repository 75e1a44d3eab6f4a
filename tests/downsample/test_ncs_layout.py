"""Where the gaps of a .ncs file are, from all its headers and from a few."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vigil.downsample.ncs_layout import (
    Run,
    Stretch,
    effective_rate_hz,
    join_stretches,
    scan_stretches,
    search_stretches,
)

STEP_US = 16_000.0  # 512 samples at 32 kHz


def headers(lengths, pauses_us, last_valid=512, rate_hz=32000.0, jitter_us=0.0, seed=0):
    """Timestamps and valid samples of stretches of so many records, with pauses between."""
    times, valid = [], []
    start = 1e7
    for n, pause_us in zip(lengths, pauses_us, strict=True):
        times.append(start + np.arange(n) * 512e6 / rate_hz)
        valid.append(np.array([512] * (n - 1) + [last_valid]))
        start = times[-1][-1] + last_valid * 1e6 / rate_hz + pause_us
    jitter = np.random.default_rng(seed).uniform(-jitter_us, jitter_us, sum(lengths))
    return np.floor(np.concatenate(times) + jitter), np.concatenate(valid)


def search(timestamp_us, n_valid, rate_hz=32000.0, known_us=4e6):
    probes = []

    def stamp(record):
        probes.append(record)
        return float(timestamp_us[record]), int(n_valid[record])

    return search_stretches(stamp, len(timestamp_us), rate_hz, known_us), probes


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 3000), st.floats(200, 1e9)), min_size=1, max_size=8),
    st.integers(1, 512),
    st.floats(31_990, 32_010),
    st.floats(0, 4),
)
def test_a_search_finds_what_a_scan_finds(stretches, last_valid, rate_hz, jitter_us):
    lengths, pauses = zip(*stretches, strict=True)
    # a pause that makes up for a short record, alone or with others, shows only while reading
    late_us = np.cumsum([0.0, *(p - (512 - last_valid) * 1e6 / rate_hz for p in pauses[:-1])])
    assume(np.diff(np.sort(late_us)).min(initial=np.inf) > 150)
    times, valid = headers(lengths, pauses, last_valid, rate_hz, jitter_us)
    (found, rate), _ = search(times, valid, effective_rate_hz(times[:512], valid[:512], 32000.0))
    scanned_rate = effective_rate_hz(times, valid, 32000.0)
    scanned = scan_stretches(times, valid, scanned_rate)
    assert [(s.first, s.last, s.n_valid) for s in found] == [
        (s.first, s.last, s.n_valid) for s in scanned
    ]
    assert join_stretches(found, rate) == join_stretches(scanned, scanned_rate)
    assert rate == pytest.approx(scanned_rate, rel=1e-4)


def test_a_day_without_gaps_takes_a_few_headers():
    times, valid = headers([5_400_000], [0])
    (found, rate), probes = search(times, valid)
    assert found == [Stretch(0, 5_400_000, times[0], times[-1], 512)]
    assert rate == 32000
    assert len(probes) < 100


def test_a_crystal_that_is_off_is_measured_on_the_way():
    times, valid = headers([2_000_000], [0], rate_hz=32000 * (1 + 4e-5))
    known = effective_rate_hz(times[:512], valid[:512], 32000.0)
    (found, rate), probes = search(times, valid, known)
    assert len(found) == 1
    assert rate == pytest.approx(32000 * (1 + 4e-5), rel=1e-9)
    assert len(probes) < 100


def test_very_many_gaps_are_left_to_a_scan():
    times, valid = headers([3] * 5000, [1e5] * 5000)
    found, _ = search(times, valid)
    assert found is None


def test_a_clock_that_goes_back_begins_anew():
    times = np.array([0.0, 16000.0, 32000.0, 5000.0, 21000.0])
    runs = join_stretches(scan_stretches(times, np.full(5, 512), 32000.0), 32000.0)
    assert runs == [Run(0.0, 0, 1536, 0), Run(5000.0, 1536, 1024, 1)]


def test_a_short_record_without_a_gap_splits_no_run():
    times, valid = headers([4, 3], [0.0, 0.0], last_valid=100)
    stretches = scan_stretches(times, valid, 32000.0)
    assert [s.n_samples for s in stretches] == [1636, 1124]
    assert join_stretches(stretches, 32000.0) == [Run(times[0], 0, 2760)]


def test_timestamps_win_over_a_header_that_states_another_rate():
    timestamps = 17920.0 * np.arange(10)
    rate = effective_rate_hz(timestamps, np.full(10, 512), 27789.0)
    assert rate == pytest.approx(512e6 / 17920)


def test_rounding_of_timestamps_does_not_change_the_rate():
    timestamps = np.floor(512e6 / 24000 * np.arange(50))
    assert effective_rate_hz(timestamps, np.full(50, 512), 24000.0) == 24000.0


def test_a_gap_after_every_record_is_no_other_rate():
    timestamps = 66_000.0 * np.arange(40)
    full = np.full(40, 512)
    assert effective_rate_hz(timestamps, full, 32000.0, confirmed=True) == 32000.0
    assert effective_rate_hz(timestamps, full, 32000.0) == pytest.approx(512e6 / 66_000)
    # neither a little slower nor faster can be gaps
    for step_us in (16_500.0, 12_000.0):
        rate = effective_rate_hz(step_us * np.arange(40), full, 32000.0, confirmed=True)
        assert rate == pytest.approx(512e6 / step_us)
