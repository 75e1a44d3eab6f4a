"""A recording in windows of a minute: medians of its features, states, movement, spikes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.cohort.early.settings import EarlySettings
from vigil.recording import SCORED, STATES

FloatArray = npt.NDArray[np.float64]
PHASES = ("interictal", "ictal", "postictal")
MOVEMENT = {
    "speed_cm_s": "movement.speed",
    "acceleration_cm_s2": "movement.acceleration",
    "angular_velocity_rad_s": "movement.turning",
}
"""Of kinematics.parquet, and what their means (of turning: of its size) are called."""

NOT_FEATURES = ("start_s", "duration_s", "valid", "reason")


def window_table(
    features: pd.DataFrame | None,
    hypnogram: pd.DataFrame | None,
    kinematics: pd.DataFrame | None,
    evidence: pd.DataFrame | None,
    onsets_s: FloatArray,
    stops_s: FloatArray,
    settings: EarlySettings,
) -> pd.DataFrame:
    """One row per whole window of a recording; what is missing is NaN.

    Parameters
    ----------
    features : DataFrame or None
        As of features.parquet. Medians are of the epochs that are clean: at least `least_clean`
        of their time without gap, artefact or disturbance (`artefact` of the evidence).
    hypnogram, kinematics, evidence : DataFrame or None
        As of their parquet files.
    onsets_s, stops_s : ndarray, (seizure,)
        On the recording's clock.

    Returns
    -------
    DataFrame
        `start_s`, `duration_s`, `valid` (enough of it is clean), `phase` (interictal, ictal,
        postictal), `state` (that of most of its time), `sleep.<state>` (share of its time),
        the features, `<region>.spikes_per_min`, `movement.<measure>`.
    """
    window_s = settings.window_s
    start_s = (
        np.arange(int(_length_s(features, hypnogram, evidence) // window_s), dtype=float) * window_s
    )
    n = len(start_s)
    parts = [
        pd.DataFrame({"start_s": start_s, "duration_s": window_s}),
        pd.DataFrame({"phase": phases(start_s, window_s, onsets_s, stops_s, settings)}),
        _states(hypnogram, window_s, n),
    ]
    clean_s = np.zeros(n)
    disturbed = None if evidence is None else _disturbed(evidence)
    if features is not None and len(features):
        medians, clean_s = _features(features, evidence, disturbed, window_s, n, settings)
        parts.append(medians)
    if evidence is not None and disturbed is not None:
        parts.append(_spikes(evidence, disturbed, window_s, n))
    if kinematics is not None:
        parts.append(_movement(kinematics, window_s, n))
    table = pd.concat(parts, axis=1)
    # half a sample of an epoch's length must not decide
    table.insert(2, "valid", clean_s >= settings.least_clean * window_s - 1e-6)
    return table


def phases(
    start_s: FloatArray,
    window_s: float,
    onsets_s: FloatArray,
    stops_s: FloatArray,
    settings: EarlySettings,
) -> npt.NDArray[np.str_]:
    """Phase of each window: a seizure touches it, or the time after one, or neither."""
    found = np.full(len(start_s), PHASES[0], dtype="<U10")
    after_s = 60 * settings.postictal_min
    for reach_s, phase in ((after_s, PHASES[2]), (0.0, PHASES[1])):
        for onset, stop in zip(onsets_s, stops_s, strict=True):
            found[(start_s + window_s > onset) & (start_s < stop + reach_s)] = phase
    return found


def _length_s(*tables: pd.DataFrame | None) -> float:
    """How far the longest of the tables reaches."""
    ends = [0.0]
    for table in tables:
        if table is not None and len(table) > 1:
            start = table["start_s" if "start_s" in table else "time_s"].to_numpy(float)
            ends.append(float(2 * start[-1] - start[-2]))
    return max(ends) + 1e-6


def _place(middle_s: FloatArray, window_s: float, n: int) -> npt.NDArray[np.int64]:
    """The window that a moment lies in; -1 outside of all."""
    place = np.floor(middle_s / window_s).astype(np.int64)
    return np.where((place >= 0) & (place < n), place, -1)


def _grouped(
    table: pd.DataFrame, place: npt.NDArray[np.int64], keep: npt.NDArray[np.bool_], n: int, how: str
) -> pd.DataFrame:
    keep = keep & (place >= 0)
    found: pd.DataFrame = table.loc[keep].groupby(place[keep]).agg(how)
    return found.reindex(np.arange(n))


def _disturbed(evidence: pd.DataFrame) -> npt.NDArray[np.bool_]:
    return np.asarray(evidence["artefact"].fillna("").astype(str) != "", dtype=bool)


def _features(
    features: pd.DataFrame,
    evidence: pd.DataFrame | None,
    disturbed: npt.NDArray[np.bool_] | None,
    window_s: float,
    n: int,
    settings: EarlySettings,
) -> tuple[pd.DataFrame, FloatArray]:
    """Medians over the clean epochs of each window, and their seconds."""
    start = features["start_s"].to_numpy(float)
    epoch_s = features["duration_s"].to_numpy(float)
    clean = features["valid"].to_numpy(float) >= settings.least_clean
    if evidence is not None and disturbed is not None and len(disturbed):
        time_s = evidence["time_s"].to_numpy(float)
        total = np.concatenate([[0], np.cumsum(disturbed)])
        first = np.searchsorted(time_s, start - 1e-6)
        last = np.searchsorted(time_s, start + epoch_s - 1e-6)
        share = (total[last] - total[first]) / np.maximum(last - first, 1)
        clean &= share <= 1 - settings.least_clean
    place = _place(start + epoch_s / 2, window_s, n)
    kept = clean & (place >= 0)
    columns = [c for c in features if c not in NOT_FEATURES]
    medians = _grouped(features[columns], place, clean, n, "median").astype(np.float32)
    return medians, np.bincount(place[kept], epoch_s[kept], n).astype(float)


def _states(hypnogram: pd.DataFrame | None, window_s: float, n: int) -> pd.DataFrame:
    names = [f"sleep.{s}" for s in SCORED]
    if hypnogram is None or not len(hypnogram):
        empty = pd.DataFrame(np.nan, index=np.arange(n), columns=names)
        empty.insert(0, "state", STATES[-1])
        return empty
    duration_s = hypnogram["duration_s"].to_numpy(float)
    place = _place(hypnogram["start_s"].to_numpy(float) + duration_s / 2, window_s, n)
    state = hypnogram["state"].to_numpy(str)
    shares = np.stack(
        [
            np.bincount(place[(place >= 0) & (state == s)],
                        duration_s[(place >= 0) & (state == s)], n) / window_s
            for s in STATES
        ],
        axis=1,
    )  # fmt: skip
    scored = shares[:, : len(SCORED)]
    most = np.asarray(SCORED)[np.argmax(scored, axis=1)]
    table = pd.DataFrame(scored.astype(np.float32), columns=names)
    # a window of which less than half is scored has no state
    table.insert(0, "state", np.where(scored.sum(axis=1) >= 0.5, most, STATES[-1]))
    return table


def _spikes(
    evidence: pd.DataFrame, disturbed: npt.NDArray[np.bool_], window_s: float, n: int
) -> pd.DataFrame:
    columns = [c for c in evidence if str(c).endswith(".spikes_per_s")]
    place = _place(evidence["time_s"].to_numpy(float), window_s, n)
    means = 60 * _grouped(evidence[columns], place, ~disturbed, n, "mean")
    means.columns = pd.Index([str(c).replace("_per_s", "_per_min") for c in columns])
    return means.astype(np.float32)


def _movement(kinematics: pd.DataFrame, window_s: float, n: int) -> pd.DataFrame:
    """Means over the valid frames; a window of which less than half is seen has none."""
    place = _place(kinematics["time_s"].to_numpy(float), window_s, n)
    valid = kinematics["valid"].to_numpy(bool)
    table = kinematics[list(MOVEMENT)].rename(columns=MOVEMENT)
    table["movement.turning"] = table["movement.turning"].abs()
    means = _grouped(table, place, valid, n, "mean")
    step_s = float(np.median(np.diff(kinematics["time_s"]))) if len(kinematics) > 1 else 0.0
    seen_s = np.bincount(place[valid & (place >= 0)], minlength=n)[:n] * step_s
    means[seen_s < 0.5 * window_s] = np.nan
    return means.astype(np.float32)
