"""Where a result comes from: versions, settings, and hashes of what went in and out."""

from __future__ import annotations

import functools
import json
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xxhash

from vigil import __version__

BLOCK = 1 << 22


def hash_path(path: str | Path) -> str:
    """XXH3-128 of a file, or of all files of a folder in the order of their names."""
    path = Path(path)
    digest = xxhash.xxh3_128()
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for file in files:
        if path.is_dir():
            digest.update(str(file.relative_to(path)).encode())
        with file.open("rb", buffering=0) as f:
            while block := f.read(BLOCK):
                digest.update(block)
    return f"xxh3:{digest.hexdigest()}"


def describe_files(
    paths: Mapping[str, Path], places: Mapping[str, Path]
) -> dict[str, dict[str, str]]:
    """Name and hash of each output, under the place where it will stand."""
    return {n: {"path": str(places[n]), "hash": hash_path(p)} for n, p in paths.items()}


def read_hashes(inputs: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """Hashes of a stage's inputs.

    What an earlier stage wrote was hashed when it was written, so its provenance is
    asked; other files (labels, tables) are hashed now.
    """
    found: dict[str, list[dict[str, str]]] = {}
    for name, value in inputs.items():
        paths = [value] if isinstance(value, str) else list(value)
        found[name] = [{"path": p, "hash": _known_hash(p) or hash_path(p)} for p in paths if p]
    return found


def _known_hash(path: str) -> str | None:
    beside = Path(path).parent / "provenance.json"
    if not beside.is_file():
        return None
    outputs = json.loads(beside.read_text()).get("outputs", {})
    return next((o["hash"] for o in outputs.values() if o["path"] == path), None)


def write_provenance(
    path: Path,
    about: Mapping[str, Any],
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
    seconds: float,
) -> None:
    """Write provenance.json of one stage of one recording.

    Parameters
    ----------
    path : path
    about : mapping
        Stage, method version, recording, settings, row, and what was missing.
    inputs, outputs : mapping
        Paths and hashes, as of `read_hashes` and `describe_files`.
    seconds : float
        How long the stage took.
    """
    record = {
        "program": "vigil",
        "program_version": __version__,
        "git_revision": git_revision(),
        **about,
        "inputs": inputs,
        "outputs": outputs,
        "python": platform.python_version(),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
    }
    path.write_text(json.dumps(record, indent=1, default=str) + "\n")


@functools.cache
def git_revision() -> str:
    """Revision of the program's checkout, with `-dirty` when files differ; '' without git."""
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()
