"""Scales from the table and from an arena, and what cannot be a scale."""

import numpy as np
import pytest

from vigil.kinematics.scale import find_scale
from vigil.kinematics.settings import Settings
from vigil.recording import RecordingError

NAMES = ("tl", "tr", "br", "bl")


def corners(width_px=400.0, height_px=240.0, noise_px=0.5, frames=200):
    rng = np.random.default_rng(0)
    places = [(50, 30), (50 + width_px, 30), (50 + width_px, 30 + height_px), (50, 30 + height_px)]
    tracks = {}
    for name, place in zip(NAMES, places, strict=True):
        xy = np.asarray(place) + rng.normal(0, noise_px, (frames, 2))
        tracks[name] = np.column_stack([xy, np.full(frames, 0.99)])
    return tracks


def scale(px_per_cm=None, tracks=None, **settings):
    return find_scale("m1", px_per_cm, tracks or {}, Settings(**settings))


def test_the_table_comes_first():
    found = scale(4.2)
    assert (found.px_per_cm, found.source, found.notes) == (4.2, "px_per_cm", ())


def test_corners_that_are_tracked():
    found = scale(tracks=corners(), arena_cm=(40, 24), arena_corners=NAMES)
    assert found.px_per_cm == pytest.approx(10, rel=0.002)
    assert found.source == "arena_corners"
    assert found.notes == ()


def test_a_corner_that_is_hidden_at_times_or_once_mistaken():
    tracks = corners()
    tracks["tl"][20:120, :2], tracks["tl"][20:120, 2] = 999, 0.1
    tracks["br"][:40, :2] = 0
    found = scale(tracks=tracks, arena_cm=(40, 24), arena_corners=NAMES)
    assert found.px_per_cm == pytest.approx(10, rel=0.002)


def test_the_arena_measured_in_the_image():
    found = scale(arena_cm=(40, 40), arena_px=(400, 404))
    assert found.px_per_cm == pytest.approx(10.05)
    assert found.source == "arena_px"


def test_a_slanted_view_is_told():
    found = scale(arena_cm=(40, 40), arena_px=(400, 440))
    assert found.px_per_cm == pytest.approx(10.5)
    assert "make 10, 11 px/cm" in found.notes[0]


def test_a_table_that_contradicts_the_arena_is_told():
    found = scale(8.0, corners(), arena_cm=(40, 24), arena_corners=NAMES)
    assert found.px_per_cm == 8
    assert "8 px/cm is used" in found.notes[0]
    assert "makes 10 px/cm" in found.notes[0]
    # an arena that cannot be used does not stop a table that can
    found = scale(8.0, {}, arena_cm=(40, 24), arena_corners=NAMES)
    assert found.px_per_cm == 8
    assert "no body part 'tl'" in found.notes[0]


@pytest.mark.parametrize(
    ("tracks", "settings", "reason"),
    [
        ({}, {}, "fill px_per_cm, or set kinematics.arena_cm"),
        (corners(), {"arena_cm": (40, 24)}, "fill px_per_cm, or set kinematics.arena_cm"),
        ({}, {"arena_cm": (40, 24), "arena_corners": NAMES}, "no body part 'tl'"),
        (corners(), {"arena_cm": (24, 40), "arena_corners": NAMES}, "cannot all be right"),
        (corners(noise_px=20.0), {"arena_cm": (40, 24), "arena_corners": NAMES}, "wanders by"),
        (corners(frames=9), {"arena_cm": (40, 24), "arena_corners": NAMES}, "in 9 frames"),
        (
            corners(),
            {"arena_cm": (40, 24), "arena_corners": ("tl", "br", "tr", "bl")},
            "clockwise",
        ),
    ],
)
def test_nothing_is_guessed(tracks, settings, reason):
    with pytest.raises(RecordingError, match=reason) as refused:
        scale(None, tracks, **settings)
    assert "px_per_cm" in str(refused.value)


@pytest.mark.parametrize("value", [0.0, -4.2, float("nan"), float("inf")])
def test_a_scale_that_is_none_is_refused(value):
    with pytest.raises(RecordingError, match="positive number"):
        scale(value)


def test_settings_that_cannot_go_together():
    with pytest.raises(ValueError, match="need arena_cm"):
        Settings(arena_px=(400, 400))
    with pytest.raises(ValueError, match="would end before it begins"):
        Settings(moving_cm_s=1.0, still_cm_s=2.0)
