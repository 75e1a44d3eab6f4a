"""The archive of a recording at its edge: raw files in, their compressed form and a table out."""

from __future__ import annotations

import filecmp
import logging
import os
import shutil
import time
from errno import ENOENT
from pathlib import Path

import pandas as pd

from vigil.provenance import new_digest
from vigil.recording import RecordingError
from vigil.stage import Job
from vigil.transfer.disk import beside_of, put_in_place
from vigil.transfer.files import Brought, leads_out, read_rows
from vigil.transfer.packed import about, flush, pack, stored_bytes, unpack
from vigil.transfer.progress import Progress

log = logging.getLogger("vigil")


def run(job: Job) -> None:
    """Archive one recording.

    Inputs: `manifest`. Outputs: `table`. Row: `archive`, the folder to fill. Each file is
    decompressed again and its hash compared before its archived form gets its name. A form that
    is there already is checked anew and stays.
    """
    rows = read_rows(job.input("manifest"))
    folder = Path(job.row["archive"])
    _refuse_nested(rows, folder)
    folder.mkdir(parents=True, exist_ok=True)
    _make_sure_of_room(rows, folder)
    progress = Progress(sum(row.bytes for row in rows))
    table = pd.DataFrame([_archive(row, folder, progress) for row in rows])
    progress.tell()
    total = table["bytes"].sum() / max(table["archived_bytes"].sum(), 1)
    log.info("archived %d files, %.2f times smaller", len(table), total)
    table.to_csv(job.output("table"), sep="\t", index=False, float_format="%.3f")


def _archive(row: Brought, folder: Path, progress: Progress) -> dict[str, object]:
    """Archive one file and check it; a row of archive.tsv."""
    place = _place(row, folder)
    place.parent.mkdir(parents=True, exist_ok=True)
    pack_s, beside = float("nan"), beside_of(place)
    started = time.perf_counter()
    name = row.hash.partition(":")[0]
    if _is_of(place, row) and hash_unpacked(place, name, progress) == row.hash:
        progress.find(row.bytes)
    else:
        pack(row.path, beside, row.hash, progress.bring, row.name)
        flush(beside)
        pack_s = time.perf_counter() - started
        started = time.perf_counter()
        if hash_unpacked(beside, name, progress) != row.hash:
            shutil.rmtree(beside)
            raise OSError(
                f"{row.path} does not come back from its archive as the manifest has it; see to "
                "the disk, and whether `vigil verify` still finds the file whole"
            )
        _exchange(beside, place)
    check_s = time.perf_counter() - started
    archived = stored_bytes(place)
    return {
        "path": str(row.path),
        "archive": str(place),
        "bytes": row.bytes,
        "archived_bytes": archived,
        "ratio": row.bytes / max(archived, 1),
        "pack_mb_s": row.bytes / 1e6 / pack_s,
        "check_mb_s": row.bytes / 1e6 / max(check_s, 1e-9),
        "hash": row.hash,
    }


def _exchange(beside: Path, place: Path) -> None:
    """Give a checked archive its name; one that is there is put aside, never removed."""
    if place.exists():
        aside = place.with_name(f".replaced-{time.time_ns()}.{place.name}")
        place.rename(aside)
        log.warning("%s was damaged or of another version; it is kept as %s", place, aside)
    put_in_place(beside, place)


def _is_of(place: Path, row: Brought) -> bool:
    """Whether an archived file is there, finished, and of this raw file."""
    try:
        told = about(place)
    except RecordingError:
        return False
    return (told.name, told.hash) == (row.name, row.hash)


def _place(row: Brought, folder: Path) -> Path:
    """Where the archived form of a file lies; of a tree in the same folders."""
    return folder / f"{row.name}.zarr"


def _refuse_nested(rows: list[Brought], folder: Path) -> None:
    """See that no archived form would lie within another: of `a` and `a.zarr/b`."""
    places = {_place(row, folder) for row in rows}
    inner = next((p for p in places if not places.isdisjoint(p.parents)), None)
    if inner:
        raise RecordingError(
            f"{inner} would lie within the archive of another file; rename the folder whose name "
            "ends in .zarr, or switch transfer.archive off."
        )


