"""Parts that a recording may lack - a region, the EMG, the camera - hidden while a model learns."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FloatMatrix = npt.NDArray[np.float32]

AFTER = "epochs after"
"""Not a part of the recording, but of what is known while the animal is recorded."""


def parts_of(columns: Sequence[str]) -> dict[str, npt.NDArray[np.intp]]:
    """Columns of predictors that are missing together.

    Parameters
    ----------
    columns : sequence of str
        As of `make_predictors`.

    Returns
    -------
    dict
        By the name of the region, 'EMG', 'camera' or `AFTER`, places among the columns. A pair
        of regions goes with either of them. What the brain's channels tell of the muscles goes
        with no part.
    """
    found: dict[str, list[int]] = {}
    for place, column in enumerate(columns):
        where, _, feature = column.partition(".")
        if where == "movement":
            names = ["camera"]
        elif where == "emg":
            names = ["EMG"] if feature.partition("@")[0] != "from_lfp" else []
        else:
            # a region may be called as another part is
            taken = ("EMG", "camera", AFTER)
            names = [f"region {r}" if r in taken else r for r in where.split("~")]
        if "@+" in column:
            names = [*names, AFTER]
        for name in names:
            found.setdefault(name, []).append(place)
    return {name: np.array(places) for name, places in found.items()}


def regions_of(parts: dict[str, npt.NDArray[np.intp]]) -> list[str]:
    """The parts that are regions of the brain."""
    return [p for p in parts if p not in ("EMG", "camera", AFTER)]


def hide(
    predictors: FloatMatrix, parts: dict[str, npt.NDArray[np.intp]], names: Sequence[str]
) -> FloatMatrix:
    """The predictors without some parts, a copy."""
    out = predictors.copy()
    for name in names:
        out[:, parts[name]] = np.nan
    return out


def hide_by_chance(
    predictors: FloatMatrix,
    parts: dict[str, npt.NDArray[np.intp]],
    share: float,
    seed: int,
    recording: str,
) -> None:
    """Hide parts from epochs, in place.

    Each part is hidden from each epoch with the same probability, with its context, but never the
    last region that the epoch has. The same seed and recording hide the same.

    Parameters
    ----------
    predictors : ndarray, (epoch, predictor)
    parts : dict
        As of `parts_of`.
    share : float
        Probability.
    seed : int
    recording : str
    """
    rng = np.random.default_rng([seed, zlib.crc32(recording.encode())])
    gone = dict(zip(parts, rng.random((len(parts), len(predictors))) < share, strict=True))
    regions = regions_of(parts)
    order = rng.permuted(np.tile(np.arange(len(regions)), (len(predictors), 1)), axis=1)
    there = np.array([np.isfinite(predictors[:, parts[r]]).any(axis=1) for r in regions]).T
    if regions:
        hidden = np.array([gone[r] for r in regions]).T
        none_left = (hidden | ~there).all(axis=1)
        # of the regions that an epoch has, the first by chance
        kept = np.where(there, order, len(regions)).argmin(axis=1)
        for place, region in enumerate(regions):
            gone[region] = gone[region] & ~(none_left & (kept == place))
    for name, which in gone.items():
        predictors[np.ix_(which, parts[name])] = np.nan
