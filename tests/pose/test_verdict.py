"""One word, and sentences that name the fault, its share and the limit."""

import json

import numpy as np
import pytest

from vigil.pose.files import tracks_table
from vigil.pose.picture import MEASURES
from vigil.pose.quality import quality_table, tracks_measures
from vigil.pose.settings import Settings
from vigil.pose.verdict import percent, verdict

PARTS = ["left_ear", "right_ear", "snout"]
NO_VIDEO = dict.fromkeys(MEASURES)


def points(frames: int = 1000) -> np.ndarray:
    points = np.ones((frames, 3, 3))
    points[..., :2] = [(290, 300), (310, 300), (300, 275)]
    return points


def judge(points: np.ndarray, picture: dict | None = None) -> dict:
    settings, tracks = Settings(), tracks_table(PARTS, points)
    quality = quality_table(tracks, settings)
    says = verdict(quality, tracks_measures(tracks, settings), picture or NO_VIDEO, settings)
    return json.loads(json.dumps(says, allow_nan=False))


def test_a_good_recording_is_ok() -> None:
    says = judge(points())
    assert (says["verdict"], says["reasons"]) == ("ok", [])
    assert says["measures"]["share_over_threshold"] == dict.fromkeys(PARTS, 1.0)
    assert says["measures"]["frozen_share"] is None


@pytest.mark.parametrize(
    ("fault", "word", "sentence"),
    [
        (slice(0, 200), "warn", "unsure of left_ear in 20 % of the frames (warn above 10 %)."),
        (slice(0, 600), "bad", "unsure of left_ear in 60 % of the frames (bad above 50 %)."),
    ],
)
def test_unsure(fault: slice, word: str, sentence: str) -> None:
    tracks = points()
    tracks[fault, 0, 2] = 0.3
    says = judge(tracks)
    assert says["verdict"] == word
    assert says["reasons"] == [f"The model is {sentence}"]


def test_gravest_first() -> None:
    tracks = points()
    tracks[::20, 2, 0] += 500
    tracks[:, [0, 1]] = tracks[:, [1, 0]]
    says = judge(tracks)
    assert says["verdict"] == "bad"
    assert len(says["reasons"]) == 2
    assert "behind the ears in 100 %" in says["reasons"][0] or "jumps" in says["reasons"][0]
    assert sum("snout jumps further" in r for r in says["reasons"]) == 1


def test_mirrored_names_say_what_to_do() -> None:
    tracks = points()
    tracks[:, [0, 1]] = tracks[:, [1, 0]]
    (reason,) = judge(tracks)["reasons"]
    assert "exchange left and right in pose.body_parts" in reason


@pytest.mark.parametrize(
    ("measure", "share", "word", "says"),
    [
        (
            "frozen_share",
            0.002,
            "warn",
            "The video is frozen in 0.2 % of the frames (warn above 0 %).",
        ),
        ("frozen_share", 0.4, "bad", "The video is frozen in 40 % of the frames (bad above 10 %)."),
        ("dark_share", 0.005, "ok", None),
        ("dark_share", 0.05, "warn", "The video is dark in 5 % of the frames (warn above 1 %)."),
        ("blank_share", 0.2, "bad", "one colour and no scene in 20 % of the frames"),
    ],
)
def test_pictures(measure: str, share: float, word: str, says: str | None) -> None:
    found = judge(points(), {**dict.fromkeys(MEASURES, 0.0), measure: share})
    assert found["verdict"] == word
    assert [says in r for r in found["reasons"]] == ([True] if says else [])


def test_no_ears_at_all_is_bad() -> None:
    tracks = points()
    tracks[:, 0] = np.nan
    says = judge(tracks)
    assert says["verdict"] == "bad"
    assert "No frame shows both ears, so that the head has no direction." in says["reasons"]
    assert says["measures"]["jumps"] == dict.fromkeys(PARTS)


def test_percent() -> None:
    assert [percent(s) for s in (0.00012, 0.0138, 0.067, 0.5, 1.0)] == [
        *("0.012 %", "1.4 %", "6.7 %", "50 %", "100 %")
    ]
