"""Forward-backward against sums over all sequences, and learnt transitions against counts."""

import itertools

import numpy as np
import pytest

from vigil.sleep.hmm import forward_backward, learn_transitions

A = np.array([[0.8, 0.15, 0.05], [0.2, 0.7, 0.1], [0.3, 0.1, 0.6]])
SHARES = np.array([0.5, 0.3, 0.2])


def test_equals_the_sum_over_all_sequences():
    p = np.random.default_rng(0).dirichlet(np.ones(3), 6)
    likelihood = p / SHARES
    wanted = np.zeros((6, 3))
    for path in itertools.product(range(3), repeat=6):
        weight = SHARES[path[0]] * likelihood[0, path[0]]
        for i in range(1, 6):
            weight *= A[path[i - 1], path[i]] * likelihood[i, path[i]]
        wanted[np.arange(6), path] += weight
    wanted /= wanted.sum(1, keepdims=True)
    assert forward_backward(p, A, SHARES) == pytest.approx(wanted)


def test_an_epoch_that_says_nothing_is_filled_by_its_neighbours():
    p = np.tile([0.96, 0.02, 0.02], (9, 1))
    p[4] = np.nan
    assert forward_backward(p, A, SHARES)[4, 0] > 0.8


def test_a_long_recording_does_not_underflow():
    p = np.tile([0.99, 0.005, 0.005], (20000, 1))
    assert np.isfinite(forward_backward(p, A, SHARES)).all()


def test_transitions_are_counted_with_one_added_and_gaps_break_them():
    sequence = np.array(["wake", "wake", "nrem", "unclassified", "rem", "wake"])
    transitions, shares = learn_transitions([sequence], ("wake", "nrem", "rem"))
    counts = np.array([[2, 2, 1], [1, 1, 1], [2, 1, 1]])
    assert transitions == pytest.approx(counts / counts.sum(1, keepdims=True))
    assert shares == pytest.approx(np.array([4, 2, 2]) / 8)
