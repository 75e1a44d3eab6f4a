"""From contacts and methods to regions: who is first, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.recording import FloatArray
from vigil.seizures.files import NONE, RESOLVED, UNRESOLVED
from vigil.seizures.onset.confidence import Support, calibrated

TOGETHER, DISAGREE, NO_ONSET = "together", "methods disagree", "no onset"
RISEN_BEFORE, ONE_REGION = "began earlier", "one region"


@dataclass(frozen=True)
class Consensus:
    """Where a seizure begins.

    Parameters
    ----------
    regions : tuple of str
        The region that is first; several when they cannot be told apart; empty when there
        is no onset to be found.
    confidence : float
        Chance that the onset is there, see `confidence`; NaN for none.
    bootstrap : float
        Share of the bootstrap draws that these regions win; NaN for none.
    status : str
        `resolved`, `unresolved` or `none`.
    reason : str
        Why it is not resolved: 'together', 'methods disagree', 'no onset', 'began earlier',
        'one region', what the caller has found beforehand, or '' for resolved.
    support : Support or None
        What the confidence was made from.
    """

    regions: tuple[str, ...]
    confidence: float
    bootstrap: float
    status: str
    reason: str
    support: Support | None = None


def nowhere(reason: str = NO_ONSET) -> Consensus:
    """There is no onset to be found."""
    return Consensus((), float("nan"), float("nan"), NONE, reason)


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
    """Latency of each region (..., region): the earliest of the known (..., method, region).

    Each method answers to another kind of onset and is blind, or late, for the others: low-
    voltage fast activity comes seconds before the line length rises. The onset is the first
    change of any kind, so a method that finds nothing, or only what comes later, does not
    speak against it. A chance rise of one method does mislead; that the others do not follow
    lowers the confidence.
    """
    earliest = np.where(np.isfinite(latency_s), latency_s, np.inf).min(axis=-2)
    return np.asarray(np.where(np.isfinite(earliest), earliest, np.nan))


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
    least_confidence: float = 0.8,
    seed: Sequence[int] = (0,),
    reason: str = "",
    risen_before: npt.NDArray[np.bool_] | None = None,
    search_s: float = float("nan"),
    contrast_z: FloatArray | None = None,
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
        A region that is right with a smaller chance is unresolved.
    seed : sequence of int
        Seed of the draws; the same seed gives the same confidence.
    reason : str
        Why the caller does not trust the onset; '' if nothing speaks against it.
    risen_before : ndarray of bool, optional
        (channel,), up before the search began: not later than `search_s`.
    search_s : float
        Begin of the search.
    contrast_z : ndarray, optional
        (channel,), how far each channel stands above its baseline just after its onset.
    """
    if contrast_z is None:
        contrast_z = np.full(latency_s.shape[1], np.nan)
    if risen_before is not None and risen_before.any():
        latency_s = np.where(risen_before, search_s, latency_s)
    names, by_method = region_latencies_s(latency_s, regions)
    overall = over_methods(by_method)
    rank = ranks(overall, step_s)
    first = np.flatnonzero(rank == 1)
    if not len(first):
        return nowhere(reason or NO_ONSET)
    votes = _bootstrap_votes(latency_s, regions, names, step_s, draws, seed)
    support = _support(
        latency_s, contrast_z, by_method, overall, first, votes, regions, names, step_s
    )
    # a single region has nothing to be told apart from, so nothing to be sure of
    confidence = calibrated(support) if len(names) > 1 else float("nan")
    if not reason:
        of = np.asarray(regions)
        if len(names) == 1:
            reason = ONE_REGION
        elif len(first) > 1:
            reason = TOGETHER
        elif risen_before is not None and risen_before[of == names[first[0]]].any():
            reason = RISEN_BEFORE
        elif confidence < least_confidence:
            reason = DISAGREE
    return Consensus(
        tuple(names[i] for i in first),
        confidence,
        support.bootstrap,
        UNRESOLVED if reason else RESOLVED,
        reason,
        support,
    )


def _support(
    latency_s: FloatArray,
    contrast_z: FloatArray,
    by_method: FloatArray,
    overall: FloatArray,
    first: npt.NDArray[np.intp],
    votes: npt.NDArray[np.float64],
    regions: Sequence[str],
    names: tuple[str, ...],
    step_s: float,
) -> Support:
    mine = np.isin(np.arange(len(names)), first)
    later = overall[~mine & np.isfinite(overall)]
    speaks = np.isfinite(by_method).any(axis=1)
    filled = np.where(np.isfinite(by_method), by_method, np.inf)[speaks]
    earliest = filled.min(axis=1, keepdims=True)
    agrees = ((filled - earliest < step_s - 1e-9) & mine).any(axis=1)
    of = np.isin(np.asarray(regions), [names[i] for i in first])
    contrast = contrast_z[of & np.isfinite(contrast_z)]
    return Support(
        bootstrap=float(votes[first].sum()),
        gap_s=float(later.min() - overall[first].min()) if len(later) else float("inf"),
        agreement=float(agrees.mean()),
        contrast_z=float(np.median(contrast)) if len(contrast) else 0.0,
        lead_s=-float(overall[first].min()),
    )


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
