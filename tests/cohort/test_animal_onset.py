import numpy as np
import pandas as pd
import pytest

from vigil.cohort.animal_onset import animal_onset, region_chances

REGIONS = ("A", "B", "C")


def rows(*seizures):
    return pd.DataFrame(seizures, columns=["region", "confidence", "status"])


def test_one_seizure_gives_its_own_confidence():
    found = animal_onset(rows(("A", 0.7, "unresolved")), REGIONS, draws=20000)
    assert (found.region, found.status, found.n_seizures) == ("A", "unresolved", 1)
    assert found.confidence == pytest.approx(0.7, abs=0.01)
    assert found.share == pytest.approx(0.7)


def test_seizures_that_agree_are_surer_together():
    few = animal_onset(rows(*[("A", 0.8, "resolved")] * 2), REGIONS, draws=20000)
    many = animal_onset(rows(*[("A", 0.8, "resolved")] * 8), REGIONS, draws=20000)
    assert few.confidence < 0.85 < 0.98 < many.confidence
    assert (many.status, many.n_resolved) == ("resolved", 8)
    assert many.high - many.low < few.high - few.low
    # two seizures that are each right in 0.8 agree on A in 0.64, and share it with another
    # region half the time in which they differ: 0.64 + 0.32 / 2
    assert few.confidence == pytest.approx(0.8, abs=0.01)


def test_two_places_of_onset_are_no_single_one():
    both = [("A", 0.9, "resolved")] * 4 + [("B", 0.9, "resolved")] * 4
    found = animal_onset(rows(*both), REGIONS)
    assert found.status == "unresolved"
    assert found.confidence == pytest.approx(0.5, abs=0.1)
    assert found.low < 0.3
    assert found.high > 0.6


def test_seizures_without_an_onset_say_nothing():
    none = ("none", np.nan, "none")
    assert animal_onset(rows(none), REGIONS).status == "none"
    found = animal_onset(rows(none, ("B", 0.9, "resolved")), REGIONS)
    assert (found.region, found.n_seizures) == ("B", 1)


def test_regions_that_begin_together_share_their_chance():
    np.testing.assert_allclose(region_chances(["A", "B"], 0.8, REGIONS), [0.4, 0.4, 0.2])
    np.testing.assert_allclose(region_chances(["C"], 0.8, REGIONS), [0.1, 0.1, 0.8])
    np.testing.assert_allclose(region_chances(["A"], 0.3, ["A"]), [1.0])
