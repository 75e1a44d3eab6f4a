from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from vigil.cohort.files import read_seizures, write_seizures
from vigil.cohort.seizures import COLUMNS, describe_seizures, join_seizures
from vigil.cohort.settings import Settings

START = datetime.fromisoformat("2024-03-01T22:00:00+01:00")


def events(*onsets, duration_s=20.0):
    return pd.DataFrame(
        {"seizure": range(1, len(onsets) + 1), "onset": onsets, "duration": duration_s}
    )


def hypnogram(*bouts):
    states = [s for s, n in bouts for _ in range(n)]
    return pd.DataFrame(
        {"start_s": np.arange(len(states)) * 4.0, "duration_s": 4.0, "state": states}
    )


def describe(found, **given):
    keys = (
        "consensus",
        "postictal",
        "hypnogram",
        "features",
        "bouts",
        "start",
        "lights_on",
        "died",
    )
    inputs = dict.fromkeys(keys) | {"length_s": 4000.0, "settings": Settings()} | given
    return describe_seizures(found, **inputs)


def test_a_seizure_has_all_that_is_known_of_it():
    states = hypnogram(("wake", 100), ("nrem", 160), ("wake", 100), ("nrem", 640))
    start = states["start_s"].to_numpy()
    theta = np.where((start >= 1020) & (start < 1080), 0.1, 0.3)
    features = states[["start_s", "duration_s"]].assign(
        valid=True, **{"CA1.theta_height": theta, "CA1.log_power_theta": theta}
    )
    table = describe(
        events(1000.0),
        consensus=pd.DataFrame({"seizure": [1], "region": ["CA1"], "status": ["resolved"]}),
        postictal=pd.DataFrame(
            {"seizure": 1, "region": ["all", "CA1", "M1"], "suppression_s": [12.0, 30.0, 0.0],
             "recovered": [True, True, True]}
        ),
        hypnogram=states,
        features=features,
        bouts=pd.DataFrame({"start_s": [0.0, 1060.0], "duration_s": [1060.0, 40.0],
                            "kind": ["immobile", "moving"]}),
        start=START, lights_on=7.0, died=START + timedelta(seconds=3000),
    )  # fmt: skip
    assert list(table) == [*COLUMNS, "suppression_CA1_s", "suppression_M1_s"]
    row = table.iloc[0]
    assert row["onset_time"] == "2024-03-01T22:16:40.000+01:00"
    assert row["zeitgeber_h"] == pytest.approx(15 + 1000 / 3600)
    assert (row["region"], row["status"]) == ("CA1", "resolved")
    assert (row["state_before"], row["state_for_s"]) == ("nrem", 600.0)
    assert (row["suppression_s"], row["recovered"]) == (12.0, "true")
    assert (row["suppression_CA1_s"], row["suppression_M1_s"]) == (30.0, 0.0)
    assert row["theta_region"] == "CA1"
    assert row["theta_kept"] == pytest.approx(10**-0.2)
    assert row["theta_power_kept"] == pytest.approx(10**-0.2)
    assert (row["moves_after_s"], row["movement_seen_s"]) == (40.0, 80.0)
    assert row["sleeps_after_s"] == 1440 - 1020
    assert row["seen_after_s"] == 3000 - 1020
    assert row["death_after_s"] == 2000
    assert row["last_before_death"]
    assert row["fatal"]


def test_what_is_not_known_is_missing_and_not_none():
    row = describe(events(1000.0)).iloc[0]
    words = ("onset_time", "region", "status", "state_before", "recovered", "theta_region")
    assert all(row[c] == "" for c in words)
    numbers = ("zeitgeber_h", "state_for_s", "suppression_s", "theta_before", "moves_after_s",
               "sleeps_after_s", "death_after_s")  # fmt: skip
    assert row[list(numbers)].isna().all()
    assert row["movement_seen_s"] == row["sleep_seen_s"] == 0
    assert not row["fatal"]
    assert not row["last_before_death"]


def test_no_seizures_give_an_empty_table_with_its_columns():
    assert list(describe(events())) == list(COLUMNS)
    assert len(join_seizures([("r", "a", "g", describe(events()))], 60.0)) == 0
    assert "animal" in join_seizures([], 60.0)


def test_the_next_seizure_the_end_and_death_end_the_view():
    died = START + timedelta(seconds=2500)
    table = describe(events(500.0, 1000.0, 2000.0), start=START, died=died)
    assert table["seen_after_s"].tolist() == [480, 980, 480]
    assert describe(events(500.0))["seen_after_s"].tolist() == [3480]


