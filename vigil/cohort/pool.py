"""Tables of the cohort: by recording, by animal, and the regions where seizures start.

An animal counts once, however many recordings it has: shares are pooled by time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from vigil.cohort.files import ANIMAL_COLUMNS, ONSET_COLUMNS, RECORDING_COLUMNS
from vigil.cohort.gather import Recording
from vigil.recording import STATES, seconds_between
from vigil.seizures.files import RESOLVED


def minutes_by_state(recording: Recording) -> dict[str, float]:
    """Scored minutes of each state; nothing where sleep was not scored."""
    if recording.sleep is None:
        return {}
    return {
        str(s): float(m)
        for s, m in zip(recording.sleep["state"], recording.sleep["minutes"], strict=True)
    }


def shares(minutes: dict[str, float]) -> dict[str, float]:
    """Share of each state as columns `<state>_share`, NaN where nothing was scored."""
    total = sum(minutes.values())
    return {f"{s}_share": minutes.get(s, 0.0) / total if total else np.nan for s in STATES}


def channels_by_verdict(recording: Recording) -> dict[str, float]:
    """Channels in use by the montage, those left out as bad, and those that need a look."""
    if recording.quality is None:
        return dict.fromkeys(("channels", "bad_channels", "doubted_channels"), np.nan)
    verdict = recording.quality.loc[recording.quality["kind"] != "off", "verdict"]
    return {
        "channels": len(verdict),
        "bad_channels": int((verdict == "bad").sum()),
        "doubted_channels": int((verdict == "warn").sum()),
    }


def recordings_table(recordings: Sequence[Recording]) -> pd.DataFrame:
    """One row per recording, in the order of the table."""
    rows = [
        {
            "recording": r.name,
            "animal": r.animal,
            "group": r.group,
            "start": r.row.get("start") or "",
            "status": r.status,
            "reason": r.reason,
            "hours": r.hours,
            **shares(minutes_by_state(r)),
            "seizures": np.nan if r.events is None else len(r.events),
            "resolved_onsets": np.nan
            if r.consensus is None
            else int((r.consensus["status"] == RESOLVED).sum()),
            **channels_by_verdict(r),
            "mean_speed_cm_s": r.mean_speed_cm_s,
            "died": r.row.get("died") or "",
        }
        for r in recordings
    ]
    return pd.DataFrame(rows, columns=list(RECORDING_COLUMNS))


def animals_table(recordings: Sequence[Recording]) -> pd.DataFrame:
    """One row per animal; `seizures_per_day` counts only hours in which seizures were sought."""
    by_animal: dict[str, list[Recording]] = {}
    for r in recordings:
        by_animal.setdefault(r.animal, []).append(r)
    rows = []
    for animal, mine in by_animal.items():
        minutes: dict[str, float] = {}
        for r in mine:
            for state, value in minutes_by_state(r).items():
                minutes[state] = minutes.get(state, 0.0) + value
        sought = [r for r in mine if r.events is not None]
        n = sum(len(r.events) for r in sought if r.events is not None)
        hours = sum(r.sought_hours for r in sought)
        moved = [(r.mean_speed_cm_s, r.moved_s) for r in mine if np.isfinite(r.mean_speed_cm_s)]
        rows.append(
            {
                "animal": animal,
                "group": next((r.group for r in mine if r.group), ""),
                "recordings": len(mine),
                "not_analysed": sum(r.status == "not analysed" for r in mine),
                "hours": np.nansum([r.hours for r in mine]),
                "seizure_hours": hours,
                **shares(minutes),
                "seizures": n if sought else np.nan,
                "seizures_per_day": 24 * n / hours if hours else np.nan,
                "mean_speed_cm_s": _weighted(moved),
                "died": next((str(r.row["died"]) for r in mine if r.row.get("died")), ""),
                "last_seizure_before_death_h": hours_to_death(mine),
            }
        )
    return pd.DataFrame(rows, columns=list(ANIMAL_COLUMNS))


def hours_to_death(recordings: Sequence[Recording]) -> float:
    """Hours from the onset of an animal's last seizure to its death; NaN where one is not known."""
    died = next((r.died for r in recordings if r.died is not None), None)
    if died is None:
        return np.nan
    hours = [
        (seconds_between(r.start, died) - float(onset_s)) / 3600
        for r in recordings
        if r.events is not None and r.start is not None
        for onset_s in r.events["onset"]
    ]
    return min((h for h in hours if h >= 0), default=np.nan)


def _weighted(pairs: list[tuple[float, float]]) -> float:
    """Mean of values weighted by time, NaN without any."""
    total = sum(weight for _, weight in pairs)
    return sum(value * weight for value, weight in pairs) / total if total else np.nan


def onsets_table(recordings: Sequence[Recording]) -> pd.DataFrame:
    """Seizures of each animal by region of onset.

    Seizures of which it is not sure where they begin, or of which no onset was found, are rows of
    their own with status `unresolved` and `none`.
    """
    groups: dict[str, str] = {}
    for r in recordings:
        groups[r.animal] = groups.get(r.animal) or r.group
    parts = [
        pd.DataFrame(
            {
                "animal": r.animal,
                "group": groups[r.animal],
                "region": r.consensus["region"].where(r.consensus["status"] != "none", ""),
                "status": r.consensus["status"],
            }
        )
        for r in recordings
        if r.consensus is not None and len(r.consensus)
    ]
    if not parts:
        return pd.DataFrame(columns=list(ONSET_COLUMNS))
    keys = ["animal", "group", "region", "status"]
    table = (
        pd.concat(parts).groupby(keys, sort=False, dropna=False).size().reset_index(name="seizures")
    )
    return table.sort_values(
        ["animal", "seizures"], ascending=[True, False], kind="stable"
    ).reset_index(drop=True)


def summary_sentences(recordings: pd.DataFrame, animals: pd.DataFrame) -> list[str]:
    """What a reader should know first, in plain words."""
    n = len(animals)
    said = [
        f"{n} animal{'s' if n != 1 else ''}, {len(recordings)} recording"
        f"{'s' if len(recordings) != 1 else ''}, {recordings['hours'].sum():.1f} hours."
    ]
    sought = recordings["seizures"].notna()
    if sought.any():
        total = int(recordings.loc[sought, "seizures"].sum())
        with_any = int((animals["seizures"] > 0).sum())
        searched = int(animals["seizures"].notna().sum())
        said.append(
            f"{total} seizure{'s' if total != 1 else ''} in {with_any} of {searched} animals."
            if total
            else "No seizures were found."
        )
    died = int((animals["died"] != "").sum())
    if died:
        said.append(f"{died} animal{'s' if died != 1 else ''} died.")
    failed = int((recordings["status"] == "not analysed").sum())
    partly = int((recordings["status"] == "partly").sum())
    if failed or partly:
        parts = [f"{failed} could not be analysed"] if failed else []
        parts += [f"{partly} only in part"] if partly else []
        said.append(
            f"Of the {len(recordings)} recordings {' and '.join(parts)}; the reasons are below."
        )
    return said
