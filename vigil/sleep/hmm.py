"""Smoothing by a hidden Markov model whose transitions are learnt from labels (Rabiner 1989)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


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
        for a, b in itertools.pairwise(sequence):
            if a in states and b in states:
                counts[states.index(a), states.index(b)] += 1
        shares += [np.count_nonzero(sequence == s) for s in states]
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
    likelihood = np.nan_to_num(probability, nan=1.0) / shares
    likelihood[np.isnan(probability).any(1)] = 1.0
    likelihood = np.maximum(likelihood, 1e-12)
    forward = np.empty_like(likelihood)
    backward = np.ones_like(likelihood)
    previous = shares
    for i, row in enumerate(likelihood):
        forward[i] = (previous if i == 0 else forward[i - 1] @ transitions) * row
        forward[i] /= forward[i].sum()
    for i in range(len(likelihood) - 2, -1, -1):
        backward[i] = transitions @ (likelihood[i + 1] * backward[i + 1])
        backward[i] /= backward[i].sum()
    posterior = forward * backward
    return np.asarray(posterior / posterior.sum(1, keepdims=True))
