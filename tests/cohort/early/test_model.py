import tracemalloc

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from vigil.cohort.early import model


@pytest.fixture
def rows():
    rng = np.random.default_rng(1)
    mixing = rng.standard_normal((6, 6))
    background = (rng.standard_normal((3000, 6)) @ mixing).astype(np.float32)
    before = (rng.standard_normal((40, 6)) @ mixing + [2, 0, 0, 1, 0, 0]).astype(np.float32)
    return background, before


def lesson_of(before, of, own=None):
    turned = of.turn(before)[None]
    there = np.ones(turned.shape[:2], bool)
    own = turned if own is None else of.turn(own)[None]
    return model.Lesson(turned, there, own, of), there


def test_the_direction_is_that_of_fishers_discriminant(rows):
    background, before = rows
    of = model.basis(background, (0.0,))
    learnt, there = lesson_of(before, of)
    w = of.axes @ model.weights([learnt], there, np.zeros(1, np.int64), of)[0]
    # the covariance of the background alone, as ours is
    peer = LinearDiscriminantAnalysis(solver="lsqr", priors=[1 - 1e-9, 1e-9])
    labels = np.r_[np.zeros(len(background)), np.ones(len(before))]
    peer.fit(np.vstack([background, before]), labels)
    assert np.corrcoef(w, peer.coef_[0])[0, 1] > 0.9999
    theirs = np.linalg.solve(np.cov(background.T), before.mean(0) - background.mean(0))
    np.testing.assert_allclose(w / np.linalg.norm(w), theirs / np.linalg.norm(theirs), atol=2e-4)
    assert np.corrcoef(w, peer.coef_[0])[0, 1] > 0.999


def test_scores_have_a_spread_of_one_between_seizures(rows):
    background, before = rows
    of = model.basis(background, (0.2,))
    learnt, there = lesson_of(before, of)
    w = model.weights([learnt], there, np.zeros(1, np.int64), of)[0]
    assert (of.turn(background) @ w).std() == pytest.approx(1, abs=0.01)


def test_left_out_scores_are_those_of_models_without_the_seizure(rows):
    background, before = rows
    of = model.basis(background, (0.1, 1.0))
    learnt, there = lesson_of(before[:5], of)
    scores = model.left_out(learnt, there)
    for k in range(5):
        others = there.copy()
        others[0, k] = False
        for best in (0, 1):
            w = model.weights([learnt], others, np.array([best]), of)[0]
            assert scores[best, 0, k] == pytest.approx(of.turn(before[k : k + 1])[0] @ w, rel=1e-3)


def test_a_seizure_without_its_row_teaches_nothing(rows):
    background, before = rows
    of = model.basis(background, (0.5,))
    turned = of.turn(before[:4])[None]
    turned[0, 3] = 0
    there = np.array([[True, True, True, False]])
    learnt = model.Lesson(turned, there, turned, of)
    with_it = model.left_out(learnt, np.ones((1, 4), bool))[0, 0, :3]
    without = model.left_out(learnt, there)[0, 0, :3]
    np.testing.assert_array_equal(with_it, without)


def test_the_lesson_is_chosen_by_seizures_that_it_did_not_see(rows):
    background, before = rows
    of = model.basis(background, (0.2, 1.0))
    noise = background[:40]
    good, there = lesson_of(before, of)
    useless, _ = lesson_of(noise, of, own=before)
    best, gain = model.choose([useless, good], there, there)
    assert best[0] >= 2
    assert gain[0] > 0.4
    _, none = model.choose([lesson_of(noise, of)[0]], there, there)
    assert none[0] < 0.1


def test_memory_does_not_grow_with_the_square_of_the_seizures(rows):
    background, _ = rows
    of = model.basis(background, (0.1, 0.4, 1.0))
    some = np.random.default_rng(2).standard_normal((100, 300, 6)).astype(np.float32)
    there = np.ones(some.shape[:2], bool)
    tracemalloc.start()
    model.choose([model.Lesson(some, there, some, of)], there, there)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * some.nbytes  # pairs of one shrinkage: 50 times
