from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from vigil.folds import EVERYTHING
from vigil.recording import RecordingError
from vigil.seizures.trained.folds import FEWEST_TO_LEARN, GUARD_S, make_folds

STEP_S = 0.5
THREE = [("loud", 300, 330), ("loud", 900, 930), ("loud", 1500, 1530)]


def test_each_animal_is_left_out_whole(made_up):
    recordings = [
        made_up.recording("a1", "a", 1, THREE[:2]),
        made_up.recording("a2", "a", 2, []),
        made_up.recording("b1", "b", 3, THREE[:2]),
    ]
    folds = make_folds(recordings, 5)
    assert [f.animal for f in folds] == ["a", "b"]
    assert set(folds[0].held) == {"a1", "a2"}
    assert not folds[0].learns_from(recordings[0]).any()
    assert not folds[0].learns_from(recordings[1]).any()
    assert folds[0].learns_from(recordings[2]).all()
    assert EVERYTHING.learns_from(recordings[0]).all()


def test_of_one_animal_blocks_are_left_out_with_a_guard_and_no_seizure_is_cut(made_up):
    (r,) = [made_up.recording("a1", "a", 1, THREE)]
    folds = make_folds([r], 5)
    assert len(folds) == 3
    edges = [f.held["a1"] for f in folds]
    assert edges[0][0] == 0
    assert edges[-1][1] == r.n_steps
    assert all(a[1] == b[0] for a, b in pairwise(edges))
    assert edges[0][1] * STEP_S == 615.0  # halfway between two seizures
    guard = round(GUARD_S / STEP_S)
    seen = folds[1].learns_from(r)
    first, last = folds[1].held["a1"]
    assert not seen[first - guard : last + guard].any()
    assert seen[: first - guard].all()
    assert seen[last + guard :].all()


def test_where_one_animal_has_all_seizures_blocks_are_left_out(made_up):
    recordings = [made_up.recording("a1", "a", 1, THREE), made_up.recording("b1", "b", 2, [])]
    folds = make_folds(recordings, 3)
    assert not any(f.animal for f in folds)
    assert sum(last - first for f in folds for first, last in f.held.values()) == sum(
        r.n_steps for r in recordings
    )
    for fold in folds:
        left = sum(int(fold.learns_from(recordings[0])[round(a / STEP_S)]) for _, a, _ in THREE)
        assert left >= FEWEST_TO_LEARN


def test_too_few_seizures_or_no_background_are_refused(made_up):
    with pytest.raises(RecordingError, match="hold 2 seizures"):
        make_folds([made_up.recording("a", "a", 1, THREE[:2])], 5)
    r = made_up.recording("a", "a", 1, THREE)
    r = replace(r, labels=np.ones_like(r.labels))
    with pytest.raises(RecordingError, match="leave 0 s of background"):
        make_folds([r], 5)
    near = [("loud", 300 + 45 * i, 330 + 45 * i) for i in range(3)]
    with pytest.raises(RecordingError, match="too close together"):
        make_folds([made_up.recording("a", "a", 1, near)], 5)


def test_a_seizure_shorter_than_a_step_does_not_count_towards_the_fewest(made_up):
    """Between the middles of two steps no step is labelled; nothing could be learnt from it."""
    r = made_up.recording("a1", "a", 1, THREE)
    short = tuple((100.0 * k + 0.3, 100.0 * k + 0.4) for k in range(4, 8))
    few = replace(r, seizures=short, labels=np.zeros_like(r.labels))
    with pytest.raises(RecordingError, match="hold no seizures that could be learnt from"):
        make_folds([few], 5)
