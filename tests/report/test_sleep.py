import base64
import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vigil.page import style
from vigil.report.figures.day import hourly_shares, mean_shares, zeitgeber_day
from vigil.report.figures.overview import overview
from vigil.report.findings import Findings, gather
from vigil.report.settings import Settings
from vigil.report.sleep import expert_sentences, light_and_dark, sleep_part, statistics_table

ROW = {"animal": "m1", "start": "2026-03-02T06:30:00+01:00", "lights_on": "07:00"}


@pytest.fixture(scope="module")
def findings(results, report_job, tmp_path_factory):
    return gather(report_job(tmp_path_factory.mktemp("out"), results))


@pytest.fixture(scope="module")
def long(long_sleep, report_job, tmp_path_factory):
    """Two days of scores by thresholds, without anything else."""
    return gather(report_job(tmp_path_factory.mktemp("out"), long_sleep, row=ROW))


def read_csv(address):
    return pd.read_csv(io.BytesIO(base64.b64decode(address.split(",")[1])), keep_default_na=False)


def tables_of(findings):
    return {t.file: t for t in sleep_part(findings, Settings()).tables}


def test_every_table_is_there_with_its_download(long):
    found = tables_of(long)
    assert list(found) == [
        "sleep_summary", "sleep_by_light", "sleep_statistics", "sleep_transitions", "sleep_by_hour",
    ]  # fmt: skip
    for paged in found.values():
        assert len(read_csv(paged.csv)) >= 2
        assert {len(row) for row in paged.table.rows} == {len(paged.table.header)}
    assert len(read_csv(found["sleep_by_hour"].csv)) == len(found["sleep_by_hour"].table.rows) == 50


def test_a_short_recording_has_no_table_of_hours_and_none_of_light_and_darkness(findings):
    assert list(tables_of(findings)) == ["sleep_summary", "sleep_statistics", "sleep_transitions"]


def test_transitions_stand_as_a_matrix(long):
    table = tables_of(long)["sleep_transitions"].table
    assert table.header[1] == "Next epoch: Wake"
    counts = long.sleep_transitions.set_index(["step", "from", "to"])["count"]
    shown = dict(zip(table.header[1:], table.rows[1][1:], strict=True))
    assert shown["Next epoch: REM"].endswith(f"({counts['epoch', 'nrem', 'rem']})")
    assert shown["Next bout: NREM"] == ""


def test_hours_are_told_in_zeitgeber_time(long):
    table = tables_of(long)["sleep_by_hour"].table
    assert [r[:2] for r in table.rows[:3]] == [["1", "23"], ["2", "0"], ["2", "1"]]
    assert table.rows[0][2:6] == ["30.0", "100 %", "0 %", "0 %"]
    assert table.rows[6][:6] == ["2", "5", "0.0", "–", "–", "–"]
    unknown = replace(long, sleep_hours=long.sleep_hours.assign(zeitgeber_h=np.nan))
    assert tables_of(unknown)["sleep_by_hour"].table.header[1] == "Hour"


def test_numbers_of_a_day_are_not_written_in_powers_of_ten():
    table = pd.DataFrame(
        {
            "measure": ["a", "b", "c"], "value": [1234.56, 0.0123, np.nan], "unit": "min",
            "source": "YASA", "unclassified_min": [np.nan, 0.0, 2.0],
        }
    )  # fmt: skip
    rows = statistics_table(table).rows
    assert [r[1] for r in rows] == ["1235", "0.0123", "–"]
    assert [r[4] for r in rows] == ["", "", "2"]
    sure = statistics_table(table.assign(unclassified_min=0.0))
    assert {len(r) for r in sure.rows} == {len(sure.header)} == {4}


def test_light_and_darkness(long):
    table = light_and_dark(long, 12.0).set_index("phase")
    # ZT 23.5 to 24, two whole days without their ZT 5, and half an hour from ZT 0
    assert table["classified_min"].to_dict() == {"light": 22.5 * 60, "dark": 24.5 * 60}
    assert table["wake_share"]["dark"] == 1
    shares = table.loc["light", [f"{s}_share" for s in ("wake", "nrem", "rem")]]
    assert shares.to_list() == pytest.approx([0.1, 0.8, 0.1], abs=0.005)
    # all day is light where the lamp is never off
    assert light_and_dark(long, 24.0)["classified_min"][1] == 0
    assert light_and_dark(replace(long, lights_on=None), 12.0) is None


def test_an_expert_is_compared_with_the_scorer(findings):
    # 50 epochs are labelled, the scorer is wrong in five of them: three states, kappa by hand
    known = findings.hypnogram[:50]
    label, scored = known["label"], known["scored"]
    expected = sum((label == s).mean() * (scored == s).mean() for s in ("wake", "nrem", "rem"))
    kappa = (0.9 - expected) / (1 - expected)
    assert expert_sentences(findings) == [
        "An expert labelled 50 of 120 epochs, which keep that state. The scorer agrees with 90 % "
        f"of them (Cohen's kappa {kappa:.2f})."
    ]


