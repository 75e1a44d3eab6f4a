"""Settings of transfer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from vigil.settings import StageSettings


class Settings(StageSettings):
    """How the files of a recording get to where they are analysed."""

    mode: Literal["copy", "link", "in_place"] = "copy"
    """copy: a verified copy under raw/; link: hard links where source and raw/ share a disk;
    in_place: the files stay where they are and are hashed there."""

    hash: Literal["xxh3", "sha256"] = "xxh3"
    """Hash that the manifest lists: xxh3 (128 bit, as fast as the disk) or sha256."""

    settle_s: float = Field(5, ge=0, le=3600, allow_inf_nan=False)
    """Seconds for which the files are watched before they are taken; a recording of which one
    changes meanwhile is still being written."""

    delete_source: bool = False
    """Delete the source's files once all copies are verified and read back from the disk; only
    with mode: copy."""

    archive: bool = False
    """Also keep a lossless compressed form of the raw files under archive/<recording>/."""

    @model_validator(mode="after")
    def _a_copy_before_deleting(self) -> Settings:
        if self.delete_source and self.mode != "copy":
            raise ValueError(
                f"delete_source is on and mode is '{self.mode}', which makes no copy: set "
                "mode: copy or leave the source"
            )
        return self
