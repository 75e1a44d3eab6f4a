"""Hash the files of a manifest again and say which differ."""

from __future__ import annotations

from pathlib import Path

from vigil.provenance import hash_file
from vigil.recording import RecordingError
from vigil.stage import not_analysed
from vigil.transfer.files import read_manifest


def verify(manifest: Path) -> int:
    """Print one line per file of a manifest; 0 when all are as they were, else 1."""
    try:
        mark = not_analysed(manifest)
        if mark:
            raise RecordingError(f"{mark.recording} has no files to verify: {mark.reason}")
        files = read_manifest(manifest)
    except RecordingError as error:
        print(error)
        return 1
    faults = 0
    for path, wanted in files.items():
        if not path.is_file():
            state = "is gone"
        elif hash_file(path, wanted.split(":")[0]) != wanted:
            state = "differs from the manifest"
        else:
            state = "ok"
        faults += state != "ok"
        print(f"{path}: {state}")
    return 1 if faults else 0