def test_theta_is_not_looked_for_beyond_the_death():
    start = np.arange(500) * 4.0
    theta = np.where(start >= 1040, 0.0, 0.4)
    features = pd.DataFrame({"start_s": start, "duration_s": 4.0, "valid": True,
                             "CA1.theta_height": theta, "CA1.log_power_theta": theta})  # fmt: skip

    def dies(after_s):
        died = START + timedelta(seconds=1000 + after_s)
        return describe(events(1000.0), features=features, start=START, died=died).iloc[0]

    for after_s, seen_s in ((15, 0), (20, 0), (27, 7)):
        row = dies(after_s)
        assert row["theta_seen_s"] == seen_s
        assert row[["theta_after", "theta_kept", "theta_power_kept"]].isna().all()
        assert row["theta_before"] == pytest.approx(10**0.4)
        assert row["fatal"]
    soon = dies(40)  # what follows is death
    assert (soon["theta_seen_s"], soon["theta_kept"]) == (20, pytest.approx(1))
    late = dies(400)
    assert (late["theta_seen_s"], late["theta_kept"]) == (60, pytest.approx(10**-0.4))


def test_only_a_last_seizure_close_before_death_is_fatal():
    soon = START + timedelta(seconds=2500)
    table = describe(events(500.0, 2000.0, 3000.0), start=START, died=soon)
    assert table["last_before_death"].tolist() == [False, True, False]
    assert table["fatal"].tolist() == [False, True, False]
    late = describe(events(500.0, 2000.0), start=START, died=START + timedelta(hours=3))
    assert late["last_before_death"].tolist() == [False, True]
    assert not late["fatal"].any()


def test_an_animal_has_one_last_seizure_over_all_its_recordings():
    died = START + timedelta(seconds=5000)
    first = describe(events(500.0, 3900.0), start=START, died=died)
    second = describe(events(300.0), start=START + timedelta(seconds=4000), died=died)
    other = describe(events(700.0))
    joined = join_seizures(
        [("r1", "m1", "ko", first), ("r2", "m1", "ko", second), ("r3", "m2", "", other)], 60.0
    )
    assert joined["last_before_death"].tolist() == [False, False, True, False]
    assert joined["fatal"].tolist() == [False, False, True, False]
    assert joined["animal"].tolist() == ["m1", "m1", "m1", "m2"]


def test_a_seizure_in_two_recordings_of_an_animal_stands_once(caplog):
    died = START + timedelta(seconds=3000)
    first = describe(events(500.0, 520.0, 2000.0), start=START, died=died)
    shifted = START + timedelta(seconds=1500)
    second = describe(events(520.0, 1100.0), start=shifted, died=died)  # 2020 s and 2600 s
    other = describe(events(2000.0), start=START)
    unknown = describe(events(500.0))
    with caplog.at_level("WARNING", "vigil"):
        joined = join_seizures(
            [("r1", "m1", "", first), ("r2", "m1", "", second), ("r3", "m2", "", other),
             ("r4", "m1", "", unknown)],
            60.0,
        )  # fmt: skip
    assert joined["recording"].tolist() == ["r1", "r1", "r1", "r2", "r3", "r4"]
    assert joined["onset_s"].tolist() == [500, 520, 2000, 1100, 2000, 500]
    assert joined["fatal"].tolist() == [False, False, False, True, False, False]
    assert "same animal: 1 seizure" in caplog.text


def test_a_fatal_seizure_in_two_recordings_is_no_other_of_itself():
    died = START + timedelta(seconds=2100)
    table = describe(events(2000.0), start=START, died=died)
    again = describe(events(2010.0), start=START, died=died)
    joined = join_seizures([("r1", "m1", "", table), ("r2", "m1", "", again)], 60.0)
    assert joined["fatal"].tolist() == [True]
    assert joined["recording"].tolist() == ["r1"]


def test_a_table_comes_back_as_it_was(tmp_path):
    died = START + timedelta(seconds=2500)
    table = describe(events(500.0, 2000.0), start=START, died=died, lights_on=7.0)
    joined = join_seizures([("NA", "NA", "", table)], 60.0)
    write_seizures(tmp_path / "seizures.tsv", joined)
    pd.testing.assert_frame_equal(
        read_seizures(tmp_path / "seizures.tsv"), joined, check_dtype=False
    )


def test_a_table_of_suppression_without_regions_is_of_the_whole_brain():
    old = pd.DataFrame({"seizure": [1], "suppression_s": [9.0], "recovered": [False]})
    row = describe(events(500.0), postictal=old).iloc[0]
    assert (row["suppression_s"], row["recovered"]) == (9.0, "false")
