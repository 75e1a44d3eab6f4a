"""Serves Vigil's own stages to the benchmarks, and the bare reads that they are held against."""

from __future__ import annotations

import csv
import importlib
import os
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from worker import serve

from vigil import downsample, transfer
from vigil.provenance import hash_file
from vigil.stage import Job, not_analysed, run_stage

RECORDING = "bench"


def load(module: str) -> None:
    """Import a stage's edge; a process holds only what its tasks need, as a job of a rule does."""
    _edge(module)


def read(files: list[str], threads: int, block: int | None, passes: int = 1) -> float:
    """Seconds to read files with readinto, each thread into one reused buffer of its own.

    Without a size of the block, a file is read at once. Several passes make a run as long as
    that of a stage, so that a disturbance weighs the same; the seconds are those of one pass.
    """
    block = block or max(Path(path).stat().st_size for path in files)

    def read_share(first: int) -> None:
        buffer = bytearray(block)
        for path in files[first::threads] * passes:
            with Path(path).open("rb", buffering=0) as f:
                while f.readinto(buffer):
                    pass

    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(read_share, range(threads)))
    return (time.perf_counter() - started) / passes


def reduce(manifest: str, folder: str, threads: int, whole: str = "") -> float:
    """Seconds to downsample a recording into a folder, which is removed again.

    `whole` names a folder that the result is moved to instead.
    """
    place = Path(folder)
    job = Job(
        stage="downsample",
        method_version=downsample.METHOD_VERSION,
        recording=RECORDING,
        inputs={"manifest": manifest},
        outputs=_outputs(place, lfp="lfp.zarr", quality="quality.tsv"),
        threads=threads,
    )
    seconds = _run("downsample.run", job, frozenset({"lfp"}))
    if whole:
        place.rename(whole)
    else:
        _forget(place)
    return seconds


def bring(files: list[str], manifest: str, raw: str = "") -> float:
    """Seconds to copy the files of a folder to `raw`, or to list them in place.

    The manifest stays.
    """
    job = Job(
        stage="transfer",
        method_version=transfer.METHOD_VERSION,
        recording=RECORDING,
        inputs={"files": files},
        outputs={"manifest": manifest},
        settings={"mode": "copy" if raw else "in_place", "settle_s": 0},
        row={"source": str(Path(files[0]).parent), "raw": raw},
    )
    return _run("transfer.run", job, frozenset())


def archive(manifest: str, folder: str, threads: int) -> dict[str, float]:
    """Seconds to archive what a manifest lists and to check it, and how much smaller it got."""
    place = Path(folder)
    table = Path(manifest).with_name("archive.tsv")
    job = Job(
        stage="transfer",
        method_version=transfer.METHOD_VERSION,
        recording=RECORDING,
        inputs={"manifest": manifest},
        outputs={"table": str(table)},
        row={"archive": folder},
        threads=threads,
    )
    seconds = _run("transfer.archive", job, frozenset())
    _forget(place)
    with table.open() as f:
        sizes = list(csv.DictReader(f, delimiter="\t"))
    raw, archived = (sum(float(r[n]) for r in sizes) for n in ("bytes", "archived_bytes"))
    back_s = sum(float(r["bytes"]) / 1e6 / float(r["check_mb_s"]) for r in sizes)
    return {"seconds": seconds, "ratio": raw / archived, "back_s": back_s}


def hash_all(files: list[str]) -> float:
    """Seconds to hash files, one after the other."""
    started = time.perf_counter()
    for path in files:
        hash_file(Path(path), "xxh3")
    return time.perf_counter() - started


def forget(folder: str) -> None:
    """Remove a folder and wait until the disk is quiet."""
    _forget(Path(folder))


def drop_from_cache(files: list[str]) -> None:
    """Put files out of the page cache, so that the next read comes from the disk."""
    for path in files:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)  # only clean pages can be dropped
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)


def cpu_s() -> float:
    """CPU seconds of this process so far, those of threads that libraries start as well."""
    return time.process_time()


def peak_mb() -> float:
    """The most memory that this process has held, in MB.

    getrusage's figure would not do: it also counts what the process held before it became
    this program, a copy of the one that started it.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    kib = next(line for line in lines if line.startswith("VmHWM")).split()[1]
    return int(kib) * 1024 / 1e6


def _outputs(folder: Path, **names: str) -> dict[str, str]:
    names["provenance"] = "provenance.json"
    return {role: str(folder / name) for role, name in names.items()}


def _edge(module: str) -> Callable[[Job], None]:
    return importlib.import_module(f"vigil.{module}").run


def _run(module: str, job: Job, directories: frozenset[str]) -> float:
    work = _edge(module)
    places = list(job.outputs.values())
    started = time.perf_counter()
    run_stage(work, job, directories)
    seconds = time.perf_counter() - started
    if mark := not_analysed(places[0]):
        raise RuntimeError(mark.reason)  # a stage that gave up was fast for nothing
    return seconds


def _forget(folder: Path) -> None:
    shutil.rmtree(folder)
    os.sync()


TASKS = (load, read, reduce, bring, archive, hash_all, forget, drop_from_cache, cpu_s, peak_mb)

if __name__ == "__main__":
    serve({task.__name__: task for task in TASKS})
