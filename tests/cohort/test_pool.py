import numpy as np
import pytest

from vigil.cohort.gather import gather
from vigil.cohort.pool import animals_table, onsets_table, recordings_table, summary_sentences
from vigil.stage import _drop_what_is_missing


@pytest.fixture
def found(cohort):
    job = cohort.job()
    _drop_what_is_missing(job)
    return gather(job)


def test_status_and_reason_of_each_recording(found):
    table = recordings_table(found).set_index("recording")
    assert dict(table["status"]) == {
        "a_1": "analysed", "a_2": "analysed", "b_1": "partly", "c_1": "not analysed",
    }  # fmt: skip
    assert table.loc["c_1", "reason"].startswith("CSC3.ncs ends")
    assert table.loc["c_1", "reason"].count("CSC3") == 1
    assert table.loc["b_1", "reason"] == "The row of b_1 has no px_per_cm."
    assert table.loc["a_1", "reason"] == ""


def test_numbers_of_each_recording(found):
    table = recordings_table(found).set_index("recording")
    assert table.loc["a_1", "hours"] == pytest.approx(2.0)
    assert table.loc["a_1", "wake_share"] == pytest.approx(0.5)
    assert table.loc["a_1", "seizures"] == 2
    assert table.loc["a_1", "resolved_onsets"] == 1
    assert table.loc["b_1", "seizures"] == 0
    assert np.isnan(table.loc["c_1", "seizures"])
    assert np.isnan(table.loc["c_1", "hours"])


def test_channels_of_each_recording_are_counted(found):
    table = recordings_table(found).set_index("recording")
    columns = ["channels", "bad_channels", "doubted_channels"]
    assert table.loc["a_1", columns].tolist() == [3, 1, 1]  # what is off does not count
    assert table.loc["c_1", columns].isna().all()


def test_an_animal_is_pooled_by_time_not_by_recording(found):
    table = animals_table(found).set_index("animal")
    # 60 of 360 minutes awake, not the mean of 50 % and 0 %
    assert table.loc["a", "wake_share"] == pytest.approx(60 / 360)
    assert table.loc["a", "hours"] == pytest.approx(6.0)
    assert table.loc["a", "seizures"] == 3
    assert table.loc["a", "seizures_per_day"] == pytest.approx(12.0)
    assert table.loc["a", "mean_speed_cm_s"] == pytest.approx(3.0)
    assert table.loc["a", "recordings"] == 2
    assert table.loc["c", "not_analysed"] == 1
    assert np.isnan(table.loc["c", "seizures_per_day"])


def test_time_from_the_last_seizure_to_death(found):
    table = animals_table(found).set_index("animal")
    # a_2 starts at 09:00, its seizure is two hours later, death at 12:00
    assert table.loc["a", "last_seizure_before_death_h"] == pytest.approx(1.0)
    assert np.isnan(table.loc["b", "last_seizure_before_death_h"])


def test_onsets_keep_what_could_not_be_told(found):
    rows = onsets_table(found)[["animal", "region", "status", "seizures"]].to_numpy().tolist()
    assert rows == [["a", "CA1", "resolved", 2], ["a", "CA1+CTX", "unresolved", 1]]


def test_summary_counts_only_what_was_sought(found):
    text = " ".join(summary_sentences(recordings_table(found), animals_table(found)))
    assert text == (
        "3 animals, 4 recordings, 8.0 hours. 3 seizures in 1 of 2 animals. 1 animal died. "
        "Of the 4 recordings 1 could not be analysed and 1 only in part; the reasons are below."
    )


def test_a_quiet_cohort_says_that_it_is_quiet(empty_cohort):
    empty_cohort.add("b_1", "b")
    found = gather(empty_cohort.job())
    text = " ".join(summary_sentences(recordings_table(found), animals_table(found)))
    assert text == "1 animal, 1 recording, 2.0 hours. No seizures were found."
    assert not len(onsets_table(found))
