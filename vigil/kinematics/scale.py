"""Pixels per centimetre: from the table, or from an arena whose size is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.kinematics.head import confident
from vigil.kinematics.settings import Settings
from vigil.recording import RecordingError

FloatArray = npt.NDArray[np.float64]

# a corner is marked in at least so many frames, and does not wander (median distance from its
# place) by more than this share of the shortest side
LEAST_FRAMES = 10
STEADY = 0.05
# scales that differ by more deserve a word, or cannot both be right
WORTH_A_NOTE, CONTRADICTION = 0.05, 0.25


@dataclass(frozen=True)
class Scale:
    """The scale of the image, and where it comes from.

    Parameters
    ----------
    px_per_cm : float
    source : str
        'px_per_cm', 'arena_corners' or 'arena_px': the column or the setting that tells it.
    notes : tuple of str
        What a person should know about it, in sentences.
    """

    px_per_cm: float
    source: str
    notes: tuple[str, ...] = ()


def find_scale(
    recording: str,
    px_per_cm: float | None,
    tracks: Mapping[str, FloatArray],
    settings: Settings,
) -> Scale:
    """The best scale that there is.

    In this order: `px_per_cm` of the table; the corners of the arena among the tracked
    body parts (as DLCAnalyzer uses them, Sturman et al. 2020) and `arena_cm`; the sides of
    the arena in the image, `arena_px`, and `arena_cm`. The extent of the animal's own track
    is not used: an animal that keeps off the walls would make the arena too small.

    Parameters
    ----------
    recording : str
        Its id, for messages.
    px_per_cm : float or None
        From the table.
    tracks : mapping of ndarray, (frame, 3)
        x, y and likelihood of every tracked part by its name.
    settings : Settings

    Raises
    ------
    RecordingError
        When nothing tells the scale, or when what tells it contradicts itself.
    """
    if px_per_cm is None:
        arena = _from_arena(recording, tracks, settings)
        if arena is None:
            raise RecordingError(
                f"The scale of {recording} is not known, so neither are speeds in cm/s: measure a "
                "known length in the video and fill px_per_cm, or set kinematics.arena_cm with "
                "kinematics.arena_corners or kinematics.arena_px."
            )
        return arena
    if not (np.isfinite(px_per_cm) and px_per_cm > 0):
        raise RecordingError(
            f"The row of {recording} has the px_per_cm {px_per_cm:g}; measure a known length in "
            "the video and fill in a positive number."
        )
    notes: tuple[str, ...] = ()
    try:
        arena = _from_arena(recording, tracks, settings)
    except RecordingError as error:
        arena = None
        notes = (f"The table's {px_per_cm:g} px/cm is used, not the arena: {error}",)
    if arena is not None and abs(arena.px_per_cm / px_per_cm - 1) > WORTH_A_NOTE:
        notes = (
            f"The table's {px_per_cm:g} px/cm is used; the arena of {_size(settings)} makes "
            f"{arena.px_per_cm:.3g} px/cm: check both.",
        )
    return Scale(float(px_per_cm), "px_per_cm", notes)


def _from_arena(
    recording: str, tracks: Mapping[str, FloatArray], settings: Settings
) -> Scale | None:
    """Scale by the arena's known size, None where the settings do not tell it."""
    if settings.arena_cm is None:
        return None
    if settings.arena_corners:
        seen = [_corner(recording, name, tracks, settings) for name in settings.arena_corners]
        corners = np.array([np.median(xy, axis=0) for xy in seen])
        sides = np.roll(corners, -1, axis=0) - corners
        sides_px = np.hypot(*sides.T)
        following = np.roll(sides, -1, axis=0)
        if np.min(sides[:, 0] * following[:, 1] - sides[:, 1] * following[:, 0]) <= 0:
            raise RecordingError(
                f"The corners of the arena of {recording} do not go round it clockwise as the "
                "image shows it; name top left, top right, bottom right and bottom left in "
                "kinematics.arena_corners, or fill px_per_cm."
            )
        for name, xy, corner in zip(settings.arena_corners, seen, corners, strict=True):
            wander_px = float(np.median(np.hypot(*(xy - corner).T)))
            if wander_px > STEADY * sides_px.min():
                raise RecordingError(
                    f"The corner '{name}' of the arena wanders by {wander_px:.1f} px in "
                    f"{recording}: the camera moved or the part is not tracked well; name others "
                    "in kinematics.arena_corners, or fill px_per_cm."
                )
        # along the width at the top and the bottom, along the height at the right and left
        return _agreed(
            recording, sides_px, np.tile(settings.arena_cm, 2), "arena_corners", settings
        )
    if settings.arena_px is not None:
        sides_px = np.asarray(settings.arena_px)
        return _agreed(recording, sides_px, np.asarray(settings.arena_cm), "arena_px", settings)
    return None


def _agreed(
    recording: str, sides_px: FloatArray, sides_cm: FloatArray, source: str, settings: Settings
) -> Scale:
    """One scale of those along the sides, unless they contradict each other."""
    px_per_cm = sides_px / sides_cm
    mean = float(sides_px.sum() / sides_cm.sum())
    spread = float(np.ptp(px_per_cm)) / mean
    several = ", ".join(f"{v:.3g}" for v in px_per_cm)
    if spread > CONTRADICTION:
        raise RecordingError(
            f"The sides of the arena of {recording} make {several} px/cm, which cannot all be "
            f"right; check kinematics.arena_cm ({_size(settings)}: width, height) and the order of "
            "kinematics.arena_corners, or fill px_per_cm."
        )
    notes: tuple[str, ...] = ()
    if spread > WORTH_A_NOTE:
        notes = (
            f"{mean:.4g} px/cm from an arena of {_size(settings)}: its sides make {several} px/cm, "
            "so the camera looks at it aslant or a side is measured badly, and speeds are as "
            "uncertain.",
        )
    return Scale(mean, source, notes)


def _corner(
    recording: str, name: str, tracks: Mapping[str, FloatArray], settings: Settings
) -> FloatArray:
    """Places of a corner of the arena in the frames in which it is seen."""
    if name not in tracks:
        raise RecordingError(
            f"The tracks of {recording} have no body part '{name}' for a corner of the arena; "
            "name those that they have in kinematics.arena_corners, or fill px_per_cm."
        )
    xy = confident(tracks[name], settings.likelihood_min)
    xy = xy[np.isfinite(xy[:, 0])]
    if len(xy) < LEAST_FRAMES:
        raise RecordingError(
            f"The corner '{name}' of the arena is seen in {len(xy)} frames of {recording} only; "
            "name another part in kinematics.arena_corners, or fill px_per_cm."
        )
    return xy


def _size(settings: Settings) -> str:
    assert settings.arena_cm is not None
    return "{:g} by {:g} cm".format(*settings.arena_cm)
