"""What a row names and is not there, with the nearest thing that is; here or on a remote."""

from __future__ import annotations

import errno
from pathlib import Path

from vigil.nearest import nearest_file, nearest_word
from vigil.recording import RecordingError
from vigil.remote import is_remote
from vigil.transfer import rclone

NOWHERE = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP)
"""What the system says of a path that leads to nothing, or that no disk could have."""


def is_there(value: str) -> bool:
    """Whether a cell leads to a file or a folder.

    Raises
    ------
    RecordingError
        When this machine may not look.
    RemoteFault
        When a remote does not answer.
    """
    if not is_remote(value):
        try:
            Path(value).stat()
        except OSError as error:
            if error.errno not in NOWHERE:
                raise RecordingError(
                    f"{value} cannot be looked at ({error.strerror}); see to its permissions and "
                    "its disk."
                ) from error
            return False
        return True
    try:
        rclone.is_folder(value)
    except rclone.RemoteMissing:
        return False
    return True


def nearest_to(value: str) -> str | None:
    """Name of what resembles a cell that leads nowhere: a remote, or a file beside it."""
    if not is_remote(value):
        return nearest_file(Path(value))
    remote, _, path = value.partition(":")
    known = rclone.configured()
    if remote not in known:
        near = nearest_word(remote, known)
        return f"{near}:" if near else None
    folder, _, name = path.rstrip("/").rpartition("/")
    try:
        return nearest_word(name, rclone.list_names(f"{remote}:{folder}"))
    except rclone.RemoteMissing:
        return None