def hash_unpacked(archived: Path, name: str, progress: Progress) -> str:
    """Hash of the bytes that come back from an archived file; '' when it is damaged.

    Raises
    ------
    OSError, MemoryError
        When the machine cannot read it; that says nothing of the archive.
    """
    digest = new_digest(name)
    try:
        for piece in unpack(archived):
            digest.update(piece)
            progress.verify(len(piece))
    except Exception as error:  # of rotten chunks each codec says so in its own way
        if isinstance(error, MemoryError) or getattr(error, "errno", None) not in (None, ENOENT):
            raise
        log.error("%s: %s", archived, error)
        return ""
    return f"{name}:{digest.hexdigest()}"


def restore(archive: Path, folder: Path) -> int:
    """Write the raw files of an archive back and print a line for each.

    Parameters
    ----------
    archive : path
        `archive/<recording>`, or one `.zarr` in it.
    folder : path
        Where the files go, those of a tree into its folders, and never outside. One that is there
        and is the same stays; one that differs stays too, and is an error.

    Returns
    -------
    int
        0 when all files are there, else 1.
    """
    several = _archived_files(archive)
    folder.mkdir(parents=True, exist_ok=True)
    faults = 0
    for archived in several or [archive]:
        try:
            print(_restore(archived, folder))
        except RecordingError as error:
            faults += 1
            print(error)
    return 1 if faults else 0


def _archived_files(folder: Path) -> list[Path]:
    """The archived files in a folder and in the folders of a tree."""
    if not folder.is_dir() or (folder / "zarr.json").is_file():
        return []
    found: list[Path] = []
    for path in sorted(p for p in folder.iterdir() if p.is_dir() and p.name[0] != "."):
        below = _archived_files(path)
        # a folder of the tree may end in .zarr too; one that holds none is an archive that rotted
        found += below or ([path] if path.suffix == ".zarr" else [])
    return found


def _restore(archived: Path, folder: Path) -> str:
    told = about(archived)
    place = folder / told.name
    # the archive may come from anywhere, and a link in the folder may lead away from it
    if leads_out(told.name) or not place.parent.resolve().is_relative_to(folder.resolve()):
        raise RecordingError(
            f"{archived} is of a file called {told.name!r}, which leads out of {folder}; restore "
            "into a new folder, or take another copy of the archive."
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = beside_of(place)
    beside.unlink(missing_ok=True)
    name = told.hash.partition(":")[0]
    digest = new_digest(name)
    try:
        with beside.open("xb") as f:
            for piece in unpack(archived):
                digest.update(piece)
                f.write(piece)
            f.flush()
            os.fsync(f.fileno())
    except (OSError, MemoryError):  # the machine; what was opened may not be there
        beside.unlink(missing_ok=True)
        raise
    except Exception as error:  # of rotten chunks each codec says so in its own way
        log.error("%s: %s", archived, error)
        digest = new_digest(name)
    if f"{name}:{digest.hexdigest()}" != told.hash:
        beside.unlink()
        raise RecordingError(
            f"{archived} does not give the bytes that were archived: its disk is at fault; "
            "take another copy of the archive."
        )
    if place.exists():
        same = filecmp.cmp(place, beside, shallow=False)
        beside.unlink()
        if not same:
            raise RecordingError(
                f"{place} is there and differs from the archive; restore into another folder."
            )
        return f"{place}: is there already"
    os.utime(beside, ns=(told.modified_ns, told.modified_ns))
    beside.replace(place)
    return f"{place}: restored, {told.n_bytes} bytes, {told.hash}"


def _make_sure_of_room(rows: list[Brought], folder: Path) -> None:
    """See that the archive fits even if nothing could be compressed."""
    wanted = sum(r.bytes for r in rows if not _is_of(_place(r, folder), r))
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise OSError(
            f"{folder} has {free / 1e9:.2f} GB free and the archive may need {wanted / 1e9:.2f}; "
            "make room and run again"
        )
