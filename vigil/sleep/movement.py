"""How the animal moved in each epoch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

MEASURES = {
    "speed_cm_s": "movement.speed",
    "acceleration_cm_s2": "movement.acceleration",
    "jerk_cm_s3": "movement.jerk",
}
COLUMNS = ("time_s", "valid", *MEASURES, "angular_velocity_rad_s")
"""What is read of kinematics.parquet."""


def movement_of_epochs(
    kinematics: pd.DataFrame, start_s: npt.NDArray[np.float64], epoch_s: float
) -> pd.DataFrame:
    """Movement of the head in each epoch.

    Parameters
    ----------
    kinematics : DataFrame
        As of kinematics.parquet, with at least `COLUMNS`.
    start_s : ndarray, (epoch,)
        Starts of the epochs.
    epoch_s : float
        Their length.

    Returns
    -------
    DataFrame
        `movement.speed` (mean, cm/s), `movement.top_speed` (95th percentile),
        `movement.acceleration`, `movement.jerk`, `movement.turning` (mean, rad/s). An epoch
        of which less than half is seen is missing, whatever the camera's rate.
    """
    index = np.searchsorted(start_s, kinematics["time_s"].to_numpy(), side="right") - 1
    inside = (index >= 0) & kinematics["valid"].to_numpy(dtype=bool)
    inside &= kinematics["time_s"].to_numpy() < start_s[np.maximum(index, 0)] + epoch_s
    frames = kinematics.loc[inside].assign(
        epoch=index[inside],
        turning=lambda t: t["angular_velocity_rad_s"].abs(),
        seen_s=_duration_s(kinematics["time_s"].to_numpy())[inside],
    )
    groups = frames.groupby("epoch")
    table: pd.DataFrame = groups[list(MEASURES)].mean().rename(columns=MEASURES)
    table["movement.top_speed"] = groups["speed_cm_s"].quantile(0.95)
    table["movement.turning"] = groups["turning"].mean()
    table[groups["seen_s"].sum() < 0.5 * epoch_s] = np.nan
    return table.reindex(np.arange(len(start_s)))


def _duration_s(time_s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Time that each frame stands for: half way to its neighbours, at the ends as far out."""
    if len(time_s) < 2:
        return np.zeros(len(time_s))
    step_s = np.diff(time_s)
    return np.asarray((np.append(step_s, step_s[-1]) + np.insert(step_s, 0, step_s[0])) / 2)
