"""What gaps and artefacts take from epochs, and that blocks do not matter."""

import numpy as np
import pytest

from vigil.downsample.files import create_lfp, open_lfp
from vigil.recording import Montage, Segments, epoch_starts_s
from vigil.spectra import validity
from vigil.spectra.artefacts import DISCONNECTED, MOVEMENT, SATURATED, limits_in_steps
from vigil.spectra.epochs import place_windows
from vigil.spectra.settings import Settings
from vigil.spectra.validity import (
    codes_of_epochs,
    held_share,
    judge_epochs,
    mark_artefacts,
    median_of_clean,
    no_artefacts,
)

RATE = 1250.0
SEGMENTS = Segments((0.0, 15.0, 40.3), (10.0, 39.9, 60.0), (12500, 31125, 24625), RATE)
LIMITS = limits_in_steps(np.full(6, 0.1), RATE, 2000.0, 10000.0)


def store():
    """Rows of six channels, with artefacts of all kinds at many places."""
    rng = np.random.default_rng(5)
    x = rng.normal(0, 1000, (SEGMENTS.n_rows, 6)).astype(np.int16)
    for row in rng.integers(0, len(x) - 2000, 60):
        channel = rng.integers(6)
        what = rng.integers(3)
        if what == 0:
            x[row : row + 3, channel] = 32300
        elif what == 1:
            x[row : row + 2, channel] = [-20000, 20000]
        else:
            x[row : row + rng.integers(300, 1500), channel] = 12
    return x


def codes_by_blocks(x, size, epoch_s=4.0, margin=5000):
    starts = epoch_starts_s(SEGMENTS.duration_s, epoch_s)
    windows = place_windows(SEGMENTS, starts, epoch_s)
    codes = no_artefacts(len(starts), epoch_s, x.shape[1])
    for s in windows.stretches(size, margin):
        mark_artefacts(
            codes, x[s.read_first : s.read_last], s.read_first, SEGMENTS, epoch_s, LIMITS
        )
    return codes


@pytest.mark.parametrize("epoch_s", [4.0, 2.1, 1.0])
def test_codes_do_not_depend_on_the_blocks(epoch_s):
    x = store()
    whole = codes_by_blocks(x, 1000, epoch_s)
    assert np.bitwise_or.reduce(whole, axis=None) == SATURATED | MOVEMENT | DISCONNECTED
    for size in (1, 2, 5):
        assert np.array_equal(codes_by_blocks(x, size, epoch_s), whole)
    # of whole epochs they are complete with the margin of the rules alone
    windows = place_windows(SEGMENTS, epoch_starts_s(SEGMENTS.duration_s, epoch_s), epoch_s)
    inside = windows.first_row >= 0
    narrow = codes_by_blocks(x, 3, epoch_s, LIMITS.margin)
    assert np.array_equal(narrow[inside], whole[inside])


def test_codes_lie_where_the_artefact_was():
    x = np.random.default_rng(6).normal(0, 1000, (SEGMENTS.n_rows, 6)).astype(np.int16)
    # 41.05 s is 0.75 s into the last segment: window 4 of epoch 10
    x[12500 + 31125 + 937, 2] = 32767
    assert np.argwhere(codes_by_blocks(x, 3)).tolist() == [[10, 4, 2]]


def test_an_epoch_that_a_gap_cuts_is_looked_at_on_both_sides():
    x = np.random.default_rng(7).normal(0, 1000, (SEGMENTS.n_rows, 6)).astype(np.int16)
    x[12500 - 100, :] = 32767  # at 9.92 s, a jump of 3 mV
    x[12500 + 100, :] = 32767  # at 15.08 s
    codes = codes_by_blocks(x, 3)
    assert np.unique(np.argwhere(codes)[:, :2], axis=0).tolist() == [[2, 7], [3, 12]]
    quality = judge_epochs(codes, held_share(SEGMENTS, 0, 15, 4.0))
    assert quality.valid[:4] == pytest.approx([1, 1, 0.5 - 1 / 16, 0.25 - 1 / 16])
    assert quality.reason[:4].tolist() == ["", "", *["gap, saturated, movement artefact"] * 2]


def test_windows_hold_what_lies_in_segments():
    held = held_share(SEGMENTS, 0, 15, 4.0)
    assert held.shape == (15, 16)
    valid = place_windows(SEGMENTS, epoch_starts_s(60.0, 4.0), 4.0).valid
    assert held.mean(axis=1) == pytest.approx(valid)
    # 39.9 s to 40.3 s are missing
    assert held[9, -1] == pytest.approx(0.6)
    assert held[10, :2] == pytest.approx([0, 0.8])
    assert (held[4:9] == 1).all()


