import numpy as np
import pytest

from vigil.cohort.coupling.circular import rayleigh_p
from vigil.cohort.coupling.clock import couple_clock, seizure_hours
from vigil.cohort.coupling.states import COLUMNS
from vigil.cohort.coupling.watch import watch
from vigil.cohort.coupling.words import coupling_sentences
from vigil.cohort.settings import Settings

SETTINGS = Settings(coupling_surrogates=200)
DAY_S = 86400.0


def a_watch(name, onsets, hours=24.0, zeitgeber_h=0.0):
    onsets = np.sort(np.asarray(onsets, dtype=float))
    spans = np.column_stack([onsets, onsets + 20.0])
    stretch = [(0.0, hours * 3600)]
    return watch(f"{name}-1", name, spans, stretch, None, zeitgeber_h, np.nan, SETTINGS)


def told(watches):
    return couple_clock(seizure_hours(watches, SETTINGS), 12.0).set_index("what")


def test_over_whole_days_the_weights_change_nothing():
    hours = np.array([13.0, 14.0, 15.5, 16.0, 17.0, 18.0])
    rows = told([a_watch("m1", hours * 3600)])
    size = abs(np.exp(2j * np.pi * hours / 24).mean())
    assert rows.loc["zeitgeber_resultant", "value"] == pytest.approx(size)
    assert rows.loc["zeitgeber_resultant", "p"] == pytest.approx(rayleigh_p(size, 6))
    assert rows.loc["zeitgeber_weighted", "value"] == pytest.approx(size, abs=0.01)
    assert rows.loc["zeitgeber_mean_h", "value"] == pytest.approx(15.6, abs=0.1)
    assert rows.loc["zeitgeber_animals", "value"] == pytest.approx(1)
    assert rows.loc["zeitgeber_animals", "n"] == 1
    assert np.isnan(rows.loc["zeitgeber_animals", "p"])


def test_dark_over_light_is_the_ratio_of_rates_with_its_exact_interval():
    hours = np.array([1.5, 13.0, 14.0, 15.5, 16.0, 17.0, 23.0])
    row = told([a_watch("m1", hours * 3600)]).loc["dark_over_light"]
    assert row["value"] == pytest.approx(6, rel=0.01)
    assert row["low"] == pytest.approx(0.728, rel=0.02)  # 6 of 7: 0.421 to 0.996 (beta quantiles)
    assert row["high"] == pytest.approx(276, rel=0.05)
    assert row["chance"] == pytest.approx(1, abs=0.35)
    half = told([a_watch("m1", hours[:1] * 3600, 6.0)]).loc["dark_over_light"]
    assert np.isnan(half["value"])
    assert "nothing to compare" in half["note"]


def test_what_was_watched_at_night_alone_does_not_come_at_night():
    """Uneven watching fools Rayleigh, and neither the weights nor the shifts."""
    names = ["zeitgeber_resultant", "zeitgeber_weighted", "zeitgeber_animals"]
    p = []
    for seed in range(40):
        onsets = np.random.default_rng(seed).uniform(0, 6 * 3600 - 20, (8, 6))
        watches = [a_watch(f"m{i}", mine, 6.0, 15.0) for i, mine in enumerate(onsets)]
        p.append(told(watches).loc[names, "p"])
    below = (np.array(p) < 0.05).mean(axis=0)
    assert below[0] == 1
    assert (below[1:] <= 0.15).all()


def test_one_animal_with_a_cluster_does_not_make_a_rhythm():
    rng = np.random.default_rng(2)
    cluster = 14 * 3600 + np.arange(30) * 100.0
    watches = [a_watch("m0", cluster)]
    watches += [a_watch(f"m{i}", np.sort(rng.uniform(0, DAY_S - 60, 2))) for i in range(1, 7)]
    rows = told(watches)
    assert rows.loc["zeitgeber_resultant", "p"] < 1e-6
    assert rows.loc["zeitgeber_weighted", "p"] > 0.2
    assert rows.loc["zeitgeber_animals", "p"] > 0.05
    assert rows.loc["zeitgeber_animals", "n"] == 7


def nights(rng, night=1.0):
    """Six animals for a day each, clusters of two, `night` times likelier in the dark."""
    found = []
    for i in range(6):
        dark = rng.random(5) < night / (1 + night)
        lead = np.sort(rng.uniform(0, 11.8, 5) + 12 * dark) * 3600
        lead = lead[np.diff(lead, prepend=-1e9) > 600]
        found.append(a_watch(f"m{i}", np.concatenate([lead, lead + 200.0])))
    return found


def test_a_nightly_rhythm_is_found_where_it_is():
    rows = told(nights(np.random.default_rng(3), night=12.0))
    assert rows.loc["zeitgeber_weighted", "p"] < 0.02
    assert 15 < rows.loc["zeitgeber_weighted_h", "value"] < 21
    assert rows.loc["zeitgeber_animals", "p"] < 0.02
    assert rows.loc["dark_over_light", "low"] > 1


def test_p_is_even_where_there_is_no_rhythm_though_seizures_cluster():
    names = ["zeitgeber_weighted", "zeitgeber_animals", "dark_over_light"]
    p = np.array([told(nights(np.random.default_rng(50 + s))).loc[names, "p"] for s in range(60)])
    assert ((p < 0.05).mean(axis=0) <= 0.15).all()
    assert (np.abs((p < 0.5).mean(axis=0) - 0.5) < 0.2).all()


def test_recordings_without_lights_do_not_count_and_none_is_nothing():
    unknown = watch("r", "m9", [(5.0, 9.0)], [(0, 3600)], None, np.nan, np.nan, SETTINGS)
    table = couple_clock(seizure_hours([unknown], SETTINGS), 12.0)
    assert list(table) == list(COLUMNS)
    assert (table["n"] == 0).all()
    assert table["value"].isna().all()
    assert coupling_sentences(table) == [
        "By the hour: no seizure with a known zeitgeber hour (n = 0)."
    ]


def test_words_give_n_of_seizures_and_animals():
    watches = nights(np.random.default_rng(3), night=12.0)
    table = couple_clock(seizure_hours(watches, SETTINGS), 12.0)
    (said,) = coupling_sentences(table)
    n = sum(len(w.onset_s) for w in watches)
    assert f"(n = {n} seizures) seizures gather around zeitgeber hour" in said
    assert "(n = 6 animals)" in said
    few = couple_clock(seizure_hours([a_watch("m1", [5000.0])], SETTINGS), 12.0)
    assert coupling_sentences(few) == ["By the hour (n = 1 seizure): too few to test."]
