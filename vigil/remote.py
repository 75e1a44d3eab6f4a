"""Remotes of rclone as a cell of the table names them: `remote:path`.

Only the name is looked at here; nothing is asked over a network.
"""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path

REMOTE = re.compile(r"(?P<remote>[\w.+@][\w.+@ -]*):.*", re.DOTALL)
"""What rclone allows as the name of a remote, then a colon; a slash before the colon makes
it a path."""

CONNECTION = re.compile(r":[\w-]+[,:].*|[\w.+@][\w.+@ -]*,[^/]*:.*", re.DOTALL)
"""A connection that is spelt out (`:sftp,host=...:path`), which may hold a password."""


def is_here(path: str) -> bool:
    """Whether a path leads to something; of one that no disk could have it does not."""
    return os.access(path, os.F_OK)


def is_remote(text: str) -> bool:
    """Whether a cell names a remote; what is there as a file or folder wins."""
    return bool(REMOTE.fullmatch(text)) and not is_here(text)


def is_connection(text: str) -> bool:
    """Whether a cell spells out a connection instead of naming a remote."""
    return bool(CONNECTION.fullmatch(text)) and not is_here(text)


def remote_of(text: str) -> str:
    """Name of the remote of a cell, without its colon."""
    return text.partition(":")[0]


def name_of(text: str) -> str:
    """Name of the file or folder that a cell names, on a remote or not."""
    return Path(text.partition(":")[2] if is_remote(text) else text).name


def inside(folder: str, name: str) -> str:
    """A file in a folder of a remote."""
    return folder + name if folder.endswith((":", "/")) else f"{folder}/{name}"


def same_place(text: str) -> str:
    """A place on a remote as it can be compared: `lab:/day1/`, `lab:./day1` are `lab:day1`.

    A remote may tell an absolute path from one of its home; who compares for safety does not.
    """
    root, _, path = text.partition(":")
    return f"{root}:{posixpath.normpath(f'/{path}').lstrip('/')}"
