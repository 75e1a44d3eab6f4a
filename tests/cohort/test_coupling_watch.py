import numpy as np
import pandas as pd

from vigil.cohort.coupling.watch import watch
from vigil.cohort.settings import Settings

DAY_S = 86400.0


def a_watch(seizures=((1000.0, 1030.0),), spans=((0.0, 7200.0),), zeitgeber_h=23.0, death_s=np.nan):
    return watch("r1", "m1", seizures, spans, None, zeitgeber_h, death_s, Settings())


def test_what_comes_after_death_was_not_watched():
    found = a_watch(((1000.0, 1030.0), (5000.0, 5030.0)), ((0, 3000), (3500, 7200)), death_s=4000.0)
    assert found.onset_s.tolist() == [1000.0]
    assert found.risk.stop_s.tolist() == [1000.0, 3000.0, 4000.0]
    assert a_watch(death_s=-5.0).risk.total_s == 0


def test_hours_go_round_the_clock():
    assert a_watch().hour(np.array([0.0, 3600.0, DAY_S])).tolist() == [23.0, 0.0, 23.0]


def test_the_grid_stands_for_the_time_at_risk():
    grid, step = a_watch().grid_s()
    assert len(grid) * step == 7200 - 30
    assert not ((grid >= 1000) & (grid < 1030)).any()
    assert a_watch(spans=()).grid_s()[0].size == 0


def test_sleep_is_tracked_where_it_was_scored():
    assert a_watch().track is None
    table = pd.DataFrame({"start_s": np.arange(100) * 4.0, "duration_s": 4.0, "state": "wake"})
    found = watch("r", "m", [], [(0, 400)], table, np.nan, np.nan, Settings())
    assert found.track is not None
    assert len(found.onset_s) == 0
