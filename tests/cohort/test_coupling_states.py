import numpy as np
import pandas as pd
import pytest

from vigil.cohort.coupling.states import COLUMNS, couple_states, seizure_states
from vigil.cohort.coupling.watch import watch
from vigil.cohort.coupling.words import coupling_sentences
from vigil.cohort.settings import Settings

SETTINGS = Settings(coupling_surrogates=200)
EPOCH_S = 4.0


def night(rng, hours):
    """Bouts of wake, NREM and now and then REM."""
    states = []
    while len(states) < hours * 900:
        states += ["wake"] * int(rng.integers(10, 90)) + ["nrem"] * int(rng.integers(15, 70))
        states += ["rem"] * int(rng.integers(8, 25)) * int(rng.random() < 0.6)
    states = states[: int(hours * 900)]
    start = np.arange(len(states)) * EPOCH_S
    return pd.DataFrame({"start_s": start, "duration_s": EPOCH_S, "state": states})


def a_watch(name, table, onsets):
    onsets = np.sort(np.asarray(onsets, dtype=float))
    stop = table["start_s"].iloc[-1] + EPOCH_S
    return watch(
        f"{name}-1", name, np.column_stack([onsets, onsets + 20.0]), [(0.0, stop)], table,
        np.nan, np.nan, SETTINGS,
    )  # fmt: skip


def cohort(rng, n_animals=6, hours=6.0, leads=5, nrem=1.0, soon=1.0):
    """Clusters of seizures; `nrem`, `soon`: how much likelier from NREM, or after a change."""
    found = []
    for a in range(n_animals):
        table = night(rng, hours)
        state, start = table["state"].to_numpy(), table["start_s"].to_numpy()
        weight = np.where(state == "nrem", nrem, 1.0)
        changes = start[1:][state[1:] != state[:-1]]
        last = np.searchsorted(changes, start - 14, side="right") - 1
        since = np.where(last >= 0, start - changes[np.maximum(last, 0)], 1e9)
        weight *= np.where(since < 44, soon, 1.0)
        lead = rng.choice(
            start[20:-200], leads, replace=False, p=weight[20:-200] / weight[20:-200].sum()
        )
        onsets = [t + 14.0 + 150.0 * k for t in lead for k in range(rng.integers(1, 3))]
        kept = [
            t for i, t in enumerate(np.sort(onsets)) if not i or t - np.sort(onsets)[i - 1] > 60
        ]
        found.append(a_watch(f"m{a}", table, kept))
    return found


def told(watches):
    return couple_states(seizure_states(watches, SETTINGS), 60.0).set_index("what")


def test_rates_are_seizures_over_the_hours_in_each_state():
    states = ["wake"] * 900 + ["nrem"] * 450 + ["rem"] * 450
    table = pd.DataFrame(
        {"start_s": np.arange(1800) * EPOCH_S, "duration_s": EPOCH_S, "state": states}
    )
    rows = told([a_watch("m1", table, [1000.0, 4000.0, 4500.0, 6000.0, 6600.0, 7000.0])])
    assert [rows.loc[f"rate_{s}", "note"].split(" in ")[0] for s in ("wake", "nrem", "rem")] == [
        "1 of 6 seizures", "2 of 6 seizures", "3 of 6 seizures",
    ]  # fmt: skip
    # an hour of wake, half an hour of the others, less 40 s and what the guard takes per seizure
    assert rows.loc["rate_wake", "value"] == pytest.approx(1.0, rel=0.02)
    assert rows.loc["rate_nrem", "value"] == pytest.approx(4.0, rel=0.05)
    assert rows.loc["rate_rem", "value"] == pytest.approx(6.0, rel=0.06)
    low, high = rows.loc["rate_wake", ["low", "high"]]
    assert (low, high) == (pytest.approx(0.0253, rel=0.03), pytest.approx(5.57, rel=0.03))
    assert (rows["n"].loc[["rate_wake", "ratio_wake", "states"]] == [6, 1, 6]).all()


