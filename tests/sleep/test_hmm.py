"""Forward-backward against sums over all sequences, and learnt transitions against counts."""

import itertools

import numpy as np
import pytest

from vigil.sleep.hmm import Forward, forward, forward_backward, learn_transitions

A = np.array([[0.8, 0.15, 0.05], [0.2, 0.7, 0.1], [0.3, 0.1, 0.6]])
SHARES = np.array([0.5, 0.3, 0.2])


def summed_over_all_sequences(p):
    """Probability of each state in each epoch, by adding up every sequence of states."""
    likelihood = p / SHARES
    n = len(p)
    wanted = np.zeros((n, 3))
    for path in itertools.product(range(3), repeat=n):
        weight = SHARES[path[0]] * likelihood[0, path[0]]
        for i in range(1, n):
            weight *= A[path[i - 1], path[i]] * likelihood[i, path[i]]
        wanted[np.arange(n), path] += weight
    return wanted / wanted.sum(1, keepdims=True)


def test_equals_the_sum_over_all_sequences():
    p = np.random.default_rng(0).dirichlet(np.ones(3), 6)
    assert forward_backward(p, A, SHARES) == pytest.approx(summed_over_all_sequences(p))


def test_forward_knows_only_the_epochs_until_then():
    p = np.random.default_rng(1).dirichlet(np.ones(3), 6)
    found = forward(p, A, SHARES)
    for n in range(1, 7):
        assert found[n - 1] == pytest.approx(summed_over_all_sequences(p[:n])[-1])


def test_epoch_by_epoch_is_the_same_as_at_once():
    p = np.random.default_rng(2).dirichlet(np.ones(3), 40)
    p[7] = np.nan
    online = Forward(A, SHARES)
    assert np.array([online.step(row) for row in p]) == pytest.approx(forward(p, A, SHARES))


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