def test_epochs_that_the_scorer_left_count_against_it(findings):
    table = findings.hypnogram.copy()
    table.loc[:9, "scored"] = "unclassified"
    (text,) = expert_sentences(replace(findings, hypnogram=table))
    assert "agrees with 80 %" in text
    assert text.endswith("; the 20 % that it left unclassified count against it.")
    other = table.assign(state="wake")
    assert "which keep" not in expert_sentences(replace(findings, hypnogram=other))[0]


def test_one_state_alone_has_no_kappa(findings):
    table = findings.hypnogram.assign(state="wake", scored="wake", label="wake")
    (text,) = expert_sentences(replace(findings, hypnogram=table))
    assert text.endswith("The scorer agrees with 100 % of them.")


def test_the_page_says_why_no_model_scored(findings):
    mark = {"recording": "sleep_train", "stage": "sleep", "reason": "The labels lack REM"}
    told = {**findings.provenances, "sleep": {"missing": {"model": mark, "folds": mark}}}
    part = sleep_part(replace(findings, provenances=told), Settings())
    assert part.sentences[0] == (
        "No model could be trained from the labels, so the states were scored by thresholds. "
        "The labels lack REM."
    )
    assert len(part.sentences) == 2
    assert len(sleep_part(findings, Settings()).sentences) == 1


def test_without_labels_nothing_is_said(long):
    assert expert_sentences(long) == []
    assert sleep_part(Findings("r1"), Settings()) is None


def test_every_epoch_can_be_taken_along(findings):
    table = read_csv(sleep_part(findings, Settings()).hypnogram_csv)
    assert list(table) == ["start_s", "duration_s", "state", "confidence", "scored", "label"]
    assert (table["label"] == findings.hypnogram["label"]).all()
    assert (table["scored"] == findings.hypnogram["scored"]).all()


def test_the_day_is_drawn_over_all_of_its_days(long):
    shares = hourly_shares(long.sleep_hours, "wake")
    assert list(shares.columns) == list(range(24))
    # half an hour at ZT 23, two whole days, half an hour at ZT 0
    assert shares.notna().sum(axis=1).to_list() == [1, 23, 23, 1]
    mean = mean_shares(long.sleep_hours, "wake")
    assert mean[[13, 20]].tolist() == [1, 1]
    # 60 min of two days and 30 min of a third
    zero = long.sleep_hours[long.sleep_hours["zeitgeber_h"] == 0]
    assert mean[0] == pytest.approx(zero["wake_min"].sum() / 150)
    with style.figure_style():
        figure = zeitgeber_day(long, Settings())
        figure.draw_without_rendering()
    bar, wake, nrem, rem = figure.axes
    assert bar.get_title(loc="left") == "47.0 h classified, each hour on 2 to 3 days"
    assert rem.get_xlabel() == "Zeitgeber time (h; 0 = lights on)"
    assert [a.get_ylabel() for a in (wake, nrem, rem)] == [
        f"{s}\n(% of time)" for s in ("Wake", "NREM", "REM")
    ]
    values, edges, _ = next(p for p in wake.patches if hasattr(p, "get_data")).get_data()
    assert edges.tolist() == list(range(25))
    assert values[13] == pytest.approx(100)
    assert np.flatnonzero(np.isnan(values)).tolist() == [5]
    assert len(wake.lines) == 4


def test_one_day_has_no_lines_of_days(long):
    # from ZT 23.5 to 23.5: the first and the last hour are of two days
    one = replace(long, sleep_hours=long.sleep_hours.iloc[:25])
    with style.figure_style():
        figure = zeitgeber_day(one, Settings())
    assert figure.axes[0].get_title(loc="left") == "23.5 h classified"
    assert not figure.axes[1].lines


def test_a_day_needs_two_hours_and_a_zeitgeber(long, findings):
    assert zeitgeber_day(findings, Settings()) is None
    few = long.sleep_hours.iloc[:2]
    assert zeitgeber_day(replace(long, sleep_hours=few), Settings()) is None
    unknown = long.sleep_hours.assign(zeitgeber_h=np.nan)
    assert zeitgeber_day(replace(long, sleep_hours=unknown), Settings()) is None
    assert "lights_on" in sleep_part(findings, Settings()).no_day


def test_the_overview_has_confidence_only_where_the_scorer_tells_it(long, findings):
    def labels(of):
        with style.figure_style():
            return [a.get_ylabel() for a in overview(of, Settings()).axes]

    assert "Confi-\ndence" in labels(findings)
    assert "Confi-\ndence" not in labels(long)
