"""Smoothing by a hidden Markov model whose transitions are learnt from labels (Rabiner 1989)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from vigil.compiled import compiled

FloatArray = npt.NDArray[np.float64]

LEAST = 1e-12
"""No epoch rules a state out for certain."""


def learn_transitions(
    sequences: Iterable[npt.NDArray[np.str_]], states: tuple[str, ...]
) -> tuple[FloatArray, FloatArray]:
    """Transition probabilities and shares of the states in labelled sequences.

    One count is added to every transition, so that what the labels never show is
    unlikely and not impossible. Unlabelled epochs break a sequence.

    Returns
    -------
    transitions : ndarray, (from, to)
    shares : ndarray, (state,)
    """
    counts = np.ones((len(states), len(states)))
    shares = np.ones(len(states))
    for sequence in sequences:
        code = np.full(len(sequence), -1)
        for i, state in enumerate(states):
            code[sequence == state] = i
        a, b = code[:-1], code[1:]
        both = (a >= 0) & (b >= 0)
        np.add.at(counts, (a[both], b[both]), 1)
        shares += np.bincount(code[code >= 0], minlength=len(states))
    return counts / counts.sum(1, keepdims=True), shares / shares.sum()


def forward_backward(
    probability: FloatArray, transitions: FloatArray, shares: FloatArray
) -> FloatArray:
    """Probability of each state in each epoch, given all epochs.

    Parameters
    ----------
    probability : ndarray, (epoch, state)
        What a classifier says of each epoch alone; rows of NaN say nothing.
    transitions : ndarray, (from, to)
    shares : ndarray, (state,)
        Shares of the states among the epochs that the classifier learnt from; dividing by
        them turns its probabilities into likelihoods.
    """
    likelihood = _likelihood(probability, shares)
    posterior = _forward(likelihood, transitions, shares) * _backward(likelihood, transitions)
    return np.asarray(posterior / posterior.sum(1, keepdims=True))


def forward(probability: FloatArray, transitions: FloatArray, shares: FloatArray) -> FloatArray:
    """Probability of each state in each epoch, given the epochs until then.

    For use while the animal is recorded; parameters as of `forward_backward`. `Forward` takes
    the epochs one by one.
    """
    return _forward(_likelihood(probability, shares), transitions, shares)


class Forward:
    """The forward algorithm epoch by epoch, while they come in.

    Parameters
    ----------
    transitions : ndarray, (from, to)
    shares : ndarray, (state,)
        As of `forward_backward`.
    """

    def __init__(self, transitions: FloatArray, shares: FloatArray) -> None:
        self._transitions, self._shares = transitions, shares
        self._now: FloatArray | None = None

    def step(self, probability: FloatArray) -> FloatArray:
        """Probability of each state, (state,), after one more epoch."""
        before = self._shares if self._now is None else self._now @ self._transitions
        now = before * _likelihood(probability[None], self._shares)[0]
        self._now = now / now.sum()
        return self._now


def _likelihood(probability: FloatArray, shares: FloatArray) -> FloatArray:
    likelihood = np.nan_to_num(probability, nan=1.0) / shares
    likelihood[np.isnan(probability).any(1)] = 1.0
    return np.asarray(np.maximum(likelihood, LEAST))


@compiled()
def _forward(likelihood: FloatArray, transitions: FloatArray, shares: FloatArray) -> FloatArray:
    out = np.empty_like(likelihood)
    n_states = likelihood.shape[1]
    for i in range(len(likelihood)):
        total = 0.0
        for s in range(n_states):
            before = 0.0
            if i == 0:
                before = shares[s]
            else:
                for r in range(n_states):
                    before += out[i - 1, r] * transitions[r, s]
            out[i, s] = before * likelihood[i, s]
            total += out[i, s]
        out[i] /= total
    return out


@compiled()
def _backward(likelihood: FloatArray, transitions: FloatArray) -> FloatArray:
    out = np.ones_like(likelihood)
    n_states = likelihood.shape[1]
    for i in range(len(likelihood) - 2, -1, -1):
        total = 0.0
        for s in range(n_states):
            after = 0.0
            for r in range(n_states):
                after += transitions[s, r] * likelihood[i + 1, r] * out[i + 1, r]
            out[i, s] = after
            total += after
        out[i] /= total
    return out
