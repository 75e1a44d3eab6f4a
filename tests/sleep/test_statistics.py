"""Statistics of hypnograms that were counted by hand."""

import numpy as np
import pandas as pd
import pytest

from vigil.sleep.bouts import bouts_of, states_in_line
from vigil.sleep.files import read_statistics
from vigil.sleep.statistics import (
    inter_rem_intervals,
    rem_episodes,
    sleep_statistics,
    summarise,
)
from vigil.sleep.transitions import transition_table

WORDS = {"w": "wake", "n": "nrem", "r": "rem", "u": "unclassified"}


def states(letters):
    return np.array([WORDS[c] for c in letters.replace(" ", "")], dtype="<U12")


def hypnogram(letters, epoch_s=4.0):
    found = states(letters)
    start = np.arange(len(found)) * epoch_s
    return pd.DataFrame({"start_s": start, "duration_s": epoch_s, "state": found})


def numbers(letters, **kw):
    table = sleep_statistics(hypnogram(letters, **kw), 3)
    return dict(zip(table["measure"], table["value"], strict=True))


def letters_of(rng, n=4000):
    """A day's letters by a Markov chain with holes."""
    step = {
        "w": [0.9, 0.08, 0.0, 0.02],
        "n": [0.04, 0.9, 0.05, 0.01],
        "r": [0.1, 0.02, 0.87, 0.01],
        "u": [0.3, 0.3, 0.1, 0.3],
    }
    out = ["w"]
    while len(out) < n:
        out.append("wnru"[rng.choice(4, p=step[out[-1]])])
    return "".join(out)


def test_the_summary_counts_bouts_and_shares():
    table = summarise(hypnogram("wwww nnnn w u")).set_index("state")
    assert table["bouts"].to_dict() == {"wake": 2, "nrem": 1, "rem": 0, "unclassified": 1}
    assert table["epochs"].to_dict() == {"wake": 5, "nrem": 4, "rem": 0, "unclassified": 1}
    assert table["share"].to_list() == pytest.approx([5 / 9, 4 / 9, 0, 0.1])
    assert table["minutes"]["wake"] == pytest.approx(20 / 60)
    wake = table.loc["wake"]
    assert [wake[f"{m}_bout_s"] for m in ("mean", "median", "longest")] == [10, 10, 16]
    assert wake["bouts_per_hour"] == pytest.approx(2 / (36 / 3600))
    assert table.loc["rem", ["mean_bout_s", "median_bout_s", "longest_bout_s"]].isna().all()


def test_a_hole_in_the_table_ends_a_bout():
    table = hypnogram("wwwwww").drop(index=[2, 3])
    assert list(states_in_line(table)) == list(states("wwuuww"))
    assert summarise(table).set_index("state")["bouts"].to_dict() == {
        "wake": 2, "nrem": 0, "rem": 0, "unclassified": 1,
    }  # fmt: skip


def test_a_bout_knows_its_neighbours():
    table = bouts_of(states("wwnuu"))
    assert table["state"].to_list() == ["wake", "nrem", "unclassified"]
    assert table["first"].to_list() == [0, 2, 3]
    assert table["epochs"].to_list() == [2, 1, 2]
    assert table["before"].to_list() == ["", "wake", "nrem"]
    assert table["after"].to_list() == ["nrem", "unclassified", ""]
    assert not len(bouts_of(states("")))


def test_statistics_counted_by_hand():
    # 15 epochs of 60 s: 4 min awake, 6 of nrem, 1 awake, 3 of rem, 1 awake
    got = numbers("wwww nnnnnn w rrr w", epoch_s=60.0)
    assert got == pytest.approx(
        {
            "Classified time": 15,
            "Total sleep time": 9,
            "Sleep, share of the classified time": 60,
            "REM, share of sleep": 100 / 3,
            "Latency to the first sleep": 4,
            "Latency to the first NREM": 4,
            "Latency to the first REM": 11,
            "From the first sleep to the first REM": 7,
            "Changes of state": 4 / (15 / 60),
            "Sleep fragmentation index (awakenings)": 2 / (9 / 60),
            "Brief awakenings (up to 180 s)": 1 / (9 / 60),
            "Mean bout of sleep (NREM and REM together)": 4.5,
            "Longest bout of sleep": 6,
            "Probability of falling asleep": 2 / 5,
            "Probability of waking up": 2 / 9,
            "Episodes of REM": 1,
            "Episodes of REM per hour": 1 / (9 / 60),
            "Intervals between episodes of REM": 0,
            "Median interval between episodes of REM": np.nan,
        },
        nan_ok=True,
        abs=1e-4,
    )


def test_each_number_has_its_unit_and_source():
    table = sleep_statistics(hypnogram("wwnnr"), 3).set_index("measure")
    assert set(table["source"]) == {"YASA", "Vigil"}
    assert table["unit"]["Probability of waking up"] == "per epoch of 4 s"
    yasa = table.index[table["source"] == "YASA"]
    assert list(yasa) == [
        "Total sleep time", "REM, share of sleep", "Latency to the first sleep",
        "Latency to the first REM", "From the first sleep to the first REM",
        "Sleep fragmentation index (awakenings)",
    ]  # fmt: skip


def test_nothing_is_counted_across_unclassified_epochs():
    got = numbers("www u nnn u www")
    assert got["Changes of state"] == 0
    assert got["Sleep fragmentation index (awakenings)"] == 0
    assert got["Probability of falling asleep"] == 0
    table = transition_table(hypnogram("www u nnn u www"))
    counts = table[table["step"] == "epoch"].set_index(["from", "to"])["count"]
    assert counts[counts > 0].to_dict() == {("wake", "wake"): 4, ("nrem", "nrem"): 2}
    assert not table.loc[table["step"] == "bout", "count"].any()
    # awake between an unclassified epoch and sleep: how long, nobody knows
    assert numbers("nnn u w nnn")["Brief awakenings (up to 12 s)"] == 0


