"""Settings of publish."""

from __future__ import annotations

from vigil.settings import StageSettings


class Settings(StageSettings):
    """Section `publish` of config.yaml."""

    to: str = ""
    """Folder that finished reports are copied to, such as a mounted Drive or a share; one folder
    per recording is made in it. Empty: nothing is published."""
