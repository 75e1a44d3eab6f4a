"""Whether a recording is closed: files that still grow are not taken."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import PurePath

from vigil.neuralynx import HEADER_BYTES
from vigil.recording import RecordingError
from vigil.transfer.source import Found

log = logging.getLogger("vigil")

FRESH_S = 600.0
"""A file without an end that nobody has touched for so long was cut short, not left open."""

NEURALYNX_RECORD = {
    ".ncs": 1044, ".nev": 184, ".nse": 112, ".nst": 176, ".ntt": 304, ".nvt": 1828,
}  # fmt: skip
"""Bytes of a record, by the file's ending (Data File Formats, Neuralynx Inc.)."""


class StillBeingWritten(RecordingError):
    """The recording is not closed yet; it is looked at again when the workflow runs again."""


def watch(found: Sequence[Found], look: Callable[[], list[Found]], settle_s: float) -> None:
    """Wait and see that nothing changes.

    Raises
    ------
    StillBeingWritten
        When a file grows, changes, comes or goes.
    """
    if settle_s:
        time.sleep(settle_s)
        compare(found, look())


def compare(before: Sequence[Found], after: Sequence[Found]) -> None:
    """See that two looks at the files of a recording are the same.

    Raises
    ------
    StillBeingWritten
        When they are not.
    """
    earlier, later = {f.where: f for f in before}, {f.where: f for f in after}
    for where in sorted(earlier.keys() | later.keys()):
        a, b = earlier.get(where), later.get(where)
        if a == b:
            continue
        if a and b and a.n_bytes != b.n_bytes:
            how = f"it went from {a.n_bytes} to {b.n_bytes} bytes while it was watched"
        elif a and b:
            how = "it was written to while it was watched"
        else:
            how = "it " + ("disappeared" if a else "appeared") + " while the files were watched"
        raise _open(where, how)


def refuse_open_files(found: Sequence[Found], now_s: float) -> None:
    """See that every file has an end.

    A file without one that was last written long ago was cut short: it is taken as it is, with
    a warning, and the stage that reads it says what it lacks.

    Raises
    ------
    StillBeingWritten
        When a fresh file has none.
    """
    for file in found:
        lack = lacks_end(file)
        # of a file on a remote that keeps no times nobody knows how fresh it is, and the clock of
        # a rig may be ahead of ours
        if lack and (not file.modified_s or now_s - file.modified_s < FRESH_S):
            raise _open(file.where, lack)
        if lack:
            log.warning("%s was cut short: %s; it is taken as it is", file.where, lack)


def lacks_end(file: Found) -> str | None:
    """What shows that a file was not closed, or None.

    Known are Neuralynx files, MP4 and MOV, AVI, EDF and BDF, and the `.meta` of SpikeGLX.
    """
    ending = PurePath(file.name).suffix.lower()
    if ending in NEURALYNX_RECORD:
        return _neuralynx(file, NEURALYNX_RECORD[ending])
    if ending in (".mp4", ".mov", ".m4v"):
        return _mp4(file)
    if ending == ".avi" and file.read(0, 4) == b"RIFF" and file.read(4, 4) == bytes(4):
        return "its header does not tell its length (bytes 4 to 7)"
    if ending in (".edf", ".bdf") and file.read(236, 8).strip() == b"-1":
        return "its header does not tell the number of its records (bytes 236 to 243)"
    if ending == ".meta" and _spikeglx_is_open(file):
        return "it does not tell fileSizeBytes, which SpikeGLX writes when it closes the run"
    return None


def _neuralynx(file: Found, record: int) -> str | None:
    if file.n_bytes < HEADER_BYTES:
        return f"its header ends at byte {file.n_bytes} of {HEADER_BYTES}"
    rest = (file.n_bytes - HEADER_BYTES) % record
    return f"it ends in the middle of the record at byte {file.n_bytes - rest}" if rest else None


def _mp4(file: Found) -> str | None:
    """Walk the boxes of ISO/IEC 14496-12: without `moov` no player knows where a frame is."""
    at = 0
    while at + 8 <= file.n_bytes:
        head = file.read(at, 16)
        size, kind = int.from_bytes(head[:4], "big"), head[4:8]
        if kind == b"moov":
            return None
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        if at == 0 and kind != b"ftyp":
            return None  # no such file; the stage that reads it will say so
        if size < 8:
            break
        at += size
    return "it has no index (moov), which is written when the file is closed"


def _spikeglx_is_open(file: Found) -> bool:
    text = file.read(0, 1 << 20)
    return b"appVersion=" in text and b"fileName=" in text and b"fileSizeBytes=" not in text


def _open(where: str, how: str) -> StillBeingWritten:
    return StillBeingWritten(
        f"{where} is still being written ({how}); close the acquisition and run again, "
        "which looks at the recording anew."
    )
