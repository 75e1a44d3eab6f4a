"""Settings of transfer."""

from __future__ import annotations

from typing import Literal

from vigil.settings import StageSettings


class Settings(StageSettings):
    """How the files of a recording get to where they are analysed."""

    mode: Literal["copy", "link", "in_place"] = "copy"
    """copy: a verified copy under raw/; link: hard links where source and raw/ share a disk;
    in_place: the files stay where they are and are hashed there."""

    hash: Literal["xxh3", "sha256"] = "xxh3"
    """Hash that the manifest lists: xxh3 (128 bit, as fast as the disk) or sha256."""
