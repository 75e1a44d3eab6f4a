"""What the settings of every stage have in common: unknown keys are refused, each is documented."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class StageSettings(BaseModel):
    """A section of config.yaml. Every field has a default and a description."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
