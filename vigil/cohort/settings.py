"""Settings of cohort."""

from __future__ import annotations

from pydantic import Field

from vigil.settings import StageSettings


class Settings(StageSettings):
    """The page of all recordings."""

    dpi: int = Field(150, ge=50, le=600)
    """Resolution of the figures in dots per inch."""
