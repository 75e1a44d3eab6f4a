"""A short cut for development: signals as `downsample` leaves them, without the files of a rig.

The amplifier is left out: its noise lies above the band that is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import signal

from vigil.downsample.files import create_lfp, shard_rows
from vigil.recording import Segments
from vigil.simulate.amplifier import INPUT_RANGE_UV
from vigil.simulate.behaviour import Behaviour, Movement
from vigil.simulate.brain import BRAIN_HZ, Brain
from vigil.simulate.plan import RecordingPlan
from vigil.simulate.settings import Rig

FloatArray = npt.NDArray[np.float64]

STEP_UV = 0.2
BLOCK_S = 40
WARM_UP_S = 4


def write_lfp(rig: Rig, plan: RecordingPlan, path: Path, rate_hz: float = 1250.0) -> FloatArray:
    """Simulate a recording straight into lfp.zarr, block by block and without gaps.

    Parameters
    ----------
    path : Path
        The store to write.
    rate_hz : float
        A whole number; rate of the rows.

    Returns
    -------
    ndarray
        x and y in cm and direction in radians of the true head at 100 Hz, (3, step).
    """
    seconds = int(plan.duration_s)
    rows = round(seconds * rate_hz)
    n = len(plan.montage.channel)
    limit = round(_limit_uv(rig) / STEP_UV)
    array = create_lfp(
        path,
        plan.montage,
        Segments((0.0,), (float(seconds),), (rows,), rate_hz),
        [STEP_UV] * n,
        plan.start.isoformat(),
        [(-limit, limit)] * n,
    )
    # whole shards are written at once: a part of one would be read back and written again
    shard = shard_rows(n)
    waiting: list[npt.NDArray[np.int16]] = []
    track, written = [], 0
    for movement, signal_uv in _blocks(rig, plan, rate_hz):
        track.append([movement.x_cm, movement.y_cm, movement.head_direction_rad])
        waiting.append(np.rint(signal_uv / STEP_UV).astype(np.int16))
        if sum(map(len, waiting)) >= shard:
            ready = np.concatenate(waiting)
            whole = len(ready) // shard * shard
            array[written : written + whole] = ready[:whole]
            written, waiting = written + whole, [ready[whole:]]
    array[written:] = np.concatenate(waiting)
    return np.concatenate(track, axis=1)


def lfp_blocks(
    rig: Rig, plan: RecordingPlan, rate_hz: float = 1250.0
) -> Iterator[npt.NDArray[np.float32]]:
    """Signals in microvolts, (row, channel), block by block; they join without a seam."""
    for _, signal_uv in _blocks(rig, plan, rate_hz):
        yield signal_uv.astype(np.float32)


def _blocks(
    rig: Rig, plan: RecordingPlan, rate_hz: float
) -> Iterator[tuple[Movement, npt.NDArray[np.float64]]]:
    seconds = int(plan.duration_s)
    behaviour, brain = Behaviour(rig, plan), Brain(rig, plan)
    brain.advance(behaviour.advance(-WARM_UP_S, WARM_UP_S), -WARM_UP_S, WARM_UP_S)
    limit_uv = _limit_uv(rig)
    resampler = Resampler(len(plan.montage.channel), BRAIN_HZ, rate_hz)
    for first in range(0, seconds, BLOCK_S):
        pages = min(BLOCK_S, seconds - first)
        movement = behaviour.advance(first, pages)
        field_uv = brain.advance(movement, first, pages).signal_uv
        rows = resampler(field_uv, last=first + pages == seconds)
        yield movement, np.clip(rows, -limit_uv, limit_uv)


def _limit_uv(rig: Rig) -> float:
    """The converter's limit; without channels that stick at it there is none but that of int16."""
    return INPUT_RANGE_UV if rig.epileptic else 32767 * STEP_UV


class Resampler:
    """`scipy.signal.resample_poly` of a signal that comes in blocks of whole seconds.

    Parameters
    ----------
    n_channels : int
        Number of signals.
    rate_hz, new_rate_hz : float
        Whole numbers.
    """

    def __init__(self, n_channels: int, rate_hz: float, new_rate_hz: float) -> None:
        ratio = Fraction(new_rate_hz) / Fraction(rate_hz)
        self._up, self._down = ratio.numerator, ratio.denominator
        if Fraction(rate_hz) % self._down:
            raise ValueError(f"{new_rate_hz:g} Hz is not a whole number.")
        # the filter reaches ten periods of the slower rate to both sides
        reach = int(np.ceil(10 * max(self._up, self._down) / self._up)) + 1
        self._reach = -(-reach // self._down) * self._down
        self._seen = np.zeros((n_channels, self._reach))

    def __call__(self, x: npt.ArrayLike, last: bool = False) -> FloatArray:
        """Resample the next block (channel, sample), (row, channel).

        All but the last lag behind by the filter's reach.
        """
        ahead = np.zeros((len(self._seen), self._reach if last else 0))
        seen = np.concatenate([self._seen, np.asarray(x, dtype=np.float64), ahead], axis=1)
        self._seen = seen[:, -2 * self._reach :]
        rows = np.asarray(signal.resample_poly(seen, self._up, self._down, axis=1)).T
        # what zeros beyond the ends reach belongs to the blocks before and after
        edge = self._reach * self._up // self._down
        return rows[edge:-edge]
