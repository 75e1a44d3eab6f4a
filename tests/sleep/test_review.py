"""What an expert should look at first, and the sheet to write it into."""

import json
import os

import numpy as np
import pandas as pd
import pytest

from vigil.cli import main
from vigil.sleep.labels import read_labels
from vigil.sleep.review import clock, doubts, find_places, make_sheet

W, N, R, U = "wake", "nrem", "rem", "unclassified"
SURE = {W: (0.98, 0.01, 0.01), N: (0.01, 0.98, 0.01), R: (0.01, 0.01, 0.98)}


def hypnogram(*runs, **columns):
    """A hypnogram of runs (state, epochs, probabilities): sure where no probabilities are given."""
    states, p = [], []
    for state, epochs, *chance in runs:
        states += [state] * epochs
        p += [chance[0] if chance else SURE.get(state, (np.nan,) * 3)] * epochs
    table = pd.DataFrame({"start_s": np.arange(len(states)) * 4.0, "duration_s": 4.0})
    table["state"] = states
    table[["p_wake", "p_nrem", "p_rem"]] = np.array(p, dtype=float)
    return table.assign(confidence=np.nan, **columns)


def thresholds(*runs, **columns):
    return hypnogram(*[(s, n, (np.nan,) * 3) for s, n in runs], **columns)


def places_of(table, has_signal=None):
    return find_places(table, doubts(table, has_signal))


def test_places_are_ranked_by_how_many_epochs_are_expected_to_be_wrong():
    table = hypnogram(
        (W, 10), (N, 4, (0.45, 0.55, 0.0)), (N, 10), (R, 5, (0.1, 0.2, 0.7)), (W, 900),
        (U, 3, (0.4, 0.35, 0.25)), (W, 3, (0.6, 0.1, 0.3)), (W, 5, (0.81, 0.19, 0.0)),
    )  # fmt: skip
    places = places_of(table)
    # by hand: 3 x 0.6 + 3 x 0.4, then 4 x 0.45, then 5 x 0.3; 0.81 is sure enough
    np.testing.assert_allclose(places["expected_wrong"], [3.0, 1.8, 1.5])
    assert places["state"].tolist() == [f"{U}, {W}", N, R]
    assert places["candidate"].tolist() == [W, W, N]
    np.testing.assert_allclose(places["p_candidate"], [0.4, 0.45, 0.2])
    assert places["start_s"].tolist() == [929 * 4, 40, 96]
    assert places["time"].tolist() == ["1:01:56", "0:00:40", "0:01:36"]
    assert places["duration_s"].tolist() == [24.0, 16.0, 20.0]
    assert places["why"].tolist() == [
        "unclassified; scorer unsure",
        "scorer unsure",
        "scorer unsure",
    ]


def test_a_sure_hypnogram_has_nothing_to_review():
    table = hypnogram((W, 20), (N, 30), (R, 8), (W, 1), (N, 30))
    assert places_of(table).empty
    assert make_sheet(table, doubts(table), places_of(table)).empty


def test_short_bouts_rare_transitions_and_rules_are_listed_though_the_scorer_is_sure():
    table = hypnogram((W, 20), (R, 8), (W, 9), (N, 2), (W, 9), (W, 3, SURE[R]), (N, 9))
    places = places_of(table).set_index("why")
    assert places.loc["a rule overruled the scorer", "candidate"] == R
    assert places.loc["a rule overruled the scorer", "expected_wrong"] == pytest.approx(3 * 0.99)
    assert places.loc["REM straight after wake", "epochs"] == 8
    assert places.loc["short bout", "expected_wrong"] == pytest.approx(2 * 0.02)
    assert len(places) == 3


def test_rem_after_a_brief_awakening_is_no_leap():
    assert places_of(hypnogram((N, 9), (R, 8), (W, 3), (R, 8))).empty


def test_without_probabilities_fixed_chances_rank():
    table = thresholds((W, 20), (R, 8), (W, 9), (U, 7), (N, 20), (R, 2), (N, 20))
    places = places_of(table)
    assert places["why"].tolist() == ["unclassified", "REM straight after wake", "short bout"]
    np.testing.assert_allclose(places["expected_wrong"], [7 * 2 / 3, 8 / 2, 2 / 2])
    assert places["candidate"].tolist() == ["", W, N]
    assert places["p_candidate"].isna().all()


