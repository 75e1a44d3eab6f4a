import numpy as np
import pandas as pd
import pytest

from vigil.cohort.fatal import (
    BETWEEN,
    WITHIN,
    by_animal,
    compare_fatal,
    fatal_sentences,
    marker_names,
    marker_values,
)


def row(animal, fatal=False, **values):
    usual = {"duration_s": 20.0, "suppression_s": 10.0, "recovered": "true", "theta_after": 1.6,
             "moves_after_s": 30.0, "movement_seen_s": 300.0, "seen_after_s": 500.0,
             "death_after_s": 120.0 if fatal else np.nan}  # fmt: skip
    return {"animal": animal, "fatal": fatal, **usual, **values}


def cohort(rng, n_fatal=6, n_other=5, per=8, lost=0.0):
    """Animals that differ from each other; the rhythm is smaller by `lost` in fatal seizures."""
    rows = []
    for a in range(n_fatal + n_other):
        usual = rng.normal(2.0, 0.3)
        for i in range(per):
            fatal = a < n_fatal and i == per - 1
            theta = usual + 0.1 * rng.normal() - lost * fatal
            rows.append(row(f"m{a}", fatal, theta_after=theta, duration_s=rng.uniform(10, 50)))
    return pd.DataFrame(rows)


def line(table, marker, comparison):
    found = table[(table["marker"] == marker) & (table["comparison"] == comparison)]
    assert len(found) == 1
    return found.iloc[0]


def test_n_is_animals_however_many_seizures_they_have():
    table = compare_fatal(cohort(np.random.default_rng(1), per=20))
    within, between = (line(table, "theta_after", c) for c in (WITHIN, BETWEEN))
    assert (within["n_fatal"], within["n_animals"]) == (6, 6)
    assert (between["n_fatal"], between["n_animals"]) == (6, 5)
    assert "114 other seizures" in within["note"]


def test_a_loss_in_fatal_seizures_is_found_within_and_between():
    table = compare_fatal(cohort(np.random.default_rng(2), lost=1.2))
    within, between = (line(table, "theta_after", c) for c in (WITHIN, BETWEEN))
    assert within["p"] == pytest.approx(2 * 8.0**-6)
    assert within["low"] <= -1.2 + 0.25
    assert within["high"] < 0
    assert (within["share_above"], within["share_low"]) == (0, 0)
    assert within["share_high"] == pytest.approx(1 - 0.025 ** (1 / 6))
    assert between["p"] == pytest.approx(2 / 462)  # of 11 over 6
    assert between["low"] < between["effect"] < between["high"] < 0
    assert line(table, "duration_s", WITHIN)["p"] > 0.05


def test_without_an_effect_p_is_even():
    p = []
    for seed in range(40):
        table = compare_fatal(cohort(np.random.default_rng(seed), per=5))
        p.append([line(table, "theta_after", c)["p"] for c in (WITHIN, BETWEEN)])
    below = (np.array(p) < 0.05).mean(axis=0)
    assert (below <= 0.15).all()
    middle = (np.array(p) < 0.5).mean(axis=0)
    assert (np.abs(middle - 0.5) < 0.2).all()


def test_many_seizures_of_one_animal_are_no_many_animals():
    """One animal whose others are all alike: however many, there is one fatal seizure."""
    rows = [row("m0", duration_s=20.0 + i / 1000) for i in range(200)]
    rows += [row("m0", True, duration_s=90.0), row("m1", duration_s=20.0)]
    table = compare_fatal(pd.DataFrame(rows))
    within, between = (line(table, "duration_s", c) for c in (WITHIN, BETWEEN))
    assert (within["n_fatal"], between["n_animals"]) == (1, 1)
    assert np.isnan([within["low"], between["low"]]).all()
    assert between["p"] == 1


def test_never_after_a_fatal_seizure_is_not_tested():
    rows = [row("m0"), row("m0", True, moves_after_s=np.nan), row("m1"), row("m2")]
    table = compare_fatal(pd.DataFrame(rows))
    for comparison in (WITHIN, BETWEEN):
        found = line(table, "moves_after_s", comparison)
        assert found["fatal_median"] == np.inf
        assert np.isnan(found["p"])
        assert "not tested" in found["note"]


def test_not_seen_is_never_only_where_there_was_a_view_and_a_death():
    table = pd.DataFrame([
        row("m0", True, moves_after_s=np.nan),
        row("m1", True, moves_after_s=np.nan, movement_seen_s=0.0),
        row("m2", moves_after_s=np.nan),
    ])  # fmt: skip
    values = marker_values(table, "moves_after_s")
    assert values[0] == np.inf
    assert np.isnan(values[1:]).all()


def test_suppression_until_death_never_ended():
    regions = {"suppression_CA1_s": 40.0}
    table = pd.DataFrame([
        row("m0", True, suppression_s=900.0, **regions, seen_after_s=100.0),
        row("m1", True, suppression_s=0.0, **regions, seen_after_s=0.0),
        row("m2", True, suppression_s=0.0, **regions, seen_after_s=50.0),
        row("m3", suppression_s=900.0, **regions, seen_after_s=100.0),
    ])  # fmt: skip
    np.testing.assert_array_equal(marker_values(table, "suppression_s"), [np.inf, np.nan, 0, 900])
    np.testing.assert_array_equal(marker_values(table, "suppression_CA1_s"), [40, np.inf, 40, 40])
    assert marker_names(table)["suppression_CA1_s"] == "suppression of CA1 (s)"


def test_an_animal_that_died_is_no_survivor_where_its_marker_is_missing():
    table = pd.DataFrame([row("m0", True, theta_after=np.nan), row("m0"), row("m1"), row("m2")])
    found = by_animal(table, "theta_after")
    assert [a.died for a in found] == [True, False, False]
    between = line(compare_fatal(table), "theta_after", BETWEEN)
    assert (between["n_fatal"], between["n_animals"]) == (0, 2)
    assert np.isnan(between["p"])


def test_p_is_corrected_for_the_markers_that_were_tried():
    table = compare_fatal(cohort(np.random.default_rng(2), lost=1.2))
    tried = table[(table["comparison"] == WITHIN) & table["p"].notna()]
    assert line(table, "theta_after", WITHIN)["q"] == pytest.approx(
        len(tried) * line(table, "theta_after", WITHIN)["p"]
    )


def test_words_give_n_and_say_when_there_are_too_few():
    seizures = cohort(np.random.default_rng(2), lost=1.2)
    said = fatal_sentences(seizures, compare_fatal(seizures))
    assert said[0] == (
        "6 seizures were fatal (n = 6 animals); death came 2 min after the onset in the median."
    )
    assert any(s.startswith("Theta peak after") and "n = 6 animals" in s for s in said)
    few = pd.DataFrame([row("m0"), row("m0", True), row("m1")])
    assert any("too few animals to tell" in s for s in fatal_sentences(few, compare_fatal(few)))
    alone = pd.DataFrame([row("m0", True)])
    assert fatal_sentences(alone, compare_fatal(alone))[1].endswith(
        "(n = 0 animals): nothing to compare."
    )


def test_words_without_a_fatal_seizure():
    table = pd.DataFrame([row("m0"), row("m1", death_after_s=9e4)])
    assert not len(compare_fatal(table))
    assert "n = 1" in fatal_sentences(table, compare_fatal(table))[0]
    nobody = pd.DataFrame([row("m0")])
    assert "No time of death" in fatal_sentences(nobody, compare_fatal(nobody))[0]
    assert "No time of death" in fatal_sentences(nobody[:0], compare_fatal(nobody[:0]))[0]
