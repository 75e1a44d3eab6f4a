"""What a workflow found in one simulated recording, side by side with the truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import zarr

from vigil.stage import not_analysed

FloatArray = npt.NDArray[np.float64]

BEFORE_S, AFTER_S = 5.0, 10.0
"""An event counts as a seizure when it overlaps it, widened by so much: the strict preset."""
GAP_TOLERANCE_S = 0.05


def _none() -> FloatArray:
    return np.empty(0)


@dataclass
class Comparison:
    """Pairs of truth and outcome of one recording, or of several end to end.

    What could not be compared is an empty array or None, and `absent` says why.

    Parameters
    ----------
    true_state, scored_state : list of str
        One entry per epoch that holds data and has a true state.
    seizures, found, false : int or None
        True seizures, those of them that were found, and events that are none.
    onset_error_s : ndarray
        Found minus true onset, one per seizure found.
    region : list of str
        right, wrong, unresolved or none, one per seizure found.
    direction_error_rad, position_error_cm : ndarray
        One per frame with a valid head.
    frames : int
        Frames compared, valid or not.
    clock_error_s : ndarray
        One per frame.
    gaps, gaps_found : int or None
        True gaps, and those whose borders were found.
    absent : dict
        By stage, why there is nothing to compare.
    """

    true_state: list[str] = field(default_factory=list)
    scored_state: list[str] = field(default_factory=list)
    seizures: int | None = None
    found: int | None = None
    false: int | None = None
    onset_error_s: FloatArray = field(default_factory=_none)
    region: list[str] = field(default_factory=list)
    regions_compared: bool = False
    direction_error_rad: FloatArray = field(default_factory=_none)
    position_error_cm: FloatArray = field(default_factory=_none)
    frames: int = 0
    clock_error_s: FloatArray = field(default_factory=_none)
    gaps: int | None = None
    gaps_found: int | None = None
    absent: dict[str, str] = field(default_factory=dict)


def compare(truth: Path, results: Path) -> Comparison:
    """Compare the results of a recording with its truth.

    Parameters
    ----------
    truth : Path
        `truth/<recording>` of the rig.
    results : Path
        `results/<recording>` of the workflow.
    """
    c = Comparison()
    _compare_sleep(c, truth, results / "sleep" / "hypnogram.parquet")
    _compare_seizures(c, truth, results / "seizures")
    _compare_head(c, truth / "head.parquet", results / "kinematics" / "kinematics.parquet")
    _compare_gaps(c, truth / "gaps.tsv", results / "downsample" / "lfp.zarr")
    return c


def pool(comparisons: list[Comparison]) -> Comparison:
    """Several recordings as one; a count is None where no recording has it.

    True seizures and gaps of a recording that was not analysed count, so that they are missed.
    """
    pooled = Comparison()
    for name in ("true_state", "scored_state", "region"):
        setattr(pooled, name, [x for c in comparisons for x in getattr(c, name)])
    for name in ("seizures", "found", "false", "gaps", "gaps_found"):
        counts = [n for c in comparisons if (n := getattr(c, name)) is not None]
        setattr(pooled, name, sum(counts) if counts else None)
    for name in ("onset_error_s", "direction_error_rad", "position_error_cm", "clock_error_s"):
        setattr(pooled, name, np.concatenate([_none(), *(getattr(c, name) for c in comparisons)]))
    pooled.regions_compared = any(c.regions_compared for c in comparisons)
    pooled.frames = sum(c.frames for c in comparisons)
    return pooled


def _is_there(c: Comparison, stage: str, path: Path) -> bool:
    if not path.exists():
        c.absent[stage] = f"{path.name} is not there"
    elif (mark := not_analysed(path)) is not None:
        c.absent[stage] = mark.reason
    return stage not in c.absent


def _compare_sleep(c: Comparison, truth: Path, path: Path) -> None:
    if not _is_there(c, "sleep", path):
        return
    states = pd.read_csv(truth / "states.csv")
    gaps = pd.read_csv(truth / "gaps.tsv", sep="\t")
    start_s = states["start_s"].to_numpy(float)
    stop_s = start_s + states["duration_s"].to_numpy(float)
    lost_s = np.zeros(len(states))
    for a, b in gaps.to_numpy(float):
        lost_s += np.clip(np.minimum(stop_s, b) - np.maximum(start_s, a), 0, None)
    keep = (states["state"] != "unclassified").to_numpy() & (lost_s < 0.5 * (stop_s - start_s))
    c.true_state = states.loc[keep, "state"].tolist()
    c.scored_state = _states_at(pd.read_parquet(path), 0.5 * (start_s + stop_s)[keep])


def _states_at(hypnogram: pd.DataFrame, time_s: FloatArray) -> list[str]:
    """State that a hypnogram gives to some times; unclassified where it has no epoch."""
    start_s = hypnogram["start_s"].to_numpy(float)
    stop_s = start_s + hypnogram["duration_s"].to_numpy(float)
    row = np.searchsorted(start_s, time_s, side="right") - 1
    # an expert's labels, which are kept, are the truth that is compared with
    names = hypnogram["scored"].astype(str).tolist()
    return [
        names[r] if r >= 0 and t < stop_s[r] else "unclassified"
        for r, t in zip(row.tolist(), time_s, strict=True)
    ]


def _compare_seizures(c: Comparison, truth: Path, folder: Path) -> None:
    seizures = pd.read_csv(truth / "seizures.tsv", sep="\t")
    c.seizures = len(seizures)
    if not _is_there(c, "seizures", folder / "events.tsv"):
        return
    events = pd.read_csv(folder / "events.tsv", sep="\t")
    events = events[events["eventType"].astype(str).str.startswith("sz")].reset_index(drop=True)
    starts_s = events["onset"].to_numpy(float)
    stops_s = starts_s + events["duration"].to_numpy(float)
    consensus = None
    if _is_there(c, "onset region", folder / "consensus.tsv"):
        consensus = pd.read_csv(folder / "consensus.tsv", sep="\t", keep_default_na=False)
        c.regions_compared = True
    matched = np.zeros(len(events), dtype=bool)
    errors = []
    onsets_s = seizures["onset_s"].to_numpy(float)
    ends_s = onsets_s + seizures["duration_s"].to_numpy(float)
    regions = seizures["onset_region"].astype(str).tolist()
    for onset_s, end_s, region in zip(onsets_s, ends_s, regions, strict=True):
        a, b = onset_s - BEFORE_S, end_s + AFTER_S
        touching = np.flatnonzero((starts_s < b) & (stops_s > a))
        matched[touching] = True
        if len(touching):
            errors.append(starts_s[touching[0]] - onset_s)
            if consensus is not None:
                c.region.append(_judge_region(consensus, int(touching[0]) + 1, region))
    c.found, c.false = len(errors), int((~matched).sum())
    c.onset_error_s = np.array(errors, dtype=float)


def _judge_region(consensus: pd.DataFrame, seizure: int, region: str) -> str:
    rows = consensus[consensus["seizure"] == seizure]
    if rows.empty or rows["status"].iloc[0] == "none":
        return "none"
    if rows["status"].iloc[0] != "resolved":
        return "unresolved"
    return "right" if rows["region"].iloc[0] == region else "wrong"


def _compare_head(c: Comparison, truth: Path, path: Path) -> None:
    if not truth.exists():
        c.absent["kinematics"] = "the rig has no camera"
        return
    if not _is_there(c, "kinematics", path):
        return
    true, found = pd.read_parquet(truth), pd.read_parquet(path)
    if len(true) != len(found):
        c.absent["kinematics"] = f"{len(found)} rows for {len(true)} frames in the video"
        return
    c.clock_error_s = found["time_s"].to_numpy(float) - true["time_s"].to_numpy()
    turn = found["head_direction_rad"].to_numpy(float) - true["head_direction_rad"].to_numpy()
    away_cm = np.hypot(
        found["x_cm"].to_numpy(float) - true["x_cm"].to_numpy(),
        found["y_cm"].to_numpy(float) - true["y_cm"].to_numpy(),
    )
    valid = np.isfinite(turn) & np.isfinite(away_cm)
    if "valid" in found:
        valid &= found["valid"].to_numpy(bool)
    c.frames = len(valid)
    c.direction_error_rad = np.abs(np.angle(np.exp(1j * turn[valid])))
    c.position_error_cm = away_cm[valid]


def _compare_gaps(c: Comparison, truth: Path, path: Path) -> None:
    true = pd.read_csv(truth, sep="\t").to_numpy(float)
    c.gaps = len(true)
    if not _is_there(c, "downsample", path):
        return
    segments = np.asarray(zarr.open_group(str(path), mode="r").attrs["segments"], dtype=float)
    found = np.stack([segments[:-1, 1], segments[1:, 0]], axis=1)
    near = np.abs(true[:, None] - found[None]).max(axis=2, initial=0) < GAP_TOLERANCE_S
    c.gaps_found = int(near.any(axis=1).sum())
