"""Which rows an epoch is made of when there are gaps."""

import numpy as np
import pytest

from vigil.recording import Segments, epoch_starts_s
from vigil.spectra.epochs import place_windows


def test_without_gaps_epochs_follow_each_other():
    segments = Segments((0.0,), (20.0,), (25000,), 1250.0)
    w = place_windows(segments, epoch_starts_s(20.0, 4.0), 4.0)
    assert w.first_row.tolist() == [0, 5000, 10000, 15000, 20000]
    assert (w.valid == 1).all()


def test_epochs_at_a_gap_carry_the_fraction_that_is_valid():
    # samples until 10 s and from 15 s on
    segments = Segments((0.0, 15.0), (10.0, 24.0), (12500, 11250), 1250.0)
    w = place_windows(segments, epoch_starts_s(24.0, 4.0), 4.0)
    assert w.valid == pytest.approx([1, 1, 0.5, 0.25, 1, 1])
    assert w.first_row.tolist() == [0, 5000, -1, -1, 12500 + 1250, 12500 + 6250]


def test_a_segment_that_ends_between_two_samples_keeps_its_last_epoch():
    segments = Segments((0.0,), (8.0,), (9999,), 1250.0)
    w = place_windows(segments, epoch_starts_s(8.0, 4.0), 4.0)
    assert w.first_row.tolist() == [0, 4999]


GAP = Segments((0.0, 15.0), (10.0, 24.0), (12500, 11250), 1250.0)


def test_blocks_hold_all_whole_windows_once_and_never_span_a_gap():
    w = place_windows(GAP, epoch_starts_s(24.0, 4.0), 4.0)
    blocks = [(s.windows, s.first, s.last) for s in w.stretches(3)]
    assert [which.tolist() for which, _, _ in blocks] == [[0, 1], [4, 5]]
    assert [(a, b) for _, a, b in blocks] == [(0, 10000), (13750, 23750)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_blocks_of_any_size_hold_the_same_windows(size):
    segments = Segments((0.0, 100.0, 131.0), (99.0, 130.5, 133.0), (99000, 30500, 2000), 1000.0)
    w = place_windows(segments, np.arange(0, 130, 0.5), 2.0)
    stretches = list(w.stretches(size, 300))
    assert np.concatenate([s.windows for s in stretches]).tolist() == (
        np.flatnonzero(w.first_row >= 0).tolist()
    )
    for s in stretches:
        assert 1 <= len(s.windows) <= size
        assert s.first == w.first_row[s.windows[0]]
        assert s.last == w.first_row[s.windows[-1]] + w.n_rows
        a = segments.first_rows[s.segment]
        b = a + segments.rows[s.segment]
        assert a <= s.first < s.last <= b
        assert (s.read_first, s.read_last) == (max(s.first - 300, a), min(s.last + 300, b))


def test_margins_end_with_the_segment():
    w = place_windows(GAP, epoch_starts_s(24.0, 4.0), 4.0)
    margins = [(s.read_first, s.read_last) for s in w.stretches(2, 4000)]
    assert margins == [(0, 12500), (12500, 23750)]
    assert [s.segment for s in w.stretches(2, 4000)] == [0, 1]


def test_rows_between_windows_that_lie_far_apart_are_not_read():
    segments = Segments((0.0,), (200.0,), (200000,), 1000.0)
    w = place_windows(segments, np.arange(0, 198, 60.0), 2.0)
    assert [s.last - s.first for s in w.stretches(64)] == [2000] * 4


def test_without_a_whole_window_there_is_no_block():
    w = place_windows(Segments((0.0,), (3.0,), (3000,), 1000.0), np.array([0.0]), 4.0)
    assert list(w.stretches(8, 100)) == []
