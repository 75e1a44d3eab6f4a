from dataclasses import replace

import numpy as np
import pytest

from vigil.folds import EVERYTHING, Fold
from vigil.seizures.trained.folds import make_folds
from vigil.seizures.trained.model import raw_probabilities
from vigil.seizures.trained.train import (
    choose_steps,
    gather,
    gather_all,
    learn,
    make_model,
    seen_by,
)

STEP_S = 0.5
PLANTED = [("loud", 600, 630), ("chewing", 1200, 1230)]


def test_all_of_a_seizure_and_what_stands_out_is_taken_and_the_rest_by_weight(made_up):
    r = made_up.recording("a", "m", 1, PLANTED)
    steps, weight = choose_steps(r, 400, 1)
    taken = np.zeros(r.n_steps, bool)
    taken[steps] = True
    assert taken[round(540 / STEP_S) : round(690 / STEP_S)].all()  # a minute on either side
    assert len(np.unique(steps)) == len(steps)
    assert taken[r.called].all()
    assert r.called[round(1210 / STEP_S)]
    assert weight.sum() == pytest.approx(r.n_steps)  # the rest is stood for
    assert set(weight[np.isin(steps, np.flatnonzero(r.called))]) == {1.0}
    again, _ = choose_steps(r, 400, 1)
    np.testing.assert_array_equal(steps, again)
    other, _ = choose_steps(replace(r, recording="b"), 400, 1)
    assert not np.array_equal(steps, other)


def test_what_is_not_labelled_or_without_data_is_not_learnt_from(made_up):
    r = made_up.recording("a", "m", 1, PLANTED)
    labels = r.labels.copy()
    labels[:1000] = -1
    r.store.evidence.line_length_z[2000:2100] = np.nan
    examples = gather(replace(r, labels=labels), 10_000, made_up.SETTINGS)
    assert examples.steps.min() == 1000
    assert not np.isin(np.arange(2000, 2100), examples.steps).any()
    assert examples.ictal.sum() == 60
    assert examples.predictors.dtype == np.float32


def test_an_animal_left_out_is_left_out(made_up):
    """The seizures of one animal show in nothing but a mark that no other animal has."""
    others = [
        made_up.recording(f"r{i}", f"m{i}", i, [("loud", 300, 340), ("loud", 900, 930)], minutes=25)
        for i in range(2)
    ]
    odd = made_up.recording(
        "odd", "x", 9, [("marked", 300, 400), ("marked", 900, 1000)], minutes=25
    )
    recordings = [*others, odd]
    examples = gather_all(recordings, made_up.SETTINGS)
    fold = next(f for f in make_folds(recordings, 5) if f.animal == "x")
    assert [r.recording for r, _ in seen_by(recordings, examples, fold)] == ["r0", "r1"]

    def seizures(fold: Fold) -> np.ndarray:
        fit = learn(recordings, examples, fold, made_up.SETTINGS, 1)
        model = make_model(*fit, settings=made_up.SETTINGS)
        return raw_probabilities(odd.store, model)[odd.labels == 1]

    assert np.median(seizures(EVERYTHING)) > 0.8
    assert np.median(seizures(fold)) < 0.05


def test_a_block_left_out_is_not_learnt_from_and_neither_is_its_guard(made_up):
    planted = [("loud", 300 * i, 300 * i + 30) for i in range(1, 7)]
    r = made_up.recording("a", "m", 1, planted)
    examples = gather_all([r], made_up.SETTINGS)
    fold = make_folds([r], 3)[1]
    ((_, part),) = seen_by([r], examples, fold)
    first, last = fold.held["a"]
    assert ((part.steps < first - 120) | (part.steps >= last + 120)).all()
    assert part.ictal.sum() == 4 * 60
