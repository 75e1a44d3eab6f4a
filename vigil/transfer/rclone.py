"""Remotes, asked through the program rclone: never through a shell, always with a time limit.

Only remotes of the user's own rclone configuration are reached, so no secret passes here.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import select
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vigil.remote import inside, remote_of
from vigil.sources import is_tree, may_be_tree

OPTIONS = ("--ask-password=false", "--contimeout=20s", "--timeout=60s", "--low-level-retries=3")
ASK_S = 180.0
"""Time limit of a question that reads no file."""
HASH_BYTES_PER_S = 5e6
"""A remote that hashes more slowly than this is given up."""
STALLED_S = 120.0
"""A stream of which nothing came for so long is given up."""
BLOCK = 1 << 20
NOT_THERE = (3, 4)
"""Exit statuses of rclone for a folder and a file that are not there."""

STRONGEST = (
    "sha512", "sha256", "blake3", "xxh128", "sha1", "whirlpool", "md5", "dropbox", "hidrive",
    "mailru", "quickxor",
)  # fmt: skip
"""Hashes that tell files apart, the strongest first; a CRC is not among them."""


NO_RCLONE = "rclone is not installed; a remote source needs it (apt-get install rclone)"


class RemoteFault(OSError):
    """A remote did not do what it was asked; the same may work later."""


class RemoteMissing(RemoteFault):
    """What a remote was asked for is not there, or the remote is not configured."""


@dataclass(frozen=True)
class RemoteFile:
    """A file on a remote as it was listed.

    `name` is its path from the folder on; `modified_s` is 0 where the remote keeps no time.
    """

    where: str
    name: str
    n_bytes: int
    modified_s: float


def configured() -> list[str]:
    """Names of the remotes in the user's configuration; asks no network."""
    return [line.rstrip(":") for line in _ask("listremotes").split("\n") if line]


def is_folder(where: str) -> bool:
    """Whether a folder or a file is there.

    Raises
    ------
    RemoteMissing
        When neither is.
    """
    return bool(json.loads(_ask("lsjson", "--stat", "--no-mimetype", where))["IsDir"])


def list_files(where: str) -> list[RemoteFile]:
    """Files of a folder, those in its folders only where it is a tree; or the one file named."""
    folder = is_folder(where)
    entries = json.loads(_ask("lsjson", "--no-mimetype", where))
    # folders are only looked into where their names give a reason: a remote may hold any number
    if folder and may_be_tree(e["Name"] for e in entries):
        below = ("--recursive", "--files-only", "--exclude=.*/**")
        every = json.loads(_ask("lsjson", "--no-mimetype", *below, where))
        if is_tree([e["Path"] for e in every]):
            entries = every
    keeps_time = _features(f"{remote_of(where)}:")["Precision"] < 3600e9
    return sorted(
        (
            RemoteFile(
                inside(where, e["Path"]) if folder else where,
                e["Path"],
                int(e["Size"]),
                datetime.fromisoformat(e["ModTime"]).timestamp() if keeps_time else 0.0,
            )
            for e in entries
            if not e["IsDir"]
        ),
        key=lambda f: f.name,
    )


def list_names(where: str) -> list[str]:
    """Names of what lies in a folder, files and folders."""
    return [e["Name"] for e in json.loads(_ask("lsjson", "--no-mimetype", "--no-modtime", where))]


def common_hashes(where: str) -> list[str]:
    """Hashes that the remote and this machine both have, the strongest first."""
    there = _features(f"{remote_of(where)}:")["Hashes"] or []
    here = _features(os.sep)["Hashes"]
    return [h for h in STRONGEST if h in there and h in here]


def hash_of(where: str, kind: str, n_bytes: int) -> str | None:
    """Hash of a file, taken where it lies; None where the remote has none for this file.

    Parameters
    ----------
    where : str
        `remote:path`, or the path of a local file.
    kind : str
        Rclone's name of the hash.
    n_bytes : int
        Size of the file, from which the time limit follows.
    """
    try:
        answer = _ask("hashsum", kind, where, limit_s=ASK_S + n_bytes / HASH_BYTES_PER_S)
    except RemoteFault as fault:
        if "unsupported" in str(fault):
            return None
        raise
    digest = answer.split()[0].lower() if answer.split() else ""
    # rclone writes UNSUPPORTED or ERROR in the place of a hash that it could not get
    return digest if len(digest) >= 32 and all(c in "0123456789abcdef" for c in digest) else None


def delete_file(where: str) -> None:
    """Delete one file."""
    _ask("deletefile", where)


def read_piece(where: str, offset: int, count: int) -> bytes:
    """A few bytes of a file."""
    pieces: list[bytes] = []
    stream(where, offset, count, lambda block: pieces.append(bytes(block)))
    return b"".join(pieces)


def stream(where: str, offset: int, count: int, take: Callable[[memoryview], object]) -> None:
    """Read a stretch of a file from front to end.

    Parameters
    ----------
    where : str
    offset, count : int
        The stretch.
    take : callable
        Gets each block, which is only good until it returns.

    Raises
    ------
    RemoteFault
        When the stream breaks off or stalls; what came before was handed over.
    """
    if count == 0:
        return
    command = ["rclone", *OPTIONS, "--retries=1", "cat", f"--offset={offset}", f"--count={count}"]
    with tempfile.TemporaryFile() as said:
        process = _start([*command, where], said.fileno())
        assert process.stdout is not None
        pipe, block, came = process.stdout.fileno(), memoryview(bytearray(BLOCK)), 0
        try:
            while True:
                if not select.select([pipe], [], [], STALLED_S)[0]:
                    raise RemoteFault(f"{where}: nothing came for {STALLED_S:.0f} s")
                n = os.readv(pipe, [block])
                if n == 0:
                    break
                came += n
                take(block[:n])
            with contextlib.suppress(subprocess.TimeoutExpired):  # killed below, and so a fault
                process.wait(ASK_S)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
        said.seek(0)
        if process.returncode in NOT_THERE:
            raise RemoteMissing(f"{where} is not there")
        if process.returncode or came != count:
            why = _last_line(said.read().decode(errors="replace")) or "it ended early"
            raise RemoteFault(f"{where}, byte {offset + came} of {offset + count}: {why}")


def _start(command: Sequence[str], said: int) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said
        )
    except FileNotFoundError:
        raise RemoteFault(NO_RCLONE) from None


@functools.cache
def _features(root: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(_ask("backend", "features", root))
    return answer


def _ask(*words: str, limit_s: float = ASK_S) -> str:
    """Standard output of one call of rclone."""
    try:
        done = subprocess.run(
            ["rclone", *OPTIONS, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=False,
        )
    except FileNotFoundError:
        raise RemoteFault(NO_RCLONE) from None
    except subprocess.TimeoutExpired:
        raise RemoteFault(f"{words[-1]}: no answer within {limit_s:.0f} s") from None
    if done.returncode in NOT_THERE or "didn't find section in config" in done.stderr:
        raise RemoteMissing(f"{words[-1]} is not there")
    if done.returncode:
        raise RemoteFault(f"{words[-1]}: {_last_line(done.stderr)}")
    return done.stdout


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().split("\n") if line]
    return lines[-1] if lines else "rclone gave no reason"
