"""Settings of pose."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

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


class Settings(StageSettings):
    """Tracking of the head in the video by DeepLabCut."""

    model: str = SHIPPED
    """Which model: 'vigil-mouse' (shipped, for simulated video only), the path of a DeepLabCut
    project's config.yaml, or 'superanimal_topviewmouse' (DeepLabCut fetches it by network)."""

    body_parts: BodyParts = BodyParts()
    """What the model calls the parts of the head."""

    batch_size: int | None = Field(None, ge=1, le=4096)
    """Frames that the network sees at once; null: 32 for the shipped model, else what the project
    says. More helps on a GPU, and takes memory with large frames."""

    device: str = Field("auto", pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")
    """Where the network runs: auto (a GPU when there is one), cpu, cuda, cuda:N or mps."""

    confident_likelihood: float = Field(0.6, ge=0.0, le=1.0)
    """quality.tsv counts the frames above this likelihood; 0.6 is DeepLabCut's own cut-off."""

    @field_validator("model")
    @classmethod
    def _known_kind(cls, model: str) -> str:
        if model in (SHIPPED, SUPERANIMAL) or model.endswith((".yaml", ".yml")):
            return model
        raise ValueError(
            f"allowed: {SHIPPED}, {SUPERANIMAL} or the path of a DeepLabCut project's config.yaml"
        )
