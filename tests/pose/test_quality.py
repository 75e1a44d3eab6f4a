"""Measures of tracks that were made with known faults."""

import numpy as np
import pandas as pd
import pytest

from vigil.pose.files import tracks_table
from vigil.pose.quality import jump_share, quality_table, tracks_measures
from vigil.pose.settings import BodyParts, Settings

PARTS = ["left_ear", "right_ear", "snout", "tail_base"]


def walk(frames: int = 200) -> np.ndarray:
    """A head that walks up the image at 2 px a frame, its ears 20 px apart: (frame, part, 3)."""
    points = np.ones((frames, 4, 3))
    middle = np.column_stack([np.full(frames, 300.0), 900.0 - 2.0 * np.arange(frames)])
    for k, (x, y) in enumerate([(-10, 0), (10, 0), (0, -25), (0, 60)]):
        points[:, k, :2] = middle + np.array([x, y])
    return points


def table(points: np.ndarray) -> pd.DataFrame:
    return tracks_table(PARTS, points)


def jumps(points: np.ndarray, **more: object) -> dict[str, float]:
    found = quality_table(table(points), Settings(), **more)
    return dict(zip(found["part"], found["jumps"], strict=True))


def test_a_good_walk_has_no_fault() -> None:
    measures = tracks_measures(table(walk()), Settings())
    assert measures["swaps"] == 0
    assert measures["ear_distance_px"] == pytest.approx(20)
    assert measures["ear_distance_spread"] == pytest.approx(0)
    assert measures["ear_distance_implausible"] == 0
    assert set(jumps(walk()).values()) == {0.0}


def test_likelihoods() -> None:
    points = walk()
    points[:50, 0, 2] = 0.6
    points[:20, 1] = np.nan
    found = quality_table(table(points), Settings()).set_index("part")
    assert found.loc["left_ear", "share_over_threshold"] == 0.75
    assert found.loc["right_ear", "share_over_threshold"] == 0.9
    assert found.loc["snout", "median_likelihood"] == 1


def test_a_leap_away_and_back_is_two_jumps() -> None:
    points = walk()
    points[70:75, 0, :2] += (61, 0)
    assert jumps(points)["left_ear"] == 2 / 200
    assert jumps(points)["right_ear"] == 0
    points[70:75, 0, :2] -= (3, 0)
    assert jumps(points)["left_ear"] == 0


def test_an_unsure_leap_is_none() -> None:
    points = walk()
    points[70, 0] = (0, 0, 0.1)
    assert jumps(points)["left_ear"] == 0


def test_a_part_may_go_further_while_it_is_not_seen() -> None:
    xy = np.array([[0.0, 0], [np.nan, np.nan], [np.nan, np.nan], [170, 0], [171, 0]])
    assert jump_share(xy, 60) == 0
    assert jump_share(xy, 50) == 1 / 5


def test_frames_that_were_left_out_do_not_count() -> None:
    points = walk()
    points[160:, 0, 0] += 150
    points[np.arange(200) % 4 != 0] = np.nan
    # 150 px in four frames are no jump, 250 px are
    found = quality_table(table(points), Settings(), frame_step=4)
    assert found["share_over_threshold"].tolist() == [1, 1, 1, 1]
    assert jumps(points, frame_step=4)["left_ear"] == 0
    points[160:, 0, 0] += 100
    assert jumps(points, frame_step=4)["left_ear"] == 1 / 50
    measures = tracks_measures(table(points), Settings(), frame_step=4)
    assert (measures["frames"], measures["frames_tracked"]) == (200, 50)


def test_swapped_ears_are_counted() -> None:
    points = walk()
    points[30:50, [0, 1]] = points[30:50, [1, 0]]
    points[0:100, 2, 2] = np.where(np.arange(100) < 10, 0.1, 1.0)
    measures = tracks_measures(table(points), Settings())
    assert measures["swaps"] == 20 / 190


def test_turned_heads_are_not_swapped() -> None:
    angle = np.linspace(0, 6, 200)
    turn = np.stack([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = walk()
    middle = points[:, :2, :2].mean(axis=1, keepdims=True)
    points[..., :2] = middle + np.einsum("ijf,fpj->fpi", turn, points[..., :2] - middle)
    assert tracks_measures(table(points), Settings())["swaps"] == 0


def test_ears_that_part_or_meet() -> None:
    points = walk()
    points[:10, 0, 0] -= 21
    points[10:30, 0, 0] += 14
    points[30:50, 0, 0] += 12
    measures = tracks_measures(table(points), Settings())
    assert measures["ear_distance_implausible"] == 30 / 200


def test_without_a_snout_or_ears() -> None:
    points = walk()
    settings = Settings(body_parts=BodyParts(snout=None))
    assert tracks_measures(table(points), settings)["swaps"] is None
    points[:, 0, 2] = 0
    measures = tracks_measures(table(points), Settings())
    assert [measures[m] for m in ("swaps", "ear_distance_px", "ear_distance_implausible")] == [
        None
    ] * 3
    assert np.isnan(list(jumps(points).values())).all()
