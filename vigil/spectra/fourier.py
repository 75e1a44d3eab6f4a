"""Power of Fourier transforms of tapered windows, as many windows side by side as a vector holds.

One vector of the processor holds the same sample of LANES windows, so that every instruction of
a transform serves all of them, and none of them can see its neighbours. The transform of n = a b
samples is made of b transforms of length a and a of length b (Cooley and Tukey 1965), each of
which stays in the first-level cache while it is worked on; these go through radices of up to 10
in the self-sorting order of Stockham (Cochran et al. 1967).

Two tapers share one complex transform: with z = u + i v, the powers of u and v at a frequency
add up to half of the power of z at that frequency and at its negative, whatever u and v are.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.compiled import compiled
from vigil.spectra.butterflies import (
    LANES,
    RADICES,
    ROW,
    add_power,
    butterfly_all_turned,
    butterfly_of_samples,
    butterfly_plain,
    butterfly_turned,
    side_by_side,
)

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Plan:
    """How windows of one length are transformed.

    Parameters
    ----------
    first, second : ndarray of int
        Radices of the transforms of length a, and of those of length b.
    first_turns, second_turns : ndarray, (n, 2)
        Factors after each of their stages but the last, as real and imaginary parts.
    between : ndarray, (b, a, 2)
        Factors between the two.
    """

    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    first_turns: Float32
    second_turns: Float32
    between: Float32


@functools.cache
def plan_of(n: int) -> Plan | None:
    """The plan for windows of n samples; None where n has none, such as with a factor of 11.

    The fewest stages are taken, then the lengths that are closest to each other.
    """
    shares = [(a, n // a) for a in range(2, n // 2 + 1) if n % a == 0]
    found = [(radices_of(a), radices_of(b)) for a, b in shares]
    found = [(first, second) for first, second in found if first and second]
    if not found or n < LANES:
        return None

    def costs(radices: tuple[list[int], list[int]]) -> tuple[int, int]:
        a, b = map(math.prod, radices)
        return len(radices[0]) + len(radices[1]), max(a, b)

    first, second = min(found, key=costs)
    a, b = math.prod(first), math.prod(second)
    return Plan(
        np.array(first),
        np.array(second),
        turns_of_stages(first),
        turns_of_stages(second),
        turns(n, np.outer(np.arange(b), np.arange(a))),
    )


def radices_of(n: int) -> list[int]:
    """Radices with the product n, as few as possible; empty where there are none."""
    best: list[int] = []
    for radix in RADICES:
        if n == radix:
            return [radix]
        if n % radix == 0:
            rest = radices_of(n // radix)
            if rest and (not best or len(rest) + 1 < len(best)):
                best = [radix, *rest]
    return best


def turns(n: int, powers: npt.NDArray[np.int64]) -> Float32:
    """exp(-2 pi i powers / n), with real and imaginary parts in a last axis."""
    angle = 2 * np.pi * (powers % n) / n
    return np.stack([np.cos(angle), -np.sin(angle)], -1).astype(np.float32)


def turns_of_stages(radices: list[int]) -> Float32:
    """Factors after each stage, one stage after the other, each (block, output)."""
    n, stages = math.prod(radices), []
    for radix in radices:
        powers = np.outer(np.arange(n // radix), np.arange(radix))
        stages.append(turns(n, powers).reshape(-1, 2))
        n //= radix
    return np.concatenate(stages)


def density_of_windows(
    x: Float32, tapers: Float32, plan: Plan, n_frequencies: int
) -> npt.NDArray[np.float32]:
    """Power of windows, summed over tapers and over a frequency and its negative.

    Parameters
    ----------
    x : ndarray, (window, sample)
        Windows, one after another in memory.
    tapers : ndarray, (pair, sample, 2)
        Tapers, two by two.
    plan : Plan
        For this length.
    n_frequencies : int
        How many frequencies are wanted, from 0 on.

    Returns
    -------
    ndarray, (window, frequency)
    """
    n = x.shape[1]
    a, b = math.prod(plan.first.tolist()), math.prod(plan.second.tolist())
    vectors = n + n_frequencies + 1 + 2 * (a * (b + 1) + 2 * max(a, b))
    work = np.empty((vectors + 1) * LANES, np.float32)
    work = work[-(work.ctypes.data // 4) % LANES :]  # vectors begin where lines of cache begin
    density = np.empty((len(x), n_frequencies), np.float32)
    how = (tapers, plan.first, plan.second, plan.first_turns, plan.second_turns, plan.between)
    whole = len(x) // LANES * LANES
    if whole:
        _density(x[:whole], *how, work, density[:whole])
    if whole < len(x):
        last, of_last = np.zeros((LANES, n), np.float32), np.empty((LANES, n_frequencies), "f4")
        last[: len(x) - whole] = x[whole:]
        _density(last, *how, work, of_last)
        density[whole:] = of_last[: len(x) - whole]
    return density


@compiled(nogil=True)
def _density(
    x: Float32,
    tapers: Float32,
    first: npt.NDArray[np.int64],
    second: npt.NDArray[np.int64],
    first_turns: Float32,
    second_turns: Float32,
    between: Float32,
    work: Float32,
    density: Float32,
) -> None:
    """Fill density (window, frequency) from x (window, sample); both hold whole vectors."""
    n, n_frequencies = x.shape[1], density.shape[1]
    b, a = between.shape[:2]
    vector = 4 * LANES
    # the working memory: samples side by side, their power, means, and rows
    samples = work.ctypes.data
    power = samples + n * vector
    means = power + n_frequencies * vector
    middle = means + vector
    spare = middle + a * (b + 1) * ROW
    other = spare + max(a, b) * ROW
    power_of = work[n * LANES : (n + n_frequencies) * LANES]
    mean_of = work[(n + n_frequencies) * LANES : (n + n_frequencies + 1) * LANES]
    for block in range(0, x.shape[0], LANES):
        for lane in range(LANES):
            mean_of[lane] = _mean(x[block + lane])
        for j in range(0, n, LANES):
            # the last vectors overlap those before where they do not divide the window
            at = min(j, n - LANES)
            side_by_side(x.ctypes.data + 4 * (block * n + at), 4 * n, means, samples + at * vector)
        power_of[:] = 0
        for pair in range(tapers.shape[0]):
            taper = tapers.ctypes.data + 8 * n * pair
            for j in range(b):
                turn = between.ctypes.data + 8 * a * j
                _first(
                    first, j, b, samples, taper, first_turns.ctypes.data, turn, middle, spare, other
                )
            for k in range(a):
                column = middle + k * (b + 1) * ROW
                row = _second(second, b, column, second_turns.ctypes.data, spare, other)
                for i in range(b):
                    frequency = min(k + a * i, n - k - a * i)
                    if frequency < n_frequencies:
                        add_power(row + i * ROW, power + frequency * vector)
        for lane in range(LANES):
            of_window = density[block + lane]
            for f in range(n_frequencies):
                of_window[f] = power_of[f * LANES + lane]


@compiled(nogil=True, fastmath=True)
def _mean(x: Float32) -> np.float32:
    total = 0.0
    for i in range(x.size):
        total += x[i]
    return np.float32(total / x.size)


@compiled(nogil=True)
def _first(
    radices: npt.NDArray[np.int64], j: int, b: int, samples: int, taper: int, turns: int,
    between: int, middle: int, spare: int, other: int,
) -> None:  # fmt: skip
    """Transform every b-th sample from number j on, times two tapers.

    Parameters
    ----------
    radices : ndarray of int
        Of the stages.
    samples, taper, turns, between : int
        Addresses of the samples side by side, of the two tapers, of the factors after each
        stage, and of those after the last one.
    middle : int
        Address of rows (a, b + 1), whose column j is written. With b rows their distance could
        be a power of two, and all rows of a column would compete for a few places of the cache.
    spare, other : int
        Addresses of working memory.
    """
    size, stride = 1, 1
    for radix in radices:
        size *= radix
    x, y = other, spare
    for stage in range(radices.size):
        radix = radices[stage]
        size //= radix
        for p in range(size):
            for q in range(stride):
                to, to_step = y + (q + stride * radix * p) * ROW, stride * ROW
                turn, turn_step = turns + 8 * radix * p, 8
                if size == 1:
                    to, to_step = middle + (j + q * (b + 1)) * ROW, stride * (b + 1) * ROW
                    turn, turn_step = between + 8 * q, 8 * stride
                at, step = x + (q + stride * p) * ROW, stride * size * ROW
                if stage == 0:
                    i, i_step = p * b + j, size * b
                    butterfly_of_samples(
                        radix, samples + i * ROW // 2, i_step * ROW // 2, taper + 8 * i,
                        8 * i_step, to, to_step, turn, turn_step,
                    )  # fmt: skip
                elif size == 1:
                    butterfly_all_turned(radix, at, step, 0, 0, to, to_step, turn, turn_step)
                else:
                    butterfly_turned(radix, at, step, 0, 0, to, to_step, turn, turn_step)
        turns += 8 * radix * size
        stride *= radix
        x, y = y, x


@compiled(nogil=True)
def _second(
    radices: npt.NDArray[np.int64], b: int, x: int, turns: int, spare: int, other: int
) -> int:
    """Transform b rows; returns the address of the result, in working memory."""
    size, stride = b, 1
    y = spare
    for stage in range(radices.size):
        radix = radices[stage]
        size //= radix
        for p in range(size):
            for q in range(stride):
                at, step = x + (q + stride * p) * ROW, stride * size * ROW
                to, to_step = y + (q + stride * radix * p) * ROW, stride * ROW
                if size == 1:
                    butterfly_plain(radix, at, step, 0, 0, to, to_step, 0, 0)
                else:
                    butterfly_turned(radix, at, step, 0, 0, to, to_step, turns + 8 * radix * p, 8)
        turns += 8 * radix * size
        stride *= radix
        x, y = y, other if y == spare else spare
    return x
