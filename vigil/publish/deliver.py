"""Copy files to a folder that others read: verified, only what changed, never half a file."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from vigil.provenance import hash_path
from vigil.publish.files import Published


def files_to_publish(results: Iterable[Path]) -> dict[str, Path]:
    """Published name -> file, for files and folders of `results/<recording>/<stage>/`.

    Names keep the stage's folder, so that links between the pages hold where they are
    published too.
    """
    found: dict[str, Path] = {}
    for result in results:
        stage = result.parent
        inside = (
            sorted(p for p in result.rglob("*") if p.is_file()) if result.is_dir() else [result]
        )
        for file in inside:
            found[f"{stage.name}/{file.relative_to(stage).as_posix()}"] = file
    return found


def deliver(files: Mapping[str, Path], folder: Path) -> list[Published]:
    """Bring files to a folder; those that stand there already are left alone.

    Each file is written beside its place, read back and compared by hash, and renamed.

    Raises
    ------
    OSError
        When a copy does not have the hash of its source, or the folder cannot be written.
    """
    rows = []
    for name, source in files.items():
        wanted, target = hash_path(source), folder / name
        there = target.is_file()
        if there and hash_path(target) == wanted:
            action = "kept"
        else:
            _copy(source, target, wanted)
            action = "replaced" if there else "copied"
        rows.append(Published(name, source.stat().st_size, wanted, action))
    return rows


def withdraw(
    before: Iterable[Published], now: Iterable[Published], folder: Path
) -> list[Published]:
    """Take away what was published earlier and is no result any more.

    A file that somebody has changed since is left where it is: it is not ours any more.
    """
    current = {p.path for p in now}
    gone = []
    for old in before:
        target = folder / old.path
        if old.path in current or old.action == "withdrawn" or not target.is_file():
            continue
        if hash_path(target) == old.hash:
            target.unlink()
            gone.append(Published(old.path, old.bytes, old.hash, "withdrawn"))
    return gone


def _copy(source: Path, target: Path, wanted: str) -> None:
    beside = target.with_name(f".partial.{target.name}")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, beside)
        if hash_path(beside) != wanted:
            raise OSError(
                f"The copy of {source} at {target} differs from it; check the disk of the "
                "published folder and run again."
            )
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
