"""Settings of the cohort's page."""

from __future__ import annotations

from pydantic import Field

from vigil.settings import StageSettings


class Settings(StageSettings):
    """Section `cohort` of config.yaml."""

    title: str = Field("Cohort", min_length=1, max_length=120)
    """Heading of the page."""

    dpi: int = Field(130, ge=60, le=600)
    """Resolution of the PNG figures, in dots per inch."""
