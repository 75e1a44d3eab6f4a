"""Gapless runs of several files on one clock: what all of them hold, and where it lies in each."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vigil.downsample.ncs_layout import Run


def intersect_runs(a: Sequence[Run], b: Sequence[Run], rate_hz: float) -> list[Run]:
    """Stretches that both lists of runs cover, with the sample numbers of the first."""
    if list(a) == list(b):
        return list(a)
    step_us = 1e6 / rate_hz
    start_us, stop_us = _borders(b, step_us)
    # of b only the runs from `first` to before `last` can touch a run of a; the borders are
    # made monotone, as timestamps that wander let two runs overlap by a few samples
    first = np.searchsorted(
        np.maximum.accumulate(stop_us), [x.start_us for x in a], side="right"
    ).tolist()
    last = np.searchsorted(
        np.minimum.accumulate(start_us[::-1])[::-1], _borders(a, step_us)[1], side="left"
    ).tolist()
    common = []
    for x, i, k in zip(a, first, last, strict=True):
        for y in b[i:k]:
            lo = max(x.start_us, y.start_us)
            skip = round((lo - x.start_us) / step_us)
            stop = min(x.start_us + x.n_samples * step_us, y.start_us + y.n_samples * step_us)
            n = round((stop - lo) / step_us)
            if n > 0 and skip < x.n_samples:
                common.append(
                    dataclasses.replace(
                        x,
                        start_us=x.start_us + skip * step_us,
                        first_sample=x.first_sample + skip,
                        n_samples=min(n, x.n_samples - skip),
                    )
                )
    return common


def samples_at(
    runs: Sequence[Run], time_us: npt.NDArray[np.float64], rate_hz: float
) -> tuple[int, ...]:
    """Numbers of the samples of a file that lie at times inside its runs."""
    step_us = 1e6 / rate_hz
    start_us, stop_us = _borders(runs, step_us)
    which = np.searchsorted(np.maximum.accumulate(stop_us - step_us / 2), time_us, side="right")
    which = np.minimum(which, len(runs) - 1)
    # a time may lie half a sample outside its run, where the grids of two files differ
    offset = np.rint((time_us - start_us[which]) / step_us).astype(np.int64)
    last = np.array([r.n_samples for r in runs])[which] - 1
    first = np.array([r.first_sample for r in runs])[which]
    return tuple((first + np.clip(offset, 0, last)).tolist())


def end_us(run: Run, rate_hz: float) -> float:
    """Time at which the next sample of a run would come."""
    return run.start_us + run.n_samples * 1e6 / rate_hz


def _borders(
    runs: Sequence[Run], step_us: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    start_us = np.array([r.start_us for r in runs], dtype=np.float64)
    return start_us, start_us + np.array([r.n_samples for r in runs], dtype=np.float64) * step_us
