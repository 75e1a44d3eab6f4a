"""One word on the tracking of a recording, and sentences that say why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd

from vigil.pose.settings import Settings

WORDS = ("ok", "warn", "bad")


class Fault(NamedTuple):
    """What may be wrong in a share of the frames, and the shares to warn of."""

    says: str
    share: float | None
    limits: tuple[float, float]
    of: str = "the frames"

    @property
    def grade(self) -> int:
        """Place of its word in WORDS; a share that could not be measured is no fault."""
        return 0 if self.share is None else sum(self.share > limit for limit in self.limits)

    def sentence(self) -> str:
        """What is wrong, how often, and what is allowed."""
        limit = self.limits[self.grade - 1]
        return (
            f"{self.says} in {percent(self.share or 0.0)} of {self.of} "
            f"({WORDS[self.grade]} above {percent(limit)})."
        )


def verdict(
    quality: pd.DataFrame,
    tracks: dict[str, Any],
    picture: dict[str, Any],
    settings: Settings,
    of_videos: Sequence[str] = (),
) -> dict[str, Any]:
    """Hold the measures of a recording against the limits of the settings.

    Parameters
    ----------
    quality : DataFrame
        As `vigil.pose.quality.quality_table` gives it.
    tracks, picture : mapping
        Measures of the tracks and of the picture; None where one could not be taken.
    of_videos : sequence of str
        What is odd about the videos' files: sentences to warn of.

    Returns
    -------
    dict
        `verdict`: ok, warn or bad; `reasons`: a sentence for each measure beyond its limit,
        the gravest first; `measures`, with `share_over_threshold` and `jumps` of each part.
    """
    over, jumps = (
        {str(part): _number(value) for part, value in zip(quality["part"], quality[c], strict=True)}
        for c in ("share_over_threshold", "jumps")
    )
    head = [part for part in settings.body_parts.model_dump().values() if part is not None]
    limits = settings.limits
    faults = [
        *(Fault(f"The model is unsure of {p}", 1 - (over[p] or 0), limits.unsure) for p in head),
        *(Fault(f"{p} jumps further than an animal moves", jumps[p], limits.jumps) for p in head),
        Fault(
            "The snout lies behind the ears",
            tracks["swaps"],
            limits.swaps,
            "the frames that show all three; where it is most of them, exchange left and right in "
            "pose.body_parts",
        ),
        Fault(
            "The ears are too near to each other or too far apart",
            tracks["ear_distance_implausible"],
            limits.ear_distance,
            "the frames that show both",
        ),
        Fault("The video is frozen", picture["frozen_share"], limits.frozen),
        Fault("The video is dark", picture["dark_share"], limits.dark),
        Fault("The video shows one colour and no scene", picture["blank_share"], limits.blank),
    ]
    said = [(fault.grade, fault.sentence()) for fault in faults if fault.grade]
    said += [(1, sentence) for sentence in of_videos]
    if tracks["ear_distance_px"] is None:
        said.append((2, "No frame shows both ears, so that the head has no direction."))
    said.sort(key=lambda pair: -pair[0])
    return {
        "verdict": WORDS[max((grade for grade, _ in said), default=0)],
        "reasons": [sentence for _, sentence in said],
        "measures": {"share_over_threshold": over, "jumps": jumps, **tracks, **picture},
    }


def percent(share: float) -> str:
    """A share in per cent, to two figures that count."""
    return f"{100 * share:.2g} %" if share < 0.1 else f"{100 * share:.0f} %"


def _number(value: float) -> float | None:
    """JSON has no NaN."""
    return None if math.isnan(value) else float(value)