WHOLE = np.ones((1, 4))


def judged(windows, held=WHOLE):
    """Valid and reason of one epoch from the codes of (window, channel)."""
    quality = judge_epochs(np.array([windows], np.uint8), held)
    return quality.valid[0], quality.reason[0]


def test_valid_is_the_share_of_the_channels_time_without_artefact():
    clean, half, most = [0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0]
    assert judged([clean] * 4) == (1.0, "")
    assert judged([half] * 4) == (0.5, "saturated")
    assert judged([clean, most, clean, clean]) == (1 - 3 / 16, "saturated")
    assert judged([[1, 1, 1, 1]] * 4) == (0.0, "saturated")


def test_all_reasons_are_told():
    clean, moved, mixed, off = [0, 0, 0, 0], [2, 2, 2, 0], [3, 3, 2, 1], [4, 4, 4, 4]
    assert judged([moved, clean, clean, clean]) == (1 - 3 / 16, "movement artefact")
    assert judged([mixed, off, clean, clean]) == (0.5, "saturated, movement artefact, disconnected")


def test_gaps_and_artefacts_are_taken_together():
    held = np.array([[0.0, 0.5, 1.0, 1.0]])
    clean, off = [0, 0], [4, 4]
    assert judged([clean] * 4, held) == (0.625, "gap")
    assert judged([clean, off, clean, clean], held) == (0.5, "gap, disconnected")


def test_the_median_is_that_of_clean_channels():
    values = np.array([[1.0, 1.0, 1.0], [2.0, 2.0, np.nan], [6.0, 6.0, 6.0]])
    clean = np.array([[True, True, True], [True, False, True], [False, True, False]])
    assert np.array_equal(median_of_clean(values, clean), [2.0, 3.5, np.nan], equal_nan=True)
    several = np.stack([values, 10 * values], axis=2)
    medians = median_of_clean(several, clean)
    assert np.array_equal(medians[:, 1], [20.0, 35.0, np.nan], equal_nan=True)


def test_the_whole_recording_is_looked_at_also_where_no_epoch_is_whole(tmp_path):
    """Each window of 0.25 s, also in a short segment between gaps and after the last epoch."""
    segments = Segments((0.0, 12.5, 20.0), (12.0, 19.5, 31.9), (15000, 8750, 14875), RATE)
    rng = np.random.default_rng(3)
    x = rng.normal(0, 200, (segments.n_rows, 2)).astype(np.int16)
    at_s = segments.time_s(np.arange(segments.n_rows))
    x[(at_s >= 14) & (at_s < 14.5)] = 32767
    x[(at_s >= 30) & (at_s < 30.5), 1] = 32767
    montage = Montage(("a", "b"), ("ca1", "cx"), ("", ""), ("lfp", "lfp"))
    create_lfp(tmp_path / "lfp.zarr", montage, segments, [0.1] * 2)[:] = x
    lfp = open_lfp(tmp_path / "lfp.zarr")
    codes = codes_of_epochs(lfp, {"ca1": [0], "cx": [1]}, Settings(), 0, 8)
    assert codes.shape == (8, 16, 2)
    marked = np.flatnonzero(codes.reshape(-1, 2)[:, 0] & SATURATED) * 0.25
    assert marked.tolist() == [14.0, 14.25]
    marked = np.flatnonzero(codes.reshape(-1, 2)[:, 1] & SATURATED) * 0.25
    assert marked.tolist() == [14.0, 14.25, 30.0, 30.25]


def test_codes_do_not_depend_on_which_epochs_are_asked_for(tmp_path, monkeypatch):
    names = tuple("abcdef")
    montage = Montage(names, names, ("",) * 6, ("lfp",) * 6)
    create_lfp(tmp_path / "lfp.zarr", montage, SEGMENTS, [0.1] * 6)[:] = store()
    lfp, regions = open_lfp(tmp_path / "lfp.zarr"), {name: [i] for i, name in enumerate(names)}
    whole = codes_of_epochs(lfp, regions, Settings(), 0, 15)
    assert np.bitwise_or.reduce(whole, axis=None) == SATURATED | MOVEMENT | DISCONNECTED
    monkeypatch.setattr(validity, "ROWS_AT_ONCE", 3000)
    for size in (1, 2, 7):
        parts = [
            codes_of_epochs(lfp, regions, Settings(), a, min(a + size, 15))
            for a in range(0, 15, size)
        ]
        assert np.array_equal(np.concatenate(parts), whole)
