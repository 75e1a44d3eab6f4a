"""Figures of movement: what they show of known motion, and that they do with what there is."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex

from vigil.page import style
from vigil.report.figures import motion_panels
from vigil.report.figures.arena import MOST_POINTS, arena, track_pieces
from vigil.report.figures.head_detail import head_detail
from vigil.report.figures.motion_panels import BOUT_COLOURS, TRAVEL, TURNING, Signal
from vigil.report.figures.movement import movement
from vigil.report.figures.turns import turns
from vigil.report.findings import Findings
from vigil.report.settings import Settings

ALL = [movement, head_detail, turns, arena]
RATE_HZ = 10.0


def circling(duration_s=600.0):
    """An animal that walks in a circle of 10 cm about (20, 15) cm, ten seconds each round."""
    time = np.arange(0, duration_s, 1 / RATE_HZ)
    turn = 2 * np.pi / 10
    angle = turn * time
    return pd.DataFrame(
        {
            "time_s": time,
            "x_cm": 20 + 10 * np.cos(angle),
            "y_cm": 15 - 10 * np.sin(angle),
            "head_direction_rad": np.angle(1j * np.exp(1j * angle)),
            "speed_cm_s": 10 * turn,
            "acceleration_cm_s2": 10 * turn**2,
            "jerk_cm_s3": 10 * turn**3,
            "angular_velocity_rad_s": turn,
            "angular_acceleration_rad_s2": 0.0,
            "valid": True,
        }
    )


@pytest.fixture
def findings():
    moves = circling()
    return Findings(
        "m1",
        kinematics=moves,
        turns=pd.DataFrame(
            {
                "start_s": [30.0, 100.0, 200.0, 290.0],
                "duration_s": 1.0,
                "direction": ["ccw", "ccw", "cw", "ccw"],
                "angle_rad": np.radians([90.0, 450.0, -180.0, 90.0]),
            }
        ),
        bouts=pd.DataFrame(
            {
                "start_s": [0.0, 150.0, 400.0],
                "duration_s": [150.0, 250.0, 150.0],
                "kind": ["moving", "immobile", "moving"],
            }
        ),
        hypnogram=pd.DataFrame(
            {
                "start_s": 4.0 * np.arange(150),
                "duration_s": 4.0,
                "state": np.repeat(["wake", "nrem", "wake"], 50),
            }
        ),
    )


def drawn(draw, findings):
    with style.figure_style():
        figure = draw(findings, Settings())
        figure.draw_without_rendering()
    return figure


def axis_of(figure, words):
    return next(a for a in figure.axes if words in a.get_ylabel())


def legend_words(figure):
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


@pytest.mark.parametrize(
    ("span_h", "width_s", "words"),
    [
        (8 / 60, 1, "second"),
        (3, 10, "10 s"),
        (24, 60, "minute"),
        (72, 300, "5 min"),
        (24 * 60, 3600, "hour"),
        (24 * 100, 7200, "2 h"),
    ],
)
def test_a_bin_is_a_minute_in_a_day(span_h, width_s, words):
    assert motion_panels.bin_width_s(span_h * 3600) == width_s
    assert motion_panels.bin_words(width_s) == words


def test_bands_are_median_and_5_to_95_percent_of_each_bin():
    time = np.arange(0, 24 * 3600, 0.5)
    value = (time % 60) / 60 + time // 60
    hole = (time >= 3600) & (time < 7200)
    moves = pd.DataFrame({"time_s": time, "v": np.where(hole, np.nan, value)})
    with style.figure_style():
        axis = style.new_figure(2).subplots()
        motion_panels.bands(axis, moves, Signal("v", "V (-)", 2.0), (0.0, 24 * 3600.0))
    middle = axis.lines[0].get_ydata()
    minutes = np.arange(1440)
    seen = (minutes < 60) | (minutes >= 120)
    assert np.isnan(middle[~seen]).all()
    assert middle[seen] == pytest.approx(2 * (minutes[seen] + 0.496), abs=0.01)
    high, _, low = axis.patches[0].get_data()
    assert low[seen] == pytest.approx(2 * (minutes[seen] + 0.05), abs=0.02)
    assert high[seen] == pytest.approx(2 * (minutes[seen] + 0.942), abs=0.02)


def test_angles_are_drawn_in_degrees(findings):
    middle = axis_of(drawn(movement, findings), "Angular\nvelocity").lines[0].get_ydata()
    assert middle == pytest.approx(36.0)
    line = axis_of(drawn(head_detail, findings), "Angular\nvelocity").lines[1].get_ydata()
    assert line == pytest.approx(36.0)


def test_share_of_bouts_in_bins():
    bouts = pd.DataFrame(
        {
            "start_s": [50.0, 10.0, 40.0],
            "duration_s": [5.0, 30.0, 10.0],
            "kind": ["moving", "moving", "immobile"],
        }
    )
    edges = [0, 20, 40, 60, 80]
    assert motion_panels.share_of(bouts, "moving", edges) == pytest.approx([0.5, 1, 0.25, 0])
    assert motion_panels.share_of(bouts, "immobile", edges) == pytest.approx([0, 0, 0.5, 0])
    assert motion_panels.share_of(bouts[:0], "moving", edges) == pytest.approx(np.zeros(4))
    assert list(motion_panels.kind_at([0, 10, 39.9, 40, 52, 55], bouts)) == [
        "", "moving", "moving", "immobile", "moving", "",
    ]  # fmt: skip
    assert list(motion_panels.kind_at([1.0], bouts[:0])) == [""]


def test_bouts_are_bars_in_minutes_and_shares_in_hours(findings):
    bars = axis_of(drawn(movement, findings), "Movement").collections
    assert [len(c.get_paths()) for c in bars] == [2, 1]
    assert [to_hex(c.get_facecolor()[0]) for c in bars] == [
        c.lower() for c in BOUT_COLOURS.values()
    ]
    long = dataclasses.replace(findings, kinematics=circling(4 * 3600), hypnogram=None)
    strip = axis_of(drawn(movement, long), "Movement")
    moving, immobile = (patch.get_data()[0] for patch in strip.patches)
    # ten seconds each
    assert moving[[0, 14, 15, 39, 40, 55]].tolist() == [1, 1, 0, 0, 1, 0]
    assert immobile[[14, 15, 39, 55]].tolist() == [1, 1, 1, 0]


def test_the_keys_tell_the_share_of_the_bouts(findings):
    words = legend_words(drawn(movement, findings))
    assert {"moving (55 %)", "immobile (45 %)", "median of each second", "NREM"} <= set(words)


def test_turns_add_up_to_rotations(findings):
    figure = drawn(turns, findings)
    net = axis_of(figure, "Net rotations").lines[0].get_ydata()
    assert net.tolist() == pytest.approx([0, 0.25, 1.5, 1.0, 1.25, 1.25])
    bars = axis_of(figure, "per minute").patches
    height = sorted(b.get_height() for b in bars if b.get_height())
    assert height == pytest.approx([-1, 1, 1, 1])
    assert set(legend_words(figure)) == {"counter-clockwise (3)", "clockwise (1)"}


def test_the_sizes_of_turns_are_all_counted(findings):
    sizes = axis_of(drawn(turns, findings), "Angle (°)")
    width = np.array([b.get_width() for b in sizes.patches])
    assert width[width > 0].sum() == 3
    assert width[width < 0].sum() == -1
    # 450 degrees stand in the last bin, which says so
    assert max(b.get_y() for b in sizes.patches if b.get_width() > 0) == 345
    assert sizes.get_yticklabels()[-1].get_text() == "360+"


def test_each_turn_is_as_high_as_its_angle(findings):
    events = axis_of(drawn(turns, findings), "each turn")
    tips = {
        to_hex(c.get_color()[0]).upper(): sorted(s[1, 1] for s in c.get_segments())
        for c in events.collections
        if isinstance(c, LineCollection)
    }
    assert tips[style.TURN_COLOURS["ccw"]] == pytest.approx([90, 90, 450])
    assert tips[style.TURN_COLOURS["cw"]] == pytest.approx([-180])


def test_turns_of_the_detail_are_shaded_where_they_are(findings):
    figure = drawn(head_detail, findings)
    spans = [(p.get_x(), p.get_width()) for p in axis_of(figure, "direction").patches]
    low, high = figure.axes[0].get_xlim()
    assert high - low == pytest.approx(60)
    assert spans
    assert all(w == 1.0 and low <= x <= high for x, w in spans)


def test_a_track_has_no_piece_across_a_hole():
    good = circling(60)
    good = good[(good["time_s"] < 20) | (good["time_s"] >= 30)]
    pieces, time = track_pieces(good)
    assert len(pieces) == len(time) == 200 - 1 + 300 - 1
    assert not ((time > 19.85) & (time < 30)).any()
    assert np.hypot(*(pieces[:, 1] - pieces[:, 0]).T).max() < 0.7


def test_a_long_track_is_thinned_and_keeps_its_holes():
    good = circling(3600 * 3)
    good = good[(good["time_s"] < 5000.05) | (good["time_s"] >= 5000.85)]
    pieces, time = track_pieces(good)
    assert MOST_POINTS / 2 < len(pieces) < MOST_POINTS
    assert np.diff(time).max() > 0.8
    assert np.hypot(*(pieces[:, 1] - pieces[:, 0]).T).max() < 5


def test_a_short_track_is_a_line_and_a_day_is_points(findings):
    place = drawn(arena, findings).axes[0]
    assert any(isinstance(c, LineCollection) for c in place.collections)
    long = dataclasses.replace(findings, kinematics=circling(4 * 3600), bouts=None)
    place = drawn(arena, long).axes[0]
    assert not any(isinstance(c, LineCollection) for c in place.collections)
    assert place.get_title(loc="left") == "Head, every 0.8 s"


def test_the_arena_is_seen_as_in_the_video(findings):
    figure = drawn(arena, findings)
    track, place = figure.axes[:2]
    for axis in (track, place):
        assert axis.get_ylim()[0] > axis.get_ylim()[1]
        assert axis.get_xlim() == pytest.approx((9.4, 30.6), abs=0.05)
    seconds = place.collections[0].get_array().compressed()
    assert seconds.sum() == pytest.approx(600)


def test_the_track_is_coloured_by_state_or_else_by_time(findings):
    lines = drawn(arena, findings).axes[0].collections[0]
    colours = [to_hex(c) for c in lines.get_colors()[[100, 3000, 5900]]]
    wake, nrem = (style.STATE_COLOURS[s].lower() for s in ("wake", "nrem"))
    assert colours == [wake, nrem, wake]
    figure = drawn(arena, dataclasses.replace(findings, hypnogram=None))
    time_s = np.asarray(figure.axes[0].collections[0].get_array())
    assert time_s[[0, -1]] == pytest.approx([0, 599.8])
    assert "Time (min)" in [a.get_xlabel() for a in figure.axes]


def test_directions_stand_apart_for_movement_and_rest(findings):
    moves = findings.kinematics.copy()
    rest = (moves["time_s"] >= 150) & (moves["time_s"] < 400)
    moves.loc[rest, "head_direction_rad"] = np.pi / 2
    figure = drawn(arena, dataclasses.replace(findings, kinematics=moves))
    roses = {a.get_title().split("\n")[0]: a for a in figure.axes if a.name == "polar"}
    moving, still = (roses[f"Head direction, {kind}"] for kind in ("moving", "immobile"))
    assert "mean vector 0.00" in moving.get_title()
    assert "mean vector 1.00" in still.get_title()
    height = [b.get_height() for b in still.patches]
    assert max(height) == pytest.approx(100)
    assert np.argmax(height) == 9
    alone = drawn(arena, dataclasses.replace(findings, bouts=None))
    assert [a.get_title().split("\n")[0] for a in alone.axes if a.name == "polar"] == [
        "Head direction"
    ]


@pytest.mark.parametrize("draw", ALL)
@pytest.mark.parametrize(
    "lack", ["bouts", "turns", "hypnogram", "angular_acceleration_rad_s2", "no bout", "no turn"]
)
def test_figures_do_with_what_there_is(draw, lack, findings):
    if lack.startswith("no "):
        name = f"{lack[3:]}s"
        fewer = dataclasses.replace(findings, **{name: getattr(findings, name)[:0]})
    elif lack in findings.kinematics:
        fewer = dataclasses.replace(findings, kinematics=findings.kinematics.drop(columns=lack))
    else:
        fewer = dataclasses.replace(findings, **{lack: None})
    if draw is turns and "turn" in lack:
        assert turns(fewer, Settings()) is None
        return
    labels = [a.get_ylabel() for a in drawn(draw, fewer).axes]
    if draw in (movement, head_detail):
        assert ("Angular\nacceleration\n(°/s²)" in labels) == (not lack.startswith("angular"))
        assert ("Movement" in labels) == ("bout" not in lack)


@pytest.mark.parametrize("draw", ALL)
def test_a_track_that_was_never_seen_is_no_fault(draw, findings):
    moves = findings.kinematics.copy()
    moves[[c for c in moves if c not in ("time_s", "valid")]] = np.nan
    moves["valid"] = False
    unseen = dataclasses.replace(findings, kinematics=moves, turns=findings.turns[:0], bouts=None)
    with style.figure_style():
        figure = draw(unseen, Settings())
    assert (figure is None) == (draw in (turns, arena))
    assert draw(dataclasses.replace(findings, kinematics=None), Settings()) is None


def test_signals_that_a_table_lacks_are_left_out():
    moves = circling(10).drop(columns="jerk_cm_s3").assign(angular_acceleration_rad_s2=np.nan)
    names = [s.column for s in motion_panels.present((*TURNING, *TRAVEL), moves)]
    assert names == ["angular_velocity_rad_s", "speed_cm_s", "acceleration_cm_s2"]
