"""From windows to answers: nothing where there is nothing, and a known ramp."""

from dataclasses import replace

import numpy as np
import pytest

from vigil.cohort.early.answer import CHANCE, FOUND, LITTLE
from vigil.cohort.early.early import how_early

COUNTS = (4, 7, 12)


def recordings(made, seed, counts=COUNTS, **kinds):
    return [r for a in made.cohort(seed, counts=counts, days=3, **kinds) for r in a]


@pytest.fixture(scope="module")
def ramp():
    """A ramp of ten minutes, strong: the answers of a cohort."""
    import made
    from conftest import QUICK

    from vigil.cohort.early.settings import EarlySettings

    return how_early(recordings(made, 101, ramp_min=10, strength=4.0), EarlySettings(**QUICK))


# the benchmark has 100 seeds and all features
@pytest.mark.parametrize("seed", range(110, 113))
def test_nothing_is_found_where_there_is_nothing(made, quick, seed):
    found = how_early(recordings(made, seed), quick)
    assert found.answers["verdict"].iloc[0] == CHANCE
    assert not (found.answers["verdict"] == FOUND).any()
    assert not found.lead_time["better"].any()
    assert found.answers["sentence"].iloc[0].startswith("Not better than chance: between 1 min and")
    assert found.warnings["told_min"].isna().all()


def test_a_ramp_of_ten_minutes_is_found_to_within_five(ramp):
    row = ramp.answers.iloc[0]
    assert row["verdict"] == FOUND
    assert 5 <= row["beyond_min"] <= 10
    assert row["told"] / row["seizures"] > 0.5
    assert row["time_in_warning"] < 0.2
    assert f"in {row['told']:.0f} of {row['seizures']:.0f}" in row["sentence"]
    assert f"not better than chance beyond {row['beyond_min']:g} min" in row["sentence"]


def test_the_features_that_move_carry_the_warning(ramp):
    mine = ramp.biomarkers[ramp.biomarkers["animal"] == "all"]
    best = mine[mine["p"] <= 0.05]
    assert {f"{r}.{f}" for r, f in zip(best["region"], best["feature"], strict=True)} == {
        "CA1.spikes_per_min", "CA1.log_power_theta", "CA1.log_line_length",
    }  # fmt: skip
    assert (best["effect"] > 0).all()
    assert (best["low_corrected"] > 0).all()
    assert (best["lead_min"] <= 5).all()
    assert mine["tried"].iloc[0] == 2 * len(mine) * 6


def test_the_curve_falls_to_chance(ramp):
    table = ramp.lead_time.query("animal == 'all' and split == 'other animals'")
    auc = table.set_index("lead_min")["auc"]
    assert auc[1] > 0.9
    assert abs(auc[20] - 0.5) < 0.15
    assert (table["auc_low"] <= table["auc"]).all()
    assert (table["auc"] <= table["auc_high"]).all()
    assert table["brier_skill"].iloc[0] > 0
    assert (table["seizures"] <= sum(COUNTS)).all()


def test_each_seizure_has_its_first_warning(ramp):
    leads = ramp.warnings[ramp.warnings["lead"]]
    assert leads["tested"].all()
    assert leads["told_min"].notna().mean() > 0.5
    assert leads["told_min"].max() <= 10
    assert ramp.warnings.loc[~ramp.warnings["lead"], "told_min"].isna().all()


def test_few_seizures_are_too_little_to_say(made, quick):
    found = how_early(made.animal(102, days=2, seizures=2), quick)
    assert list(found.answers["verdict"]) == [LITTLE, LITTLE]
    assert "1 lead seizure with" in found.answers["sentence"].iloc[0]
    assert not len(found.biomarkers)


def test_no_seizure_and_no_recording(made, quick):
    quiet = [replace(r, onsets_s=np.zeros(0), stops_s=np.zeros(0))
             for r in made.animal(103, days=1, seizures=2)]  # fmt: skip
    found = how_early(quiet, quick)
    assert found.answers["sentence"].iloc[0] == (
        "Too little to say: no lead seizure with signals before, and at least 5 are needed."
    )
    nothing = how_early([], quick)
    assert list(nothing.answers["animal"]) == ["all"]
    assert "no recording could be used" in nothing.answers["sentence"].iloc[0]


def test_recordings_without_a_start_can_be_used(made, quick):
    dateless = [replace(r, start=None) for r in made.animal(104, days=5, seizures=25)]
    found = how_early(dateless, quick)
    assert found.answers["verdict"].iloc[0] == CHANCE
    assert "stand alone" in found.notes[0]


def test_the_same_again_and_whatever_the_order(made, quick):
    some = recordings(made, 105, counts=(6, 6))
    once, again = how_early(some, quick), how_early(some, quick)
    assert once.lead_time.equals(again.lead_time)
    assert once.biomarkers.equals(again.biomarkers)
