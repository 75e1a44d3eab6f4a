"""Settings of pose."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from vigil.settings import StageSettings

SHIPPED = "vigil-mouse"
SUPERANIMAL = "superanimal_topviewmouse"


class BodyParts(StageSettings):
    """Vigil's words for parts of the head, and what the model calls them."""

    left_ear: Annotated[str, Field(min_length=1)] = "left_ear"
    """The animal's left ear, which lies to the left of an animal that walks up the image."""

    right_ear: Annotated[str, Field(min_length=1)] = "right_ear"
    """The animal's right ear."""

    snout: Annotated[str, Field(min_length=1)] | None = "snout"
    """The tip of the snout, which tells front from back; null for a model without it."""

    @model_validator(mode="after")
    def _apart(self) -> BodyParts:
        names = [self.left_ear, self.right_ear, *([self.snout] if self.snout else [])]
        if len(set(names)) < len(names):
            raise ValueError("two of them have the same name; each part has a name of its own")
        return self


Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Limits(StageSettings):
    """Shares of frames above which a recording's tracking is doubtful, or bad."""

    unsure: tuple[Share, Share] = (0.1, 0.5)
    """An ear or the snout is at or below the likelihood; bad where most frames are lost."""

    jumps: tuple[Share, Share] = (0.01, 0.067)
    """An ear or the snout jumps: about once in each epoch of 4 s, or once in each window of half
    a second that derivatives are taken over, at 30 frames a second."""

    swaps: tuple[Share, Share] = (0.05, 0.5)
    """The snout lies behind the ears; above a half the names of left and right are exchanged, or
    the picture is mirrored."""

    ear_distance: tuple[Share, Share] = (0.05, 0.5)
    """The ears are less than a third or more than twice as far apart as usual: a skull does not
    give way, and a tilted head hides no more."""

    frozen: tuple[Share, Share] = (0.0, 0.1)
    """The picture is frozen; a camera that works never is."""

    dark: tuple[Share, Share] = (0.01, 0.1)
    """The picture is dark; the moment in which a light is switched is not yet worth a word."""

    blank: tuple[Share, Share] = (0.0, 0.1)
    """The picture has one colour; a camera that works never shows that."""

    @field_validator("*")
    @classmethod
    def _in_order(cls, limit: tuple[float, float]) -> tuple[float, float]:
        if limit[0] > limit[1]:
            raise ValueError("the share to warn of stands before the share that is bad")
        return limit


class Settings(StageSettings):
    """Tracking of the head in the video by DeepLabCut."""

    model: str = SHIPPED
    """Which model: 'vigil-mouse' (shipped, for simulated video only), the path of a DeepLabCut
    project's config.yaml, or 'superanimal_topviewmouse' (DeepLabCut fetches it by network)."""

    shuffle: int | None = Field(None, ge=1)
    """Which trained network of a DeepLabCut project; null: the only one, or shuffle 1."""

    body_parts: BodyParts = BodyParts()
    """What the model calls the parts of the head."""

    confident_likelihood: float = Field(0.6, ge=0.0, le=1.0)
    """quality.tsv counts the frames above this likelihood; 0.6 is DeepLabCut's own cut-off."""

    max_jump: float = Field(3.0, gt=0.0, le=100.0)
    """A body part that moves further than this from one frame to the next has jumped, in
    distances between the ears. 3 of some 2 cm are 180 cm/s at 30 frames a second, more than a
    mouse reaches at a sprint; take less for a faster camera."""

    frozen_frames: int = Field(30, ge=10, le=100_000)
    """The picture is frozen where this many frames repeat it to the bit; a sleeping animal's
    breath and the camera's noise change it sooner."""

    dark_below: float = Field(20.0, ge=0.0, le=255.0)
    """A frame with a mean brightness below this (0 to 255) is dark: 8 % of the scale, where fur
    and floor cannot differ by more than the camera's noise."""

    blank_below: float = Field(2.0, ge=0.0, le=127.0)
    """A frame is blank where its brightness varies by less than this (standard deviation, 0 to
    127): it shows one colour and no scene."""

    limits: Limits = Limits()
    """verdict.json says 'warn' above the first and 'bad' above the second share of frames."""

    @field_validator("model")
    @classmethod
    def _known_kind(cls, model: str) -> str:
        if model in (SHIPPED, SUPERANIMAL) or model.endswith((".yaml", ".yml")):
            return model
        raise ValueError(
            f"allowed: {SHIPPED}, {SUPERANIMAL} or the path of a DeepLabCut project's config.yaml"
        )
