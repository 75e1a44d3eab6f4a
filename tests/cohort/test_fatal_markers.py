import numpy as np
import pandas as pd

from vigil.cohort.fatal_markers import by_animal, marker_names, marker_values


def row(animal, fatal=False, **values):
    """A seizure of 20 s; a fatal one is followed by death 100 s after its end, in view."""
    usual = {"duration_s": 20.0, "suppression_s": 10.0, "recovered": "true", "theta_after": 1.6,
             "moves_after_s": 30.0, "movement_seen_s": 100.0, "seen_after_s": 100.0,
             "death_after_s": 120.0 if fatal else np.nan}  # fmt: skip
    return {"animal": animal, "fatal": fatal, **usual, **values}


def test_not_seen_is_never_only_where_the_animal_was_seen_until_its_death():
    table = pd.DataFrame([
        row("m0", True, moves_after_s=np.nan),
        row("m1", True, moves_after_s=np.nan, movement_seen_s=0.0),  # no video
        row("m2", True, moves_after_s=np.nan, seen_after_s=40.0, movement_seen_s=40.0),
        row("m3", True, moves_after_s=np.nan, movement_seen_s=60.0),  # the video stops early
        row("m4", True, moves_after_s=np.nan, seen_after_s=99.5, movement_seen_s=99.0),
        row("m5", True, seen_after_s=40.0, movement_seen_s=40.0),
        row("m6", moves_after_s=np.nan),
    ])  # fmt: skip
    never, unknown = np.inf, np.nan
    np.testing.assert_array_equal(
        marker_values(table, "moves_after_s"),
        [never, unknown, unknown, unknown, never, 30, unknown],
    )


def test_suppression_until_death_never_ended():
    table = pd.DataFrame([
        row("m0", True, suppression_s=900.0, recovered="false", suppression_CA1_s=40.0),
        row("m1", True, suppression_s=60.0, recovered="false", seen_after_s=60.0,
            suppression_CA1_s=60.0),  # the recording stops before the death
        row("m2", True, suppression_s=0.0, seen_after_s=0.0, death_after_s=20.0,
            suppression_CA1_s=40.0),
        row("m3", True, suppression_s=0.0, suppression_CA1_s=900.0),
        row("m4", True, suppression_s=900.0, recovered="true", suppression_CA1_s=0.0),
        row("m5", suppression_s=900.0, recovered="false", suppression_CA1_s=900.0),
    ])  # fmt: skip
    never, unknown = np.inf, np.nan
    np.testing.assert_array_equal(
        marker_values(table, "suppression_s"), [never, unknown, unknown, 0, unknown, 900]
    )
    np.testing.assert_array_equal(
        marker_values(table, "suppression_CA1_s"), [40, unknown, never, never, 0, 900]
    )
    assert marker_names(table)["suppression_CA1_s"] == "suppression of CA1 (s)"


def test_others_stand_in_the_order_of_their_onsets():
    times = ["2024-03-31T03:30:00+02:00", "2024-03-31T01:30:00+01:00", "2024-04-01T00:00:00+02:00"]
    rows = [row("m0", k == 2, duration_s=10.0 + k, onset_time=t) for k, t in enumerate(times)]
    (found,) = by_animal(pd.DataFrame(rows), "duration_s")
    assert (found.fatal, found.place) == (12, 2)
    assert found.others.tolist() == [11, 10]
    assert found.places.tolist() == [0, 1]
    rows[0]["onset_time"] = ""
    (found,) = by_animal(pd.DataFrame(rows), "duration_s")
    assert found.others.tolist() == [10, 11]
