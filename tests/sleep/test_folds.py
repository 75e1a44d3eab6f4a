"""What is left out, and what may be learnt from then."""

import numpy as np
import pandas as pd
import pytest

from vigil.recording import RecordingError
from vigil.sleep.folds import GUARD_EPOCHS, LabelledRecording, make_folds

CYCLE = np.array((["wake"] * 30 + ["nrem"] * 30 + ["rem"] * 20) * 10)


def recording(name, animal, labels=CYCLE):
    n = len(labels)
    return LabelledRecording(
        name, animal, np.arange(n) * 4.0, pd.DataFrame(), labels, labels, pd.Series(), None
    )


def test_each_animal_is_left_out_with_all_its_recordings():
    recordings = [recording("a1", "a"), recording("a2", "a"), recording("b1", "b")]
    folds = make_folds(recordings, 5)
    assert [f.animal for f in folds] == ["a", "b"]
    assert set(folds[0].held) == {"a1", "a2"}
    assert not folds[0].learns_from(recordings[1]).any()
    assert folds[0].learns_from(recordings[2]).all()


def test_of_one_animal_blocks_of_time_are_left_out_with_a_guard_around_them():
    recordings = [recording("a1", "a"), recording("a2", "a")]
    folds = make_folds(recordings, 4)
    assert [f.name for f in folds] == ["block1", "block2", "block3", "block4"]
    covered = np.zeros((2, len(CYCLE)), dtype=int)
    for fold in folds:
        for name, (first, last) in fold.held.items():
            covered[int(name[1]) - 1, first:last] += 1
    assert (covered == 1).all()
    first, last = folds[1].held["a1"]
    seen = np.flatnonzero(~folds[1].learns_from(recordings[0]))
    assert (seen.min(), seen.max() + 1) == (first - GUARD_EPOCHS, len(CYCLE))
    assert last == len(CYCLE)


def test_blocks_hold_as_many_labels_each_however_they_lie():
    labels = CYCLE.copy()
    labels[:400] = "unclassified"
    recordings = [recording("a1", "a", labels)]
    folds = make_folds(recordings, 4)
    counts = [int(np.isin(labels[slice(*f.held["a1"])], ("wake", "nrem", "rem")).sum())
              for f in folds]  # fmt: skip
    assert counts == [100, 100, 100, 100]
    assert folds[0].held["a1"][0] == 0


def test_where_one_animal_alone_has_rem_blocks_take_the_place_of_animals():
    without = np.where(CYCLE == "rem", "nrem", CYCLE)
    folds = make_folds([recording("a1", "a"), recording("b1", "b", without)], 5)
    assert all(f.animal == "" for f in folds)


def test_labels_that_lack_a_state_are_refused():
    without = np.where(CYCLE == "rem", "nrem", CYCLE)
    with pytest.raises(RecordingError, match="too little rem"):
        make_folds([recording("a1", "a", without)], 5)
