"""Where a result comes from: versions, settings, and hashes of what went in and out."""

from __future__ import annotations

import functools
import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import xxhash

from vigil import __version__

BLOCK = 1 << 23


class Digest(Protocol):
    """A running hash."""

    def update(self, block: bytes | memoryview, /) -> None:
        """Take a block into account."""

    def hexdigest(self) -> str:
        """The hash so far."""
        ...


def new_digest(name: str) -> Digest:
    """A running hash by its name in the settings."""
    return xxhash.xxh3_128() if name == "xxh3" else hashlib.sha256()


def hash_file(path: Path, name: str) -> str:
    """Hash of a file as `name:hexdigest`."""
    digest = new_digest(name)
    _feed(digest, path)
    return f"{name}:{digest.hexdigest()}"


PROGRAM = "vigil"
SNAKEMAKE_MARK = ".snakemake_timestamp"


def hash_path(path: str | Path) -> str:
    """XXH3-128 of a file, or of all files of a folder in the order of their names."""
    path = Path(path)
    if not path.is_dir():
        return hash_file(path, "xxh3")
    digest = new_digest("xxh3")
    # Snakemake lays its own mark into folders when their job has ended
    files = (p for p in path.rglob("*") if p.is_file() and p.name != SNAKEMAKE_MARK)
    for file in sorted(files):
        digest.update(str(file.relative_to(path)).encode())
        _feed(digest, file)
    return f"xxh3:{digest.hexdigest()}"


def _feed(digest: Digest, path: Path) -> None:
    with path.open("rb", buffering=0) as f:
        while block := f.read(BLOCK):
            digest.update(block)


def describe_files(
    paths: Mapping[str, Path], places: Mapping[str, Path]
) -> dict[str, dict[str, str]]:
    """Name and hash of each output, under the place where it will stand."""
    return {n: {"path": str(places[n]), "hash": hash_path(p)} for n, p in paths.items()}


def read_hashes(
    inputs: Mapping[str, Any], known: Mapping[str, str]
) -> dict[str, list[dict[str, str]]]:
    """Hashes of a stage's inputs.

    What the stage hashed itself is known. What an earlier stage wrote was hashed when it was
    written, so its provenance is asked; other files (labels, tables) are hashed now.
    """
    found: dict[str, list[dict[str, str]]] = {}
    for name, value in inputs.items():
        paths = [value] if isinstance(value, str) else list(value)
        found[name] = [
            {"path": p, "hash": known.get(p) or _hash_of_its_stage(p) or hash_path(p)}
            for p in paths
            if p
        ]
    return found


def _hash_of_its_stage(path: str) -> str | None:
    # a rule that leaves one result beside those of its stage tells of it under that result's name
    for beside in (Path(path).with_suffix(".json"), Path(path).parent / "provenance.json"):
        for output in _outputs(beside) if beside != Path(path) else []:
            if output["path"] == path:
                return str(output["hash"])
    return None


def _outputs(path: Path) -> list[dict[str, str]]:
    """Outputs that a file tells of; none where it is no provenance."""
    if not path.is_file():
        return []
    record = json.loads(path.read_text())
    if not isinstance(record, dict) or record.get("program") != PROGRAM:
        return []
    return list(record["outputs"].values())


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
        "program": PROGRAM,
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
