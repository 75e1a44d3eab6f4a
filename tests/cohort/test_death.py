"""What is found after an animal's death does not count, whichever row names the death."""

from datetime import datetime

import numpy as np
import pandas as pd

from vigil.cohort.death import alive_s, cut_at_death
from vigil.cohort.gather import Recording

START = "2026-03-02T09:00:00+01:00"
DIED = "2026-03-02T10:30:00+01:00"


def recording(name, died="", start=START):
    row = {"recording": name, "animal": "m", "start": start, "died": died}
    events = pd.DataFrame({"seizure": [1, 2], "onset": [600.0, 7200.0], "duration": 30.0})
    consensus = pd.DataFrame({"seizure": [1, 2], "region": "CA1", "status": "resolved"})
    segments = ((0.0, 3000.0), (3600.0, 86400.0))
    return Recording(row, events=events, consensus=consensus, segments_s=segments)


def test_events_and_time_after_death_are_cut_in_all_recordings_of_the_animal():
    later = recording("late", start="2026-03-03T09:00:00+01:00")
    first, second = cut_at_death([recording("first", died=DIED), later])
    assert first.events["seizure"].tolist() == [1]
    assert first.consensus["seizure"].tolist() == [1]
    assert first.segments_s == ((0.0, 3000.0), (3600.0, 5400.0))
    assert not len(second.events)
    assert second.segments_s == ()


def test_without_a_death_or_a_start_everything_counts():
    whole = recording("whole")
    assert cut_at_death([whole])[0] is whole
    dateless = recording("dateless", died=DIED, start="")
    assert len(cut_at_death([dateless])[0].events) == 2
    assert alive_s(None, datetime.fromisoformat(DIED)) == np.inf
