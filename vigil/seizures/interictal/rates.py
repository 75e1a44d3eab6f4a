"""How often each channel has spikes, ripples and fast ripples between seizures.

The signals stream through once, in blocks that begin at fixed rows of their segment. The background
is that of the block, so that it follows the state and the drift of an electrode.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.downsample.files import Lfp
from vigil.recording import FloatArray, stretches
from vigil.seizures.artefacts import widen
from vigil.seizures.files import RATES_COLUMNS
from vigil.seizures.interictal.bands import BANDS_HZ, FAST_RIPPLE, RIPPLE, Band, make_band
from vigil.seizures.interictal.oscillations import Events, margin_rows, oscillations
from vigil.seizures.measures import FLAT, MAINS, SATURATED
from vigil.seizures.settings import Settings

BLOCK_S = 60.0
"""Time over which the background of a channel is known: hundreds of times longer than a burst, and
as short as a bout of sleep."""
LEAST_S = 3.0
"""Blocks with less valid time have no background and are left out."""
REACH_S = 1.0
"""So long before and after a fault of its own a channel does not count: amplifiers swing back."""

Intervals = Sequence[tuple[float, float]]
Bool = npt.NDArray[np.bool_]
Faults = Callable[[int, int], Bool]
RATES = {RIPPLE: "ripples_per_min", FAST_RIPPLE: "fast_ripples_per_min"}


@dataclass(frozen=True)
class Block:
    """Rows of a block with margins: `first` and `last` of what is read, `a` and `b` of the block.

    All are rows of the store; `time_s` is the time of row `first`.
    """

    first: int
    a: int
    b: int
    last: int
    time_s: float


def channel_rates(
    lfp: Lfp,
    channels: Sequence[int],
    excluded: Intervals,
    settings: Settings,
    spikes_per_min: FloatArray | None = None,
    block_s: float = BLOCK_S,
    faults: Faults | None = None,
) -> pd.DataFrame:
    """Rates of spikes and high-frequency oscillations of each channel.

    Parameters
    ----------
    lfp : Lfp
        The signals.
    channels : sequence of int
        Positions of the channels of the brain.
    excluded : sequence of (start, stop)
        Of `excluded_time`, in seconds of the recording's clock.
    settings : Settings
        Thresholds of the oscillations.
    spikes_per_min : ndarray, (channel,), optional
        Of `mean_spikes_per_min`.
    block_s : float
        Length of the blocks.
    faults : callable, optional
        Of `faulty_steps`: when each channel does not count.

    Returns
    -------
    DataFrame
        `RATES_COLUMNS`, a row per channel. `hours` are those that count. NaN where a rate is not
        known: the stored rate does not hold the band, or nothing is left of the channel.
    """
    regions = [lfp.montage.region[c] for c in channels]
    n = len(channels)
    bands = {name: make_band(name, lfp.rate_hz) for name in BANDS_HZ}
    known = [band for band in bands.values() if band is not None]
    margin = max((margin_rows(band) for band in known), default=0)
    counts = {name: np.zeros(n) for name in bands}
    seconds = {name: np.zeros(n) for name in bands}
    lived = np.zeros(n)
    for block in blocks(lfp, margin, block_s):
        valid = valid_rows(block, excluded, lfp.rate_hz)
        inside = np.zeros_like(valid)
        inside[block.a - block.first : block.b - block.first] = True
        inside &= valid
        if inside.sum() < LEAST_S * lfp.rate_hz:
            continue
        own = np.tile(inside, (n, 1))
        if faults is not None:
            own &= ~_faulty_rows(block, faults, settings.step_s, lfp.rate_hz)
        own_s = own.sum(axis=1) / lfp.rate_hz
        own[own_s < LEAST_S], own_s[own_s < LEAST_S] = False, 0.0
        x = np.ascontiguousarray(lfp.read_uv(block.first, block.last, channels).T)
        lived += own_s * (np.ptp(x, axis=1) > 0)
        for band in known:
            events, sd = oscillations(x, own, band, regions, settings)
            counts[band.name] += [mine[e[:, 1]].sum() for e, mine in zip(events, own, strict=True)]
            seconds[band.name] += own_s * (sd > 0)
    table = {
        "channel": [lfp.montage.channel[c] for c in channels],
        "region": regions,
        "hours": lived / 3600.0,
        "spikes_per_min": np.full(n, np.nan) if spikes_per_min is None else spikes_per_min,
    }
    for name, column in RATES.items():
        table[column] = per_min(counts[name], seconds[name])
    return pd.DataFrame(table, columns=list(RATES_COLUMNS))


def faulty_steps(
    read_fault: Callable[[int, int], npt.NDArray[np.uint8]], n_steps: int, step_s: float
) -> Faults:
    """When each channel is saturated, flat or all mains, or is within `REACH_S` of that.

    Parameters
    ----------
    read_fault : callable
        Faults (step, channel) of steps [first, last), see `measures`.
    n_steps : int
        Steps of the recording.
    step_s : float
        Length of a step.

    Returns
    -------
    callable
        Mask (step, channel) of steps [first, last).
    """
    reach = int(np.ceil(REACH_S / step_s - 1e-9))

    def read(first: int, last: int) -> Bool:
        a, b = max(0, first - reach), min(n_steps, last + reach)
        faulty = np.isin(read_fault(a, b), (SATURATED, FLAT, MAINS))
        return np.asarray(widen(faulty, reach)[first - a : last - a])

    return read


def _faulty_rows(block: Block, faults: Faults, step_s: float, rate_hz: float) -> Bool:
    """Mask (channel, row) of a block, margins included."""
    time_s = block.time_s + np.arange(block.last - block.first) / rate_hz
    step = np.floor(time_s / step_s + 1e-6).astype(np.int64)
    mask = faults(int(step[0]), int(step[-1]) + 1)
    # the last rows may lie in a step that is not whole
    return np.asarray(mask[np.minimum(step - step[0], len(mask) - 1)].T)


def mean_spikes_per_min(
    pieces: Iterable[npt.NDArray[np.floating]], excluded: Intervals, step_s: float
) -> FloatArray:
    """Spikes per minute of each channel, from the counts of the evidence.

    Parameters
    ----------
    pieces : iterable of ndarray, (step, channel)
        Spikes per second, in the order of time from step 0 on; NaN where a channel is no good.
    excluded : sequence of (start, stop)
        As in `channel_rates`; a step that touches one does not count.
    step_s : float
        Length of a step.
    """
    total = steps = np.zeros(0)
    at = 0
    for piece in pieces:
        x = np.asarray(piece, np.float64)
        use = np.isfinite(x) & ~_touched(at, len(x), excluded, step_s)[:, None]
        if not total.size:
            total, steps = np.zeros(x.shape[1]), np.zeros(x.shape[1])
        total = total + np.where(use, x, 0.0).sum(axis=0)
        steps = steps + use.sum(axis=0)
        at += len(x)
    return per_min(total * step_s, steps * step_s)


def per_min(count: FloatArray, seconds: FloatArray) -> FloatArray:
    """Events per minute; NaN where nothing was seen."""
    return np.where(seconds > 0, 60.0 * count / np.maximum(seconds, 1e-9), np.nan)


def events_of(
    x_uv: npt.NDArray[np.float32], band: Band, regions: Sequence[str], settings: Settings
) -> list[Events]:
    """Oscillations of a short recording (channel, row) in one piece; see `oscillations`."""
    return oscillations(x_uv, np.ones(x_uv.shape[1], bool), band, regions, settings)[0]


def blocks(lfp: Lfp, margin: int, block_s: float) -> Iterator[Block]:
    """Blocks of each segment; a rest shorter than half a block belongs to the one before."""
    size = max(1, round(block_s * lfp.rate_hz))
    segments = lfp.segments
    for first, rows, start_s in zip(
        segments.first_rows, segments.rows, segments.start_s, strict=True
    ):
        n = max(1, int(rows / size + 0.5))
        borders = [*(size * k for k in range(n)), rows]
        for a, b in pairwise(borders):
            lo, hi = max(0, a - margin), min(rows, b + margin)
            time_s = start_s + lo / lfp.rate_hz
            yield Block(first + lo, first + a, first + b, first + hi, time_s)


def excluded_time(
    seizures: Intervals, quiet_until_s: Sequence[float], artefact: Bool, step_s: float
) -> list[tuple[float, float]]:
    """Time that does not count: seizures, the suppression after each, and steps with artefacts.

    Parameters
    ----------
    seizures : sequence of (start, stop)
        In seconds.
    quiet_until_s : sequence of float
        Time from the end of each to that of the suppression that follows; NaN, which is not
        known, adds nothing.
    artefact : ndarray of bool, (step,)
        Steps in which most channels are disturbed.
    step_s : float
        Length of a step.
    """
    after_s = np.nan_to_num(np.asarray(quiet_until_s, np.float64))
    ictal = [(a, b + float(s)) for (a, b), s in zip(seizures, after_s, strict=True)]
    disturbed = zip(*(step_s * at for at in stretches(artefact)), strict=True)
    return sorted([*ictal, *((float(a), float(b)) for a, b in disturbed)])


def valid_rows(block: Block, excluded: Intervals, rate_hz: float) -> Bool:
    """Rows of a block, margins included, that lie outside of the excluded time."""
    n = block.last - block.first
    valid = np.ones(n, bool)
    start_s, stop_s = np.asarray(excluded, np.float64).reshape(-1, 2).T
    first = np.floor((start_s - block.time_s) * rate_hz + 1e-6)
    last = np.ceil((stop_s - block.time_s) * rate_hz - 1e-6)
    for i in np.flatnonzero((last > 0) & (first < n)):
        valid[int(max(0, first[i])) : int(min(n, last[i]))] = False
    return valid


def _touched(first: int, n: int, excluded: Intervals, step_s: float) -> Bool:
    start_s, stop_s = np.asarray(excluded, np.float64).reshape(-1, 2).T
    low = np.floor(start_s / step_s + 1e-9) - first
    high = np.ceil(stop_s / step_s - 1e-9) - first
    out = np.zeros(n, bool)
    for i in np.flatnonzero((high > 0) & (low < n)):
        out[int(max(0, low[i])) : int(min(n, high[i]))] = True
    return out
