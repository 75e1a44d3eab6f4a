import numpy as np
import pandas as pd
import pytest

from vigil.cohort.fatal import BETWEEN, WITHIN, compare_fatal, fatal_sentences
from vigil.cohort.fatal_markers import by_animal


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
        table = compare_fatal(cohort(np.random.default_rng(seed), per=8))
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


def drifting(rng, n_animals=8, per=12, each=0.8, more=0.0):
    """Seizures that become longer by `each` seconds from one to the next, fatal ones by `more`."""
    return pd.DataFrame([
        row(f"m{a}", i == per - 1,
            duration_s=20 + each * i + 2 * rng.normal() + more * (i == per - 1))
        for a in range(n_animals) for i in range(per)
    ])[["animal", "fatal", "duration_s", "death_after_s", "seen_after_s"]]  # fmt: skip


def test_a_trend_over_an_animals_seizures_is_no_difference():
    found = [
        line(compare_fatal(drifting(np.random.default_rng(seed))), "duration_s", WITHIN)
        for seed in range(200)
    ]
    p = np.array([x["p"] for x in found])
    assert (p < 0.05).mean() <= 0.1
    assert abs((p < 0.5).mean() - 0.5) < 0.12
    assert abs(np.mean([x["effect"] for x in found])) < 0.25  # 4.8 s against the usual ones


@pytest.mark.parametrize("more", [8.0, -8.0])
def test_a_difference_beyond_the_trend_is_found_either_way(more):
    tables = [compare_fatal(drifting(np.random.default_rng(s), more=more)) for s in range(10)]
    found = pd.DataFrame([line(t, "duration_s", WITHIN) for t in tables])
    assert (found["p"] < 0.01).all()
    assert found["effect"].mean() == pytest.approx(more, abs=1.2)
    assert found["other_median"].mean() == pytest.approx(20 + 0.8 * 11, abs=1.2)


def test_the_animals_that_lived_give_their_last_seizure():
    rng = np.random.default_rng(4)
    died, lived = drifting(rng), drifting(rng)
    lived = lived.assign(animal="s" + lived["animal"], fatal=False, death_after_s=np.nan)
    between = line(compare_fatal(pd.concat([died, lived])), "duration_s", BETWEEN)
    assert between["other_median"] == pytest.approx(lived["duration_s"].iloc[11::12].median())
    assert between["p"] > 0.05
    assert "against the last seizure of 8 animals" in between["note"]


def test_with_few_others_the_last_three_are_compared_with_and_nothing_is_tested():
    rows = [row("m0", duration_s=s) for s in (90.0, 21.0, 22.0, 23.0)]
    rows.append(row("m0", True, duration_s=30.0))
    within = line(compare_fatal(pd.DataFrame(rows)), "duration_s", WITHIN)
    assert (within["other_median"], within["effect"]) == (22.0, 8.0)
    assert np.isnan(within["p"])
    assert "fewer than 5 others (1): against their last 3, and no part of p" in within["note"]
    rows = [x | {"animal": f"m{k}"} for k in range(6) for x in rows]
    few = pd.DataFrame(rows)
    said = fatal_sentences(few, compare_fatal(few))
    assert any("not tested" in s and "fewer than 5 others: duration" in s for s in said)


def test_theta_that_death_cuts_short_is_left_out_and_said():
    rows = [row("m0", True, theta_after=np.nan, theta_seen_s=3.0, death_after_s=23.0)]
    rows += [row("m1", True, theta_after=1.1, theta_seen_s=60.0)]
    rows += [row(f"m{k % 4}", theta_seen_s=60.0) for k in range(12)]
    table = compare_fatal(pd.DataFrame(rows))
    for comparison in (WITHIN, BETWEEN):
        found = line(table, "theta_after", comparison)
        assert found["n_fatal"] == 1
        assert "1 fatal seizure not tested: death came less than 8 s after" in found["note"]
        assert "not tested" not in line(table, "duration_s", comparison)["note"]


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
    (late,) = fatal_sentences(table, compare_fatal(table))
    assert late.endswith("none came close before the death "
                         "(n = 1 animal that died, 1 with a seizure before it).")  # fmt: skip
    nobody = pd.DataFrame([row("m0")])
    for found in (nobody, nobody[:0]):
        for deaths in (None, 0):
            (said,) = fatal_sentences(found, compare_fatal(found), deaths)
            assert said.startswith("No time of death is known")
        (said,) = fatal_sentences(found, compare_fatal(found), 1)
        assert said.endswith("none was recorded before a death (n = 1 animal that died).")
    after = pd.DataFrame([row("m0", death_after_s=-50.0)])
    assert "none was recorded before" in fatal_sentences(after, compare_fatal(after), 1)[0]


def test_deaths_without_a_fatal_seizure_are_counted_beside_those_with_one():
    table = pd.DataFrame([row("m0"), row("m0", True)])
    assert "(n = 1 animal of 3 that died)" in fatal_sentences(table, compare_fatal(table), 3)[0]
    assert "(n = 1 animal);" in fatal_sentences(table, compare_fatal(table), 1)[0]


def test_a_sentence_of_several_markers_gives_the_range_of_their_n():
    table = cohort(np.random.default_rng(1))
    table.loc[table["fatal"] & (table["animal"] == "m0"), "theta_after"] = np.nan
    said = fatal_sentences(table, compare_fatal(table))
    assert any("others predict (n = 5 to 6 animals); too few" in s for s in said)
