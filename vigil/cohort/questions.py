"""What the cohort is asked of its seizures: where, when, in which state, fatal or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from vigil.cohort.animal_onset import animal_onset
from vigil.cohort.coupling.clock import Hours, couple_clock, seizure_hours
from vigil.cohort.coupling.states import SeizureStates, couple_states, seizure_states
from vigil.cohort.coupling.watch import Watch, watch
from vigil.cohort.death import deaths
from vigil.cohort.fatal import compare_fatal
from vigil.cohort.files import ORIGIN_COLUMNS
from vigil.cohort.gather import Recording
from vigil.cohort.seizures import join_seizures
from vigil.cohort.settings import Settings
from vigil.page.times import lights_on_h, zeitgeber_h
from vigil.recording import seconds_between
from vigil.sleep.files import read_hypnogram


@dataclass(frozen=True)
class Questions:
    """The answers, as tables and as what their figures are drawn from.

    Parameters
    ----------
    seizures : DataFrame
        All seizures of the cohort.
    fatal : DataFrame
        Fatal seizures against others, by marker.
    coupling : DataFrame
        Seizures by state, time since its change, and hour.
    origins : DataFrame
        Where the seizures of each animal begin, pooled.
    """

    seizures: pd.DataFrame
    fatal: pd.DataFrame
    coupling: pd.DataFrame
    origins: pd.DataFrame
    states: SeizureStates
    hours: Hours


def ask(found: Sequence[Recording], settings: Settings) -> Questions:
    """Answer them for the recordings of a cohort."""
    described = [(r.name, r.animal, r.group, r.seizures) for r in found if r.seizures is not None]
    seizures = join_seizures(described, settings.fatal_within_min)
    died = deaths(found)
    watches = [watch_of(r, died.get(r.animal), settings) for r in found if sought(r)]
    states, hours = seizure_states(watches, settings), seizure_hours(watches, settings)
    coupled = [couple_states(states, settings.soon_after_change_s)]
    coupled.append(couple_clock(hours, settings.light_h))
    return Questions(
        seizures=seizures,
        fatal=compare_fatal(seizures),
        coupling=pd.concat(coupled, ignore_index=True),
        origins=origins_table(found),
        states=states,
        hours=hours,
    )


def sought(recording: Recording) -> bool:
    """Whether seizures were sought and it is known where."""
    return recording.events is not None and bool(recording.segments_s)


def watch_of(recording: Recording, died: datetime | None, settings: Settings) -> Watch:
    """What coupling needs of a recording."""
    events, start = recording.events, recording.start
    onset = np.zeros(0) if events is None else events["onset"].to_numpy(np.float64)
    lasted = np.zeros(0) if events is None else events["duration"].to_numpy(np.float64)
    lights_on = lights_on_h(recording.row.get("lights_on"))
    hour = np.nan if start is None or lights_on is None else zeitgeber_h(start, lights_on, 0.0)
    death_s = np.nan if start is None or died is None else seconds_between(start, died)
    return watch(
        recording.name,
        recording.animal,
        np.column_stack([onset, onset + lasted]),
        np.array(recording.segments_s),
        None if recording.hypnogram is None else read_hypnogram(recording.hypnogram),
        hour,
        death_s,
        settings,
    )


def origins_table(found: Sequence[Recording]) -> pd.DataFrame:
    """Where the seizures of each animal begin, one row per animal in which any were found."""
    rows = []
    for animal in dict.fromkeys(r.animal for r in found):
        mine = [r for r in found if r.animal == animal]
        tables = [r.consensus for r in mine if r.consensus is not None and len(r.consensus)]
        if not tables:
            continue
        regions = list(dict.fromkeys(name for r in mine for name in r.regions))
        group = next((r.group for r in mine if r.group), "")
        onset = animal_onset(pd.concat(tables, ignore_index=True), regions)
        rows.append({"animal": animal, "group": group, **asdict(onset)})
    return pd.DataFrame(rows, columns=list(ORIGIN_COLUMNS))
