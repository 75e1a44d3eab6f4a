"""Counts of raw windows whose content is known."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vigil.downsample.tally import RawTally


def windows(text):
    """Extremes of windows: `~` has a signal, `_` none."""
    live = np.array([c == "~" for c in text])
    return np.where(live, -5, 3).astype(np.int16), np.full(len(text), 3, np.int16)


def tally(*pieces):
    t = RawTally()
    for text in pieces:
        t.add(*windows(text), saturated=len(text), samples=100 * len(text))
    return t


def test_a_drop_out_lies_between_windows_with_a_signal():
    t = tally("__~~___~_~____~__")
    assert (t.windows, t.flat_windows) == (17, 12)
    assert (t.drop_outs, t.dropped_windows) == (2, 7)  # one window alone is none
    assert t.silent_end_windows == 2
    assert t.flat_share == 12 / 17


def test_a_channel_without_a_signal_has_no_drop_out():
    t = tally("____", "___")
    assert (t.drop_outs, t.dropped_windows, t.silent_end_windows) == (0, 0, 7)
    assert t.flat_share == 1.0


def test_saturation_counts_samples():
    t = tally("~~", "")
    t.add(*windows(""), saturated=3, samples=50)
    assert (t.samples, t.saturated) == (250, 5)
    assert t.saturated_share == 0.02


def test_nothing_seen_is_no_fault():
    assert (RawTally().flat_share, RawTally().saturated_share) == (0.0, 0.0)


@given(st.text("~_", max_size=40), st.lists(st.integers(0, 40), max_size=6))
def test_the_pieces_do_not_matter(text, cuts):
    borders = [0, *sorted(min(c, len(text)) for c in cuts), len(text)]
    pieces = [text[a:b] for a, b in itertools.pairwise(borders)]
    assert tally(*pieces) == tally(text)
