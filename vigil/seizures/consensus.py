"""From contacts and methods to regions: who is first, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.recording import FloatArray

RESOLVED, UNRESOLVED, NONE = "resolved", "unresolved", "none"


@dataclass(frozen=True)
class Consensus:
    """Where a seizure begins.

    Parameters
    ----------
    regions : tuple of str
        The region that is first; several when they cannot be told apart; empty when there
        is no onset to be found.
    confidence : float
        Share of the bootstrap draws that these regions win; NaN for none.
    status : str
        `resolved`, `unresolved` or `none`.
    """

    regions: tuple[str, ...]
    confidence: float
    status: str


def median_of_known(latency_s: FloatArray, axis: int) -> FloatArray:
    """Median of the known latencies; NaN ('none') where fewer than half are known."""
    ordered = np.moveaxis(np.sort(latency_s, axis=axis), axis, -1)  # NaN come last
    n = np.isfinite(ordered).sum(axis=-1)
    enough = 2 * n >= ordered.shape[-1]
    return np.asarray(np.where(enough, _middle(ordered, n), np.nan))


def ranks(latency_s: FloatArray, step_s: float) -> FloatArray:
    """Rank from 1 by latency, NaN for none; latencies closer than one step share a rank.

    The first of a group of ties sets the time that the others are compared with, so ties
    do not chain.
    """
    out = np.full(len(latency_s), np.nan)
    order = [i for i in np.argsort(latency_s, kind="stable") if np.isfinite(latency_s[i])]
    leader = rank = 0.0
    for place, i in enumerate(order, start=1):
        if place == 1 or latency_s[i] - leader >= step_s - 1e-9:
            leader, rank = float(latency_s[i]), float(place)
        out[i] = rank
    return out


def region_latencies_s(
    latency_s: FloatArray, regions: Sequence[str]
) -> tuple[tuple[str, ...], FloatArray]:
    """Latency (method, region): the median over each region's contacts (method, channel)."""
    names = tuple(dict.fromkeys(regions))
    of = np.asarray(regions)
    columns = [median_of_known(latency_s[:, of == name], axis=1) for name in names]
    return names, np.stack(columns, axis=1)


def over_methods(latency_s: FloatArray) -> FloatArray:
    """Latency of each region (..., region): median of the known (..., method, region).

    Each method answers to another kind of onset, so that one which finds nothing in a
    region does not speak against those that do.
    """
    ordered = np.sort(np.moveaxis(latency_s, -2, -1), axis=-1)  # NaN come last
    return _middle(ordered, np.isfinite(ordered).sum(axis=-1))


def _middle(ordered: FloatArray, n: npt.NDArray[np.int64]) -> FloatArray:
    """Median of the first n of sorted values along the last axis; NaN for n = 0."""
    lower = np.take_along_axis(ordered, np.maximum((n - 1) // 2, 0)[..., None], -1)[..., 0]
    upper = np.take_along_axis(ordered, np.minimum(n // 2, ordered.shape[-1] - 1)[..., None], -1)
    return np.asarray((lower + upper[..., 0]) / 2)


def consensus(
    latency_s: FloatArray,
    regions: Sequence[str],
    step_s: float,
    draws: int = 500,
    least_confidence: float = 0.5,
    seed: Sequence[int] = (0,),
) -> Consensus:
    """Region in which a seizure begins, over contacts and methods.

    Parameters
    ----------
    latency_s : ndarray
        (method, channel), NaN where there is no detection.
    regions : sequence of str
        Region of each channel.
    step_s : float
        Regions closer than this are not told apart.
    draws : int
        Bootstrap draws over the contacts of each region and over the methods that found
        anything.
    least_confidence : float
        A region that wins fewer of the draws is unresolved.
    seed : sequence of int
        Seed of the draws; the same seed gives the same confidence.
    """
    names, by_method = region_latencies_s(latency_s, regions)
    rank = ranks(over_methods(by_method), step_s)
    first = np.flatnonzero(rank == 1)
    if not len(first):
        return Consensus((), float("nan"), NONE)
    votes = _bootstrap_votes(latency_s, regions, names, step_s, draws, seed)
    confidence = float(votes[first].sum())
    # a single region has nothing to be told apart from
    resolved = len(first) == 1 and confidence >= least_confidence and len(names) > 1
    status = RESOLVED if resolved else UNRESOLVED
    return Consensus(tuple(names[i] for i in first), confidence, status)


def _bootstrap_votes(
    latency_s: FloatArray,
    regions: Sequence[str],
    names: tuple[str, ...],
    step_s: float,
    draws: int,
    seed: Sequence[int],
) -> npt.NDArray[np.float64]:
    """Share of the draws in which each region is first; ties share a vote."""
    rng = np.random.default_rng(list(seed))
    speaks = np.flatnonzero(np.isfinite(latency_s).any(axis=1))  # the others are no evidence
    methods = speaks[rng.integers(len(speaks), size=(draws, len(speaks)))]
    of = np.asarray(regions)
    per_region = []
    for name in names:
        mine = np.flatnonzero(of == name)
        contacts = mine[rng.integers(len(mine), size=(draws, len(mine)))]
        drawn = latency_s[methods[:, :, None], contacts[:, None, :]]  # (draw, method, contact)
        per_region.append(median_of_known(drawn, axis=2))
    latency = over_methods(np.stack(per_region, axis=2))  # (draw, region)
    earliest = np.where(np.isfinite(latency), latency, np.inf).min(axis=1, keepdims=True)
    first = np.isfinite(latency) & (latency - earliest < step_s - 1e-9)
    n_first = first.sum(axis=1, keepdims=True)
    share = first / np.maximum(n_first, 1)
    return np.asarray(share.mean(axis=0))
