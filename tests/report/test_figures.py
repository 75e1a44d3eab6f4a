import dataclasses

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from vigil.page import style
from vigil.report.figures.head_detail import busiest_window
from vigil.report.figures.overview import muscle_column
from vigil.report.figures.panels import hypnogram as draw_hypnogram
from vigil.report.figures.panels import state_bouts
from vigil.report.figures.seizure_traces import onset_order, read_traces, scale_bar_uv
from vigil.report.figures.spectrograms import relative_spectrogram, running_mean, shown_bands
from vigil.report.figures.state_spectra import states_at, states_of_windows
from vigil.report.findings import gather
from vigil.report.run import FIGURES
from vigil.report.settings import Settings
from vigil.spectra.levels import Bands


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


def test_the_lines_between_bouts_do_not_hide_a_day():
    def collections(table):
        axis = Figure().subplots()
        draw_hypnogram(axis, table)
        return [type(c).__name__ for c in axis.collections]

    few, many = hypnogram(*["wake", "nrem"] * 100), hypnogram(*["wake", "nrem"] * 400)
    assert collections(few).count("LineCollection") == 1
    assert collections(many).count("LineCollection") == 0
    assert collections(many).count("PolyCollection") == 4


def test_states_at_times():
    assert list(states_at([-1, 0, 3.9, 4, 11.9, 12], hypnogram("wake", "rem", "nrem"))) == [
        "", "wake", "wake", "rem", "nrem", "",
    ]  # fmt: skip


def test_a_window_has_a_state_where_it_begins_and_ends_in_it():
    table = hypnogram("wake", "rem", "rem")
    states = states_of_windows(np.arange(0, 14.0), 2.0, table)
    assert list(states) == [
        "", "wake", "wake", "wake", "", *["rem"] * 7, "", "",
    ]  # fmt: skip


def test_the_spectrogram_of_a_figure_is_relative_and_binned(findings):
    data = findings.spectrogram
    level, edges, frequency_hz = relative_spectrogram(data, "CA1", 30.0)
    assert level.shape == (478, len(frequency_hz)) == (478, 61)
    assert edges[[0, -1]].tolist() == [0.5, 478.5]
    assert np.nanmedian(level, axis=0) == pytest.approx(np.zeros(61), abs=1e-9)
    missing = np.isnan(level).all(axis=1)
    assert missing.sum() == 21
    few, edges, _ = relative_spectrogram(data, "CA1", 30.0, 12)
    # the level of 10 s has 48 columns, no more than four for each bin
    assert few.shape == (12, 61)
    assert np.diff(edges) == pytest.approx(40.0)


def test_bands_are_those_of_the_settings_without_the_mains(findings):
    weights = shown_bands(findings.spectrogram)
    f = findings.spectrogram.frequency_hz
    assert list(weights) == ["delta", "theta", "sigma", "low_gamma"]
    assert f[weights["theta"] > 0].tolist() == [6, 6.5, 7, 7.5, 8, 8.5]
    # 1 Hz of the settings and 1 Hz that the tapers spread
    assert f[weights["low_gamma"] > 0].max() == 54.5
    assert not weights["low_gamma"][(f >= 48) & (f <= 52)].any()
    assert [w.sum() for w in weights.values()] == pytest.approx([1.0] * 4)
    bands = Bands({"delta": (1, 4), "theta": (6, 9), "sigma": (90, 110)}, 50.0, 1.0)
    fewer = dataclasses.replace(findings.spectrogram, bands=bands)
    assert list(shown_bands(fewer)) == ["delta", "theta"]


def test_a_running_mean_leaves_holes_open():
    x = np.array([1.0, 2.0, 3.0, np.nan, 10.0, 20.0])
    assert running_mean(x, 3) == pytest.approx([1.5, 2, 2.5, np.nan, 15, 15], nan_ok=True)
    assert running_mean(x, 1) == pytest.approx(x, nan_ok=True)


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


@pytest.mark.parametrize("name", [n for n in FIGURES if n != "zeitgeber_day"])
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
        "movement": ("cm/s", "cm/s²", "cm/s³", "(°)", "(°/s)"),
        "turns": ("(°)", "per minute", "rotations"),
        "head_direction": ("°", "°/s", "cm/s³", "(s)"),
        "arena": ("(cm)", "Seconds"),
    }
    assert [unit for unit in wanted[name] if unit not in words] == []


def test_the_power_of_theta_is_drawn_for_each_region(findings):
    with style.figure_style():
        figure = FIGURES["spectrogram"](findings, Settings())
    axis = next(a for a in figure.axes if a.get_ylabel().startswith("Theta\n6–9 Hz"))
    lines = [line for line in axis.lines if line.get_label() in findings.spectrogram.regions]
    assert len(lines) == 3
    time_s, level = lines[0].get_data()
    state = states_at(time_s, findings.hypnogram)
    assert np.nanmedian(level[state == "rem"]) > np.nanmedian(level[state == "wake"]) + 2
    assert np.isnan(level[(time_s > 300) & (time_s < 320)]).all()


def test_spectra_by_state_are_medians_without_seizures(findings):
    with style.figure_style():
        figure = FIGURES["state_spectra"](findings, Settings())
    axis = figure.axes[1]
    assert axis.get_title(loc="left") == "CA1"
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")
    lines = {line.get_label(): line.get_data() for line in axis.lines}
    assert set(lines) == {"Wake", "NREM", "REM", "1/f"}
    assert all(f[0] == 1 and f[-1] == 100 for f, _ in lines.values())
    piece = findings.spectrogram.read("CA1")
    t = piece.time_s
    rem = states_of_windows(t, 2.0, findings.hypnogram) == "rem"
    rem &= ((t + 1 <= 200) | (t - 1 >= 228)) & np.isfinite(piece.power[:, 0])
    assert lines["REM"][1] == pytest.approx(np.median(piece.power[rem][:, 2:], axis=0), rel=1e-6)
    # 50 Hz with 1 Hz of the settings and 1 Hz of the tapers to each side
    mains = next(p for p in axis.patches if p.get_label() == "Mains (50 Hz)")
    assert (mains.get_x(), mains.get_width()) == (48, 4)


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
