"""The seizures of a recording, one row each: when, where, from which state, and what followed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.cohort.aftermath import (
    NO_THETA,
    After,
    moves_after,
    sleeps_after,
    theta_around,
    theta_region,
)
from vigil.cohort.files import IDS
from vigil.cohort.settings import Settings
from vigil.cohort.state_before import state_before, state_track
from vigil.page.times import zeitgeber_h
from vigil.page.words import count_words
from vigil.recording import parse_time, seconds_between
from vigil.seizures.files import WHOLE_BRAIN

COLUMNS = (
    "seizure", "onset_s", "duration_s", "onset_time", "zeitgeber_h", "region", "status",
    "state_before", "state_for_s", "suppression_s", "recovered", "theta_region", "theta_before",
    "theta_after", "theta_kept", "theta_power_kept", "theta_seen_s", "moves_after_s",
    "movement_seen_s", "sleeps_after_s", "sleep_seen_s", "seen_after_s",
    "death_after_s", "last_before_death", "fatal",
)  # fmt: skip
FloatArray = npt.NDArray[np.float64]
NAN = float("nan")
NO_VIEW = After(NAN, 0.0)
SAME_S = 30.0
"""Onsets of one animal in two recordings that are closer are of one seizure."""
log = logging.getLogger("vigil")


def describe_seizures(
    events: pd.DataFrame,
    consensus: pd.DataFrame | None,
    postictal: pd.DataFrame | None,
    hypnogram: pd.DataFrame | None,
    features: pd.DataFrame | None,
    bouts: pd.DataFrame | None,
    length_s: float,
    start: datetime | None,
    lights_on: float | None,
    died: datetime | None,
    settings: Settings,
) -> pd.DataFrame:
    """One row per seizure of a recording.

    Parameters
    ----------
    events, consensus, postictal : DataFrame
        Of seizures, as its readers give them; the last two may be missing.
    hypnogram, features, bouts : DataFrame or None
        Of sleep, spectra and kinematics (bouts.tsv).
    length_s : float
        Length of the recording.
    start, lights_on, died
        Start of the recording, hour at which the lights go on, and time of the animal's death;
        None where they are not known.
    settings : Settings

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, then `suppression_<region>_s`. What is not known is NaN or ''. Times
        after a seizure count from its end; `seen_after_s` is until the next seizure, death, or
        the end of the recording, `movement_seen_s` and `sleep_seen_s` what of it video and
        sleep scores cover. `theta_*` are ratios: the peak over the aperiodic spectrum before and
        after, and after over before of the peak's height and of the power; `theta_seen_s` is what
        of the window after the seizure lies before its view ends, as at the animal's death, and
        below 8 s of it theta is NaN. `death_after_s` counts from the onset. `last_before_death`
        and `fatal` are as this recording alone tells; `join_seizures` knows the animal's others.
    """
    onset = events["onset"].to_numpy(np.float64)
    stop = onset + events["duration"].to_numpy(np.float64)
    spans = np.column_stack([onset, stop])
    death_s = NAN if start is None or died is None else seconds_between(start, died)
    recorded = np.maximum(np.minimum(np.append(onset[1:], length_s), length_s), stop)
    until = np.maximum(np.fmin(recorded, death_s), stop)
    state, state_for = np.full(len(onset), "", dtype="<U12"), np.full(len(onset), NAN)
    if hypnogram is not None:
        track = state_track(hypnogram, spans, settings.state_guard_s, settings.state_bridge_s)
        state, state_for = state_before(track, onset)
    theta_of = "" if features is None else theta_region(features, spans)
    rows = []
    for i, number in enumerate(events["seizure"]):
        theta, moves, sleeps = NO_THETA, NO_VIEW, NO_VIEW
        if features is not None:
            theta = theta_around(
                features, theta_of, onset[i], stop[i], until[i], settings.theta_window_s,
                settings.state_guard_s,
            )  # fmt: skip
        if bouts is not None:
            moves = moves_after(bouts, stop[i], until[i])
        if hypnogram is not None:
            sleeps = sleeps_after(
                hypnogram, stop[i], until[i], settings.state_guard_s, settings.sleep_after_s
            )
        rows.append(
            {
                "seizure": int(number),
                "onset_s": onset[i],
                "duration_s": stop[i] - onset[i],
                "onset_time": _moment(start, onset[i]),
                "zeitgeber_h": NAN
                if start is None or lights_on is None
                else zeitgeber_h(start, lights_on, onset[i]),
                **_place(consensus, int(number)),
                "state_before": str(state[i]),
                "state_for_s": state_for[i],
                "theta_region": theta.region,
                "theta_before": theta.before,
                "theta_after": theta.after,
                "theta_kept": theta.after / theta.before,
                "theta_power_kept": theta.power_ratio,
                "theta_seen_s": theta.seen_s,
                "moves_after_s": moves.after_s,
                "movement_seen_s": moves.seen_s,
                "sleeps_after_s": sleeps.after_s,
                "sleep_seen_s": sleeps.seen_s,
                "seen_after_s": until[i] - stop[i],
                "death_after_s": death_s - onset[i],
                **_suppression(postictal, int(number)),
            }
        )
    regions = _regions(postictal)
    columns = [*COLUMNS, *(suppression_column(r) for r in regions)]
    table = pd.DataFrame(rows, columns=columns)
    return mark_deaths(table, np.zeros(len(table), dtype=int), settings.fatal_within_min)


def join_seizures(
    tables: Sequence[tuple[str, str, str, pd.DataFrame]], fatal_within_min: float
) -> pd.DataFrame:
    """The seizures of all recordings of a cohort in one table.

    Parameters
    ----------
    tables : sequence of (recording, animal, group, table)
        As of `describe_seizures`.
    fatal_within_min : float
        A last seizure is fatal when death came within so many minutes of its onset.

    Returns
    -------
    DataFrame
        `recording`, `animal`, `group` and the columns of the tables; each animal has at most one
        seizure that is the last before its death. A seizure that two recordings of an animal
        hold, as their onsets tell (30 s), stands once: as of the first of the two.
    """
    parts = []
    for recording, animal, group, table in tables:
        part = table.copy()
        for place, (name, value) in enumerate(zip(IDS, (recording, animal, group), strict=True)):
            part.insert(place, name, np.full(len(part), value, dtype=object))
        parts.append(part)
    filled = [p for p in parts if len(p)]
    if not filled:
        return parts[0] if parts else pd.DataFrame(columns=[*IDS, *COLUMNS])
    joined = drop_twins(pd.concat(filled, ignore_index=True))
    return mark_deaths(joined, joined["animal"].to_numpy(str), fatal_within_min)


def drop_twins(joined: pd.DataFrame) -> pd.DataFrame:
    """Leave out seizures that overlapping recordings of an animal hold a second time.

    Only where the times of both onsets are known; the earlier row stays.
    """
    times = onset_seconds(joined)
    animal, recording = joined["animal"].to_numpy(str), joined["recording"].to_numpy(str)
    keep = np.ones(len(joined), dtype=bool)
    for one in np.unique(animal):
        mine = np.flatnonzero((animal == one) & ~np.isnan(times))
        for k, i in enumerate(mine):
            before = mine[:k][keep[mine[:k]]]
            close = np.abs(times[before] - times[i]) <= SAME_S
            keep[i] = not (close & (recording[before] != recording[i])).any()
    if not keep.all():
        log.warning(
            "left out as held by an overlapping recording of the same animal: %s",
            count_words(int((~keep).sum()), "seizure"),
        )
    return joined[keep].reset_index(drop=True)


def onset_seconds(table: pd.DataFrame) -> FloatArray:
    """Times of the onsets, in seconds from an animal's first row; NaN where they are not known."""
    times = np.full(len(table), NAN)
    if "onset_time" not in table:
        return times
    first: dict[str, datetime] = {}
    for i, (animal, text) in enumerate(zip(table["animal"], table["onset_time"], strict=True)):
        moment = parse_time(text)
        if moment is not None:
            times[i] = seconds_between(first.setdefault(str(animal), moment), moment)
    return times


