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


def movement_of_epochs(
    kinematics: pd.DataFrame, start_s: npt.NDArray[np.float64], epoch_s: float
) -> pd.DataFrame:
    """Movement of the head in each epoch.

    Parameters
    ----------
    kinematics : DataFrame
        As of kinematics.parquet.
    start_s : ndarray, (epoch,)
        Starts of the epochs.
    epoch_s : float
        Their length.

    Returns
    -------
    DataFrame
        `movement.speed` (mean, cm/s), `movement.top_speed` (95th percentile),
        `movement.acceleration`, `movement.jerk`, `movement.turning` (mean, rad/s). An epoch
        with less than half of its frames is missing.
    """
    index = np.searchsorted(start_s, kinematics["time_s"].to_numpy(), side="right") - 1
    inside = (index >= 0) & kinematics["valid"].to_numpy(dtype=bool)
    inside &= kinematics["time_s"].to_numpy() < start_s[np.maximum(index, 0)] + epoch_s
    frames = kinematics.loc[inside].assign(
        epoch=index[inside], turning=lambda t: t["angular_velocity_rad_s"].abs()
    )
    groups = frames.groupby("epoch")
    table: pd.DataFrame = groups[list(MEASURES)].mean().rename(columns=MEASURES)
    table["movement.top_speed"] = groups["speed_cm_s"].quantile(0.95)
    table["movement.turning"] = groups["turning"].mean()
    frame_s = float(np.median(np.diff(kinematics["time_s"]))) if len(kinematics) > 1 else epoch_s
    table[groups.size() < 0.5 * epoch_s / frame_s] = np.nan
    return table.reindex(np.arange(len(start_s)))