def test_a_latency_tells_how_much_of_it_is_unclassified():
    table = sleep_statistics(hypnogram("uuuu ww n u r", epoch_s=60.0), 3).set_index("measure")
    value, unsure = table["value"], table["unclassified_min"]
    assert (value["Latency to the first sleep"], unsure["Latency to the first sleep"]) == (6, 4)
    assert (value["Latency to the first REM"], unsure["Latency to the first REM"]) == (8, 5)
    between = "From the first sleep to the first REM"
    assert (value[between], unsure[between]) == (2, 1)
    assert np.isnan(unsure["Changes of state"])


def test_a_state_that_is_absent_has_no_numbers():
    got = numbers("w" * 50)
    assert got["Sleep, share of the classified time"] == 0
    assert got["Total sleep time"] == 0
    assert got["Episodes of REM"] == 0
    absent = [m for m, v in got.items() if np.isnan(v)]
    assert [m for m in got if m.startswith(("Latency", "From"))] == absent[1:5]
    assert got["Probability of falling asleep"] == 0
    assert np.isnan(got["Probability of waking up"])


@pytest.mark.parametrize("letters", ["", "u", "uuuu"])
def test_nothing_classified_is_nothing_and_not_zero(letters):
    got = numbers(letters)
    assert got.pop("Classified time") == 0
    assert all(np.isnan(v) for v in got.values())
    table = transition_table(hypnogram(letters))
    assert table["probability"].isna().all()
    assert not summarise(hypnogram(letters))["epochs"].iloc[:3].any()


def test_yasa_agrees_with_our_own_counting():
    """YASA's numbers once more, straight from their definitions (Iber 2007; Haba-Rubio 2004)."""
    text = letters_of(np.random.default_rng(5))
    s = np.array(list(text))
    got = numbers(text, epoch_s=5.0)
    asleep = np.isin(s, ["n", "r"])
    assert got["Total sleep time"] == pytest.approx(asleep.sum() * 5 / 60, abs=1e-4)
    assert got["REM, share of sleep"] == pytest.approx(
        100 * (s == "r").sum() / asleep.sum(), abs=1e-4
    )
    assert got["Latency to the first sleep"] == pytest.approx(np.argmax(asleep) * 5 / 60, abs=1e-4)
    assert got["Latency to the first REM"] == pytest.approx(text.index("r") * 5 / 60, abs=1e-4)
    awakenings = text.count("nw") + text.count("rw")
    index = awakenings / (asleep.sum() * 5 / 3600)
    assert got["Sleep fragmentation index (awakenings)"] == pytest.approx(index, abs=1e-4)
    table = transition_table(hypnogram(text))
    for step in ("epoch", "bout"):
        mine = table[table["step"] == step]
        for _, row in mine.iterrows():
            a, b = row["from"][0], row["to"][0]
            count = int(((s[:-1] == a) & (s[1:] == b)).sum())
            followed = (s[:-1] == a) & (s[1:] != "u")
            if step == "bout":
                followed &= s[1:] != a
            assert row["count"] == count
            assert row["probability"] == pytest.approx(count / followed.sum())
        sums = mine.groupby("from")["probability"].sum()
        assert sums.to_list() == pytest.approx([1, 1, 1])
    assert len(table) == 9 + 6


def test_a_day_of_a_known_chain_has_its_probabilities():
    """The estimates lie within four standard errors of the chain that drew the states."""
    text = letters_of(np.random.default_rng(2), 20_000)
    got = numbers(text)
    wake, sleep = text.count("w"), text.count("n") + text.count("r")
    falls = 0.08 / 0.98
    assert abs(got["Probability of falling asleep"] - falls) < 4 * np.sqrt(falls / wake)
    share_rem = text.count("r") / sleep
    wakes = (0.04 * (1 - share_rem) + 0.1 * share_rem) / 0.99
    assert abs(got["Probability of waking up"] - wakes) < 4 * np.sqrt(wakes / sleep)


def test_rem_that_is_hardly_interrupted_is_one_episode():
    found = states("nnn rr www rr u r nnnn rr")
    assert rem_episodes(found, 3) == [(3, 12), (16, 18)]
    assert rem_episodes(found, 0) == [(3, 5), (8, 10), (11, 12), (16, 18)]
    assert rem_episodes(states("wn"), 3) == []


def test_an_interval_in_which_rem_may_hide_is_left_out():
    found = states("rr nnnnn rr nnuuuunn rr nnuun r")
    episodes = rem_episodes(found, 3)
    assert len(episodes) == 4
    assert list(inter_rem_intervals(found, episodes, 4)) == [5, 5]
    assert list(inter_rem_intervals(found, episodes, 5)) == [5, 8, 5]


def test_statistics_survive_their_file(tmp_path):
    table = sleep_statistics(hypnogram("wwnnuw"), 3)
    table.to_csv(tmp_path / "s.tsv", sep="\t", index=False, float_format="%.4f")
    again = read_statistics(tmp_path / "s.tsv")
    assert again["unit"].to_list() == table["unit"].to_list()
    assert again["value"].to_numpy() == pytest.approx(
        table["value"].to_numpy(), abs=1e-4, nan_ok=True
    )
    assert again["unclassified_min"].isna().sum() == table["unclassified_min"].isna().sum()