def test_labels_settle_epochs_unless_the_scorer_contradicts_them():
    unsure = (0.45, 0.55, 0.0)
    label = [N] * 4 + [U] * 2 + [W] * 6 + [""] * 2
    scored = [N] * 4 + [W] * 2 + [W] * 3 + [N] * 3 + [W] * 2
    runs = [(N, 4, unsure), (U, 2, SURE[W]), (W, 3), (W, 3, (0.1, 0.9, 0.0)), (W, 2)]
    places = places_of(hypnogram(*runs, label=label, scored=scored))
    assert places["why"].tolist() == ["scorer contradicts the label"]
    assert places["start_s"].tolist() == [36.0]
    assert places["candidate"].tolist() == [N]
    assert places["expected_wrong"].iloc[0] == pytest.approx(2.7)
    # the same by thresholds: one of the two is right
    runs = [(N, 4), (U, 2), (W, 6), (W, 2)]
    places = places_of(thresholds(*runs, label=label, scored=scored))
    assert places["expected_wrong"].tolist() == [1.5]
    assert places["candidate"].tolist() == [N]


def test_epochs_without_anything_to_see_are_left_out():
    table = hypnogram((W, 5), (U, 50), (N, 5), (U, 4, (0.4, 0.3, 0.3)))
    # the first run has no probabilities where others have: the scorer had no signal
    assert places_of(table)["start_s"].tolist() == [240.0]
    has_signal = np.arange(64) < 60
    assert places_of(table, has_signal).empty


def test_a_hole_in_the_table_parts_places():
    table = hypnogram((U, 6, (0.4, 0.3, 0.3)))
    assert len(places_of(table)) == 1
    assert len(places_of(table.drop(index=3).reset_index(drop=True))) == 2


def test_the_sheet_labels_nothing_until_it_is_filled_in(tmp_path):
    label = [""] * 10 + [R] * 2 + [""] * 28
    table = hypnogram((W, 10), (N, 2), (N, 8), (N, 3, (0.45, 0.55, 0.0)), (N, 17), label=label)
    table = table.assign(scored=[W] * 10 + [N] * 30)
    doubt = doubts(table)
    sheet = make_sheet(table, doubt, find_places(table, doubt).query("why == 'scorer unsure'"))
    assert sheet["start_s"].tolist() == [40.0, 44.0, 80.0, 84.0, 88.0]
    assert sheet["state"].tolist() == [R, R, "", "", ""]
    assert sheet["now"].tolist() == [N] * 5
    assert sheet["candidate"].tolist() == ["", "", W, W, W]
    sheet.loc[3, "state"] = "W"
    sheet.to_csv(tmp_path / "l.csv", index=False, float_format="%.4f")
    labels = read_labels(tmp_path / "l.csv", table["start_s"].to_numpy(), 4.0, unlabelled="")
    expected = list(label)
    expected[21] = W
    assert labels.tolist() == expected


@pytest.mark.parametrize(
    ("time_s", "text"),
    [(0, "0:00:00"), (59.9, "0:00:59"), (3661.0, "1:01:01"), (90000.0, "25:00:00")],
)
def test_clock(time_s, text):
    assert clock(time_s) == text


@pytest.fixture
def results(tmp_path):
    """Two recordings with a hypnogram, one without, one that could not be analysed."""
    for name, epochs in (("m1", 3), ("m2", 9)):
        folder = tmp_path / "results" / name / "sleep"
        folder.mkdir(parents=True)
        table = hypnogram((W, 20), (N, epochs, (0.45, 0.55, 0.0)), (N, 20), (U, 6, (0.4, 0.3, 0.3)))
        table.to_parquet(folder / "hypnogram.parquet", index=False)
    (tmp_path / "results" / "m2" / "sleep" / "provenance.json").write_text(
        json.dumps({"row": {"animal": "m2", "died": "2026-03-02T09:06:30+01:00"}})
    )
    (tmp_path / "results" / "m3").mkdir()
    (tmp_path / "results" / "m4" / "sleep").mkdir(parents=True)
    (tmp_path / "results" / "m4" / "sleep" / "hypnogram.parquet").write_text(
        '{"not_analysed": {"recording": "m4", "stage": "transfer", "reason": "It is empty."}}\n'
    )
    return tmp_path / "results"


