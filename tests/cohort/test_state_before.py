import numpy as np
import pandas as pd
import pytest

from vigil.cohort.state_before import state_before, state_track


def hypnogram(*bouts, epoch_s=4.0):
    states = [s for s, n in bouts for _ in range(n)]
    return pd.DataFrame(
        {"start_s": np.arange(len(states)) * epoch_s, "duration_s": epoch_s, "state": states}
    )


def before(table, *times, seizures=(), guard_s=10.0, bridge_s=30.0):
    track = state_track(table, np.array(seizures).reshape(-1, 2), guard_s, bridge_s)
    state, since = state_before(track, times)
    return list(state), list(since)


def test_the_last_epoch_that_ends_before_the_guard_decides():
    table = hypnogram(("wake", 25), ("nrem", 25))  # NREM from 100 s
    assert before(table, 113.0) == (["wake"], [pytest.approx(np.nan, nan_ok=True)])
    state, since = before(table, 114.0, 150.0)
    assert state == ["nrem", "nrem"]
    assert since == [14.0, 50.0]


def test_nothing_in_the_seizure_or_around_it_is_believed():
    """The scorer calls the seizure REM; without the guard it would be the state before."""
    table = hypnogram(("wake", 25), ("nrem", 22), ("rem", 10), ("nrem", 43))  # REM 188-228 s
    assert before(table, 200.0, seizures=[(200.0, 220.0)]) == (["nrem"], [100.0])


def test_a_seizure_does_not_end_a_state_that_is_the_same_on_both_sides():
    table = hypnogram(("wake", 25), ("nrem", 22), ("rem", 10), ("nrem", 43))
    both = [(200.0, 220.0), (260.0, 280.0)]
    assert before(table, 200.0, 260.0, seizures=both) == (["nrem", "nrem"], [100.0, 160.0])
    # and for one that comes at once the state is that before the first
    assert before(table, 225.0, seizures=[(200.0, 220.0)]) == (["nrem"], [125.0])


def test_a_state_that_is_another_after_a_seizure_is_new():
    table = hypnogram(("wake", 25), ("nrem", 25), ("rem", 10), ("wake", 43))  # REM 200-240 s
    state, since = before(table, 300.0, seizures=[(200.0, 220.0)])
    assert (state, since) == (["wake"], [60.0])


def test_a_long_seizure_hides_what_the_state_was():
    state, since = before(hypnogram(("wake", 25), ("nrem", 275)), 700.0, seizures=[(200.0, 500.0)])
    assert state == ["nrem"]
    assert np.isnan(since[0])


def test_short_unclassified_is_bridged_and_long_is_not():
    short = hypnogram(("wake", 25), ("nrem", 10), ("unclassified", 5), ("nrem", 25))
    assert before(short, 200.0) == (["nrem"], [100.0])
    assert before(short, 165.0) == (["nrem"], [65.0])
    long = hypnogram(("wake", 25), ("nrem", 10), ("unclassified", 12), ("nrem", 25))
    state, since = before(long, 188.0, 240.0)
    assert state == ["unclassified", "nrem"]
    assert np.isnan(since).all()


def test_a_hole_in_the_table_is_as_unclassified():
    table = hypnogram(("wake", 25), ("nrem", 40))
    table = table[(table["start_s"] < 140) | (table["start_s"] >= 200)]
    state, since = before(table, 185.0, 230.0)
    assert state == ["unclassified", "nrem"]
    assert np.isnan(since).all()


def test_a_change_across_a_bridge_is_when_the_new_state_is_first_seen():
    table = hypnogram(("wake", 25), ("unclassified", 3), ("rem", 25))
    assert before(table, 150.0) == (["rem"], [38.0])


def test_before_the_first_epoch_and_without_any_nothing_is_known():
    assert before(hypnogram(("wake", 25)), 5.0)[0] == ["unclassified"]
    assert before(hypnogram(("unclassified", 25)), 50.0)[0] == ["unclassified"]
    assert before(hypnogram(), 50.0)[0] == ["unclassified"]
    assert before(hypnogram(("wake", 25)), 500.0)[0] == ["unclassified"]


def test_surrogates_keep_their_shape():
    table = hypnogram(("wake", 25), ("nrem", 25))
    track = state_track(table, np.empty((0, 2)), 10.0, 30.0)
    state, since = state_before(track, np.full((3, 2), 150.0))
    assert state.shape == since.shape == (3, 2)
    assert (state == "nrem").all()
