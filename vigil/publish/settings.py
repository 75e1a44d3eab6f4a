"""Settings of publish."""

from __future__ import annotations

from vigil.settings import StageSettings


class Settings(StageSettings):
    """Where finished reports go."""

    to: str = ""
    """Folder that finished reports are copied to; empty publishes nothing."""