def mark_deaths(
    table: pd.DataFrame, animal: npt.NDArray[np.generic], fatal_within_min: float
) -> pd.DataFrame:
    """Mark each animal's last seizure before its death, and whether it was fatal.

    Where the time of death is not known, no seizure is either.
    """
    after = table["death_after_s"].to_numpy(np.float64)
    last = np.zeros(len(table), dtype=bool)
    for one in np.unique(animal):
        # a seizure that begins after the death that the table gives is no last one
        mine = np.flatnonzero((animal == one) & (after >= 0))
        if len(mine):
            last[mine[np.argmin(after[mine])]] = True
    fatal = last & (after <= fatal_within_min * 60)
    return table.assign(last_before_death=last, fatal=fatal)


def suppression_column(region: str) -> str:
    """Column of a region's suppression."""
    return f"suppression_{region}_s"


def _moment(start: datetime | None, time_s: float) -> str:
    if start is None:
        return ""
    return (start + timedelta(seconds=time_s)).isoformat(timespec="milliseconds")


def _place(consensus: pd.DataFrame | None, seizure: int) -> dict[str, object]:
    if consensus is not None:
        mine = consensus[consensus["seizure"] == seizure]
        if len(mine):
            status, region = str(mine["status"].iloc[0]), mine["region"].iloc[0]
            named = status != "none" and isinstance(region, str)
            return {"region": region if named else "", "status": status}
    return {"region": "", "status": ""}


def _regions(postictal: pd.DataFrame | None) -> list[str]:
    if postictal is None or "region" not in postictal:
        return []
    return [str(r) for r in dict.fromkeys(postictal["region"]) if r != WHOLE_BRAIN]


def _suppression(postictal: pd.DataFrame | None, seizure: int) -> dict[str, object]:
    """Suppression of the whole brain and by region; a table without regions is of the whole."""
    if postictal is None:
        return {"suppression_s": NAN, "recovered": ""}
    mine = postictal[postictal["seizure"] == seizure]
    regions = mine["region"].astype(str) if "region" in mine else None
    whole = mine if regions is None else mine[regions == WHOLE_BRAIN]
    found: dict[str, object] = {"suppression_s": NAN, "recovered": ""}
    if len(whole):
        found["suppression_s"] = float(whole["suppression_s"].iloc[0])
        known = whole["recovered"].iloc[0]
        found["recovered"] = "" if known is None else str(bool(known)).lower()
    if regions is not None:
        for region, length in zip(regions, mine["suppression_s"], strict=True):
            if region != WHOLE_BRAIN:
                found[suppression_column(region)] = float(length)
    return found