def test_time_since_the_change_is_that_of_the_bouts():
    states = np.where(np.arange(1000) // 100 % 2, "nrem", "wake")
    table = pd.DataFrame({"start_s": np.arange(1000) * 4.0, "duration_s": 4.0, "state": states})
    rows = told([a_watch("m1", table, [430.0, 850.0, 1290.0, 1650.0, 2100.0])])
    assert rows.loc["state_for_s", "value"] == 50
    assert rows.loc["soon_after_change", "value"] == pytest.approx(3 / 5)
    assert np.isnan(rows.loc["state_for_s", "low"])  # five values have no exact interval
    # bouts of 400 s: any time up to the bout's length is as likely, less what the guard takes
    assert rows.loc["state_for_s", "chance"] == pytest.approx(200, abs=25)


def test_seizures_from_nrem_are_found_by_seizures_and_by_animals():
    rows = told(cohort(np.random.default_rng(1), nrem=8.0))
    assert rows.loc["states", "p"] < 0.02
    assert rows.loc["rate_nrem", "p"] < 0.02
    assert rows.loc["rate_nrem", "value"] > 1.4 * rows.loc["rate_nrem", "chance"]
    assert rows.loc["ratio_nrem", "p"] < 0.05
    assert rows.loc["ratio_nrem", "n"] == 6


def test_seizures_soon_after_a_change_of_state_are_found():
    rows = told(cohort(np.random.default_rng(2), soon=12.0))
    assert rows.loc["soon_after_change", "p"] < 0.03
    assert rows.loc["soon_after_change", "value"] > rows.loc["soon_after_change", "chance"]


def test_p_is_even_where_nothing_is_coupled_though_seizures_cluster():
    names = ["states", "rate_nrem", "ratio_wake", "state_for_s", "soon_after_change"]
    drawn = [cohort(np.random.default_rng(100 + seed), 5, 4.0) for seed in range(60)]
    p = np.array([told(watches).loc[names, "p"] for watches in drawn])
    assert ((p < 0.05).mean(axis=0) <= 0.15).all()
    assert (np.abs((p < 0.5).mean(axis=0) - 0.5) < 0.2).all()


def test_too_few_are_not_tested_and_recordings_without_sleep_do_not_count():
    table = night(np.random.default_rng(1), 2.0)
    unscored = watch("r2", "m2", [(100.0, 120.0)], [(0, 7200)], None, np.nan, np.nan, SETTINGS)
    rows = told([a_watch("m1", table, [1000.0, 3000.0]), unscored])
    assert rows["p"].isna().all()
    assert rows.loc["rate_wake", "n"] == 2
    assert "too few" in rows.loc["states", "note"]
    empty = couple_states(seizure_states([], SETTINGS), 60.0)
    assert list(empty) == list(COLUMNS)
    assert empty["value"].isna()[empty["what"].str.startswith("rate")].all()


def test_time_without_seizures_counts_as_time():
    table = night(np.random.default_rng(3), 3.0)
    one = told([a_watch("m1", table, [1000.0, 5000.0])])
    two = told([a_watch("m1", table, [1000.0, 5000.0]), a_watch("m2", table, [])])
    assert two.loc["rate_wake", "high"] == pytest.approx(one.loc["rate_wake", "high"] / 2, rel=0.01)


def test_the_same_seed_gives_the_same_table():
    watches = cohort(np.random.default_rng(4), 2, 2.0)
    pd.testing.assert_frame_equal(told(watches), told(watches))


def test_words_give_n_and_their_verdict():
    found = couple_states(
        seizure_states(cohort(np.random.default_rng(1), nrem=8.0), SETTINGS), 60.0
    )
    states, change = coupling_sentences(found)
    n = int(found.set_index("what").loc["states", "n"])
    assert f"(n = {n} seizures with a known state)" in states
    assert "more than by chance in NREM" in states
    assert "n = 6 animals" in states
    assert "no different from chance" in change
    few = couple_states(seizure_states([], SETTINGS), 60.0)
    assert [s.endswith("(n = 0).") for s in coupling_sentences(few)] == [True, True]
