"""The archive of a recording at its edge: raw files in, their compressed form and a table out."""

from __future__ import annotations

import filecmp
import logging
import os
import shutil
import time
from pathlib import Path

import pandas as pd
import zarr

from vigil.provenance import new_digest
from vigil.recording import RecordingError
from vigil.stage import Job
from vigil.transfer.files import Brought, read_rows
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
    folder.mkdir(parents=True, exist_ok=True)
    _make_sure_of_room(rows, folder)
    progress = Progress(sum(row.bytes for row in rows))
    with zarr.config.set({"threading.max_workers": job.threads}):
        table = pd.DataFrame([_archive(row, folder, progress) for row in rows])
    progress.tell()
    total = table["bytes"].sum() / max(table["archived_bytes"].sum(), 1)
    log.info("archived %d files, %.2f times smaller", len(table), total)
    table.to_csv(job.output("table"), sep="\t", index=False, float_format="%.3f")


def _archive(row: Brought, folder: Path, progress: Progress) -> dict[str, object]:
    """Archive one file and check it; a row of archive.tsv."""
    place = folder / f"{row.path.name}.zarr"
    pack_s = float("nan")
    if not _is_of(place, row):
        beside = folder / f".partial.{place.name}"
        started = time.perf_counter()
        pack(row.path, beside, row.hash, progress.bring)
        flush(beside)
        pack_s = time.perf_counter() - started
    else:
        beside = place
        progress.find(row.bytes)
    started = time.perf_counter()
    if hash_unpacked(beside, row.hash.partition(":")[0], progress) != row.hash:
        shutil.rmtree(beside)
        raise OSError(
            f"{row.path} does not come back from its archive as the manifest has it; see to the "
            f"disk, and whether `vigil verify` still finds the file whole"
        )
    check_s = time.perf_counter() - started
    if beside != place:
        if place.exists():
            shutil.rmtree(place)
        beside.rename(place)
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


def _is_of(place: Path, row: Brought) -> bool:
    """Whether an archived file is there, finished, and of this raw file."""
    try:
        return about(place).hash == row.hash
    except RecordingError:
        return False


def hash_unpacked(archived: Path, name: str, progress: Progress) -> str:
    """Hash of the bytes that come back from an archived file; '' when it cannot be read."""
    digest = new_digest(name)
    try:
        for piece in unpack(archived):
            digest.update(piece)
            progress.verify(len(piece))
    except Exception as error:  # of rotten chunks each codec says so in its own way
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
        Where the files go. One that is there and is the same stays; one that differs stays too,
        and is an error.

    Returns
    -------
    int
        0 when all files are there, else 1.
    """
    several = sorted(p for p in archive.glob("*.zarr") if p.name[0] != ".")
    folder.mkdir(parents=True, exist_ok=True)
    faults = 0
    for archived in several or [archive]:
        try:
            print(_restore(archived, folder))
        except RecordingError as error:
            faults += 1
            print(error)
    return 1 if faults else 0


def _restore(archived: Path, folder: Path) -> str:
    told = about(archived)
    place = folder / told.name
    beside = folder / f".partial.{told.name}"
    name = told.hash.partition(":")[0]
    digest = new_digest(name)
    try:
        with beside.open("wb") as f:
            for piece in unpack(archived):
                digest.update(piece)
                f.write(piece)
            f.flush()
            os.fsync(f.fileno())
    except OSError:  # the disk that is written to
        beside.unlink()
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
    there = {p.name for p in folder.glob("*.zarr")}
    wanted = sum(r.bytes for r in rows if f"{r.path.name}.zarr" not in there)
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise OSError(
            f"{folder} has {free / 1e9:.2f} GB free and the archive may need {wanted / 1e9:.2f}; "
            "make room and run again"
        )