def test_review_lists_over_recordings_and_says_how_to_bring_labels_back(results, capsys):
    out = results / "places.tsv"
    words = ["sleep", "review", str(results / "m1"), str(results / "m2"), "--count", "2"]
    assert main([*words, "--out", str(out)]) == 0
    text = capsys.readouterr().out
    assert "m1: 9 of 49 epochs are doubtful, in 2 places; about 5 of them" in text
    # what is unclassified at the end of m2 is after its death
    assert "m2: 9 of 55 epochs are doubtful, in 1 place;" in text
    assert "sleep_labels.csv" in text
    assert "Every row of that file becomes a label" in text
    table = pd.read_csv(out, sep="\t")
    assert table["recording"].tolist() == ["m2", "m1"]
    assert table["expected_wrong"].tolist() == [4.05, 3.6]
    assert not list(results.rglob("*.csv"))


def test_epochs_without_signal_are_known_by_the_features(results, capsys):
    (results / "m1" / "spectra").mkdir()
    start_s = np.arange(49) * 4.0
    valid = np.where(start_s >= 43 * 4, 0.2, 1.0)
    features = pd.DataFrame({"start_s": start_s, "duration_s": 4.0, "valid": valid})
    features.to_parquet(results / "m1" / "spectra" / "features.parquet")
    assert main(["sleep", "review", str(results / "m1")]) == 0
    assert "m1: 3 of 49 epochs are doubtful, in 1 place;" in capsys.readouterr().out


def test_review_writes_a_sheet_and_overwrites_none(results, capsys):
    words = ["sleep", "review", str(results / "m1"), "--write"]
    sheet = results / "m1" / "sleep_labels_to_fill.csv"
    assert main(words) == 0
    assert "Fill in the column state of sleep_labels_to_fill.csv" in capsys.readouterr().out
    assert len(pd.read_csv(sheet)) == 9
    assert not (results / "m1" / "sleep_labels.csv").exists()
    sheet.write_text("mine")
    assert main(words) == 1
    assert "is there already and is left as it is" in capsys.readouterr().err
    assert sheet.read_text() == "mine"
    sheet.rename(results / "m1" / "sleep_labels.csv")
    made_s = (results / "m1" / "sleep" / "hypnogram.parquet").stat().st_mtime
    os.utime(results / "m1" / "sleep_labels.csv", (made_s + 60, made_s + 60))
    assert main(words) == 1
    assert "edited after the hypnogram was made; run the workflow first" in capsys.readouterr().err
    assert not sheet.exists()


def test_recordings_without_a_hypnogram_are_told_and_the_others_listed(results, capsys):
    words = [str(results / name) for name in ("m3", "m4", "m1")]
    assert main(["sleep", "review", *words]) == 1
    out, err = capsys.readouterr()
    assert "scorer unsure" in out
    assert f"There is no {results / 'm3' / 'sleep' / 'hypnogram.parquet'}; name" in err
    assert "m4 has no hypnogram; it could not be analysed (transfer): It is empty." in err
    assert main(["sleep", "review", words[0]]) == 1


def test_rem_after_an_awakening_that_the_settings_call_brief_is_not_doubtful():
    states = ["nrem"] * 10 + ["rem"] * 6 + ["wake"] * 4 + ["rem"] * 6
    p = {f"p_{s}": np.where(np.array(states) == s, 0.96, 0.02) for s in ("wake", "nrem", "rem")}
    table = pd.DataFrame(
        {"start_s": np.arange(len(states)) * 4.0, "duration_s": 4.0, "state": states, **p}
    )
    assert doubts(table)["doubtful"][20:].any()
    assert not doubts(table, brief_epochs=4)["doubtful"].any()
