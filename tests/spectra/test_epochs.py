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


def test_blocks_hold_all_whole_windows_once():
    segments = Segments((0.0, 15.0), (10.0, 24.0), (12500, 11250), 1250.0)
    w = place_windows(segments, epoch_starts_s(24.0, 4.0), 4.0)
    blocks = list(w.blocks(3))
    assert np.concatenate([which for which, _, _ in blocks]).tolist() == [0, 1, 4, 5]
    assert [(a, b) for _, a, b in blocks] == [(0, 18750), (18750, 23750)]
