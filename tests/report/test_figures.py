import numpy as np
import pandas as pd
import pytest

from vigil.page import style
from vigil.report.figures.movement import busiest_window
from vigil.report.figures.overview import muscle_column
from vigil.report.figures.panels import state_bouts
from vigil.report.figures.seizure_traces import onset_order, read_traces, scale_bar_uv
from vigil.report.figures.state_spectra import states_at
from vigil.report.findings import gather
from vigil.report.run import FIGURES
from vigil.report.settings import Settings


@pytest.fixture(scope="module")
def findings(results, report_job, tmp_path_factory):
    return gather(report_job(tmp_path_factory.mktemp("out"), results))


def hypnogram(*states, start=0.0):
    return pd.DataFrame(
        {"start_s": start + 4.0 * np.arange(len(states)), "duration_s": 4.0, "state": states}
    )


def test_bouts_join_neighbours_and_break_at_holes():
    table = pd.concat([hypnogram("wake", "wake", "nrem"), hypnogram("nrem", start=40.0)])
    bouts = state_bouts(table)
    assert list(bouts["state"]) == ["wake", "nrem", "nrem"]
    assert list(bouts["start_s"]) == [0, 8, 40]
    assert list(bouts["stop_s"]) == [8, 12, 44]


def test_states_at_times():
    assert list(states_at([-1, 0, 3.9, 4, 11.9, 12], hypnogram("wake", "rem", "nrem"))) == [
        "", "wake", "wake", "rem", "nrem", "",
    ]  # fmt: skip


def test_regions_stand_in_the_order_in_which_they_joined(findings):
    order = onset_order(1, findings.onset, findings.lfp, findings.quality)
    assert [r.region for r in order] == ["CA1", "CTX", "THAL"]
    assert [r.overall_s for r in order] == pytest.approx([0.15, 3.15, 6.65])
    assert np.isnan(order[0].latency_s["fast_activity"])
    assert order[1].latency_s["line_length"] == pytest.approx(3.0)


def test_a_bad_contact_is_not_drawn(findings):
    order = onset_order(1, findings.onset, findings.lfp, findings.quality)
    # CSC2, the second contact of CTX, is flat
    assert {r.region: r.channel for r in order}["CTX"] == "CSC1"


def test_without_onsets_regions_stand_in_the_order_of_the_montage(findings):
    order = onset_order(1, None, findings.lfp, findings.quality)
    assert [r.region for r in order] == ["CTX", "CA1", "THAL"]
    assert all(np.isinf(r.overall_s) for r in order)


def test_traces_are_open_across_a_gap(findings):
    time, value = read_traces(findings.lfp, ["CSC1"], 299.0, 321.0)
    assert len(time) == 2 * 250 + 1
    assert np.isnan(value).sum() == 1
    assert time[0] == pytest.approx(299.0)
    assert np.diff(time).max() == pytest.approx(20.0, abs=0.01)


@pytest.mark.parametrize(("height", "bar"), [(130, 100), (250, 200), (999, 500), (1000, 1000)])
def test_scale_bar_is_round(height, bar):
    assert scale_bar_uv(height) == bar


def test_muscle_column_prefers_the_electrode_and_skips_what_is_empty(findings):
    assert muscle_column(findings.features)[0] == "emg.log_rms"
    empty = findings.features.assign(**{"emg.log_rms": np.nan, "emg.from_lfp": 0.1})
    assert muscle_column(empty)[0] == "emg.from_lfp"
    assert muscle_column(empty.drop(columns="emg.from_lfp")) is None
    assert muscle_column(None) is None


def test_busiest_window_holds_the_turns():
    moves = pd.DataFrame({"time_s": np.arange(0, 600, 0.1), "valid": True})
    turns = pd.DataFrame({"start_s": [30.0, *np.arange(400, 440, 4.0)]})
    start, stop = busiest_window(moves, turns, 60)
    assert start <= 400
    assert stop >= 436
    assert stop - start == pytest.approx(60)


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_names_its_axes_with_units(name, findings):
    with style.figure_style():
        figure = FIGURES[name](findings, Settings())
        figure.draw_without_rendering()
    axes = [b for a in figure.axes for b in (a, *a.child_axes)]
    words = " ".join(a.get_xlabel() + a.get_ylabel() for a in axes)
    wanted = {
        "channels": ("(µV)", "µV²/Hz", "(share)"),
        "overview": ("Hz", "log10 µV", "cm/s", "(min)", "dB"),
        "spectrogram": ("Hz", "(min)", "dB"),
        "state_spectra": ("Hz", "µV²/Hz"),
        "movement": ("cm/s", "cm/s²", "cm/s³", "°", "per minute"),
        "head_direction": ("°", "°/s", "cm/s³", "(s)"),
        "arena": ("(cm)", "Seconds"),
    }
    assert [unit for unit in wanted[name] if unit not in words] == []


@pytest.mark.parametrize("name", FIGURES)
def test_no_figure_of_nothing(name, report_job, tmp_path):
    with style.figure_style():
        assert FIGURES[name](gather(report_job(tmp_path, {})), Settings()) is None


def test_the_same_figure_is_the_same_file(findings, tmp_path):
    for folder in ("a", "b"):
        with style.figure_style():
            figure = FIGURES["arena"](findings, Settings())
            style.save_figure(figure, tmp_path / folder, "x", 80)
    for ending in ("png", "pdf"):
        assert (tmp_path / f"a/x.{ending}").read_bytes() == (
            tmp_path / f"b/x.{ending}"
        ).read_bytes()
