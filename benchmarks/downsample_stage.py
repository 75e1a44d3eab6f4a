"""What downsample is measured for: each function is one section of the benchmark."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness import Bench, available_bytes, interleaved, per_second, round_ratios, straight_line
from rig_files import Rig, n_bytes, n_samples
from worker import CHECKOUT, HERE, ONE_THREAD, Worker, python_of

READING = {"reading in blocks of 1 MiB": 1 << 20, "reading a file at a time": None}
"""Bytes per readinto; a block that fits into the second-level cache is read fastest, while one
of a file's size goes through memory, as any reader's must that keeps what it has read."""
PASSES = 8
"""Reads per run: one is over in a tenth of the time that the stage takes."""
DISK_BLOCK = 1 << 23
"""Bytes per readinto from the disk itself."""
DISK_LIMIT_GB_S = 1.2
"""A disk that is faster than this is not waited for."""
STAGE = HERE / "stage_worker.py"
COUNTED = {1: "1 thread", 2: "2 threads"}
GROWTH = (1, 2, 4, 8, 16)


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    channels: int = 64
    seconds: float = 300.0
    repeats: int = 7

    @property
    def few(self) -> int:
        """Repeats of what takes long or varies little."""
        return max(1, self.repeats // 2)


@dataclass
class Recording:
    """A recording to measure with, and the manifest that transfer left of it."""

    files: list[Path]
    manifest: Path
    out: Path

    @property
    def names(self) -> list[str]:
        """The files, as a worker is told of them."""
        return [str(f) for f in self.files]


def prepare(rig: Rig, stage: Worker, channels: int, seconds: float, warm: bool = True) -> Recording:
    """Write a recording, or take the one that is there, and have transfer list it in place."""
    files = rig.recording(channels, seconds)
    recording = Recording(files, rig.manifest(files), rig.folder / "out")
    if warm and n_bytes(files) > 0.6 * available_bytes():
        raise MemoryError(
            f"{n_bytes(files) / 1e9:.1f} GB do not stay in the page cache of this machine; "
            "measure with fewer --seconds or --channels"
        )
    stage.ask("bring", files=recording.names, manifest=str(recording.manifest))
    if warm:
        reading(stage, recording, 1, DISK_BLOCK)()
    return recording


def reducing(stage: Worker, recording: Recording, threads: int) -> Callable[[], float]:
    """A measure: seconds of the stage on a recording."""
    return lambda: stage.ask(
        "reduce", manifest=str(recording.manifest), folder=str(recording.out), threads=threads
    )


def reading(
    stage: Worker, recording: Recording, threads: int, block: int | None, passes: int = 1
) -> Callable[[], float]:
    """A measure: seconds to read a recording's bytes and do nothing with them."""
    return lambda: stage.ask(
        "read", files=recording.names, threads=threads, block=block, passes=passes
    )


def kernel(bench: Bench, sizes: Sizes) -> None:
    """The kernel against others, per CPU second, in one process."""
    seconds = min(60.0, sizes.seconds)
    answer = subprocess.run(
        [
            str(python_of("bench")),
            str(HERE / "downsample_kernel.py"),
            f"--channels={min(8, sizes.channels)}",
            f"--seconds={seconds}",
            f"--repeats={sizes.repeats}",
        ],
        env=os.environ | ONE_THREAD | {"PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told = json.loads(answer.stdout)
    bench.versions |= told["versions"]
    rates = told["megasamples_per_cpu_s"]
    for name, runs in rates.items():
        bench.add_runs(f"kernel: {name}", runs, "MS/s")
    for name, aim in told["aims"].items():
        bench.add_ratio(f"kernel: against {name}", rates["Vigil"], rates[name], f">= {aim:g}")


def end_to_end(bench: Bench, rig: Rig, stage: Worker, sizes: Sizes) -> None:
    """From warm files to the finished store, against the bandwidth of reading them."""
    recording = prepare(rig, stage, sizes.channels, sizes.seconds)
    measures = {}
    for threads in COUNTED:
        for name, block in READING.items():
            measures[f"{name} {threads}"] = reading(stage, recording, threads, block, PASSES)
        measures[f"stage {threads}"] = reducing(stage, recording, threads)
    interleaved(measures, 1)  # loads the kernels, and leaves nothing to the first run
    runs = interleaved(measures, sizes.repeats)
    size, samples = n_bytes(recording.files) / 1e9, n_samples(recording.files) / 1e6
    for threads, word in COUNTED.items():
        whole = runs[f"stage {threads}"]
        bench.add_rate(f"end to end: stage, {word}", samples, whole, "MS/s")
        for name in READING:
            read = runs[f"{name} {threads}"]
            bench.add_rate(f"end to end: {name}, {word}", size, read, "GB/s")
            bench.add_ratio(f"end to end: share of {name}, {word}", read, whole, ">= 0.15")
    bench.add_ratio("end to end: 2 threads against 1", runs["stage 1"], runs["stage 2"], ">= 1.7")
    for threads, word in COUNTED.items():
        before_s = stage.ask("cpu_s")
        seconds = reducing(stage, recording, threads)()
        cores = (stage.ask("cpu_s") - before_s) / seconds
        bench.add(f"end to end: cores in use, {word}", cores, "1")


def memory(bench: Bench, rig: Rig, stage: Worker, sizes: Sizes) -> None:
    """Peak resident memory of the stage in processes of its own, and how long they take."""
    lengths = (sizes.seconds / 2, 2 * sizes.seconds)
    recordings = {s: prepare(rig, stage, sizes.channels, s, warm=False) for s in lengths}
    reducing(stage, recordings[lengths[0]], 2)()  # kernels are compiled once, not in what follows
    process_s: dict[float, list[float]] = {s: [] for s in lengths}

    def peak(seconds: float | None) -> float:
        started = time.perf_counter()
        with Worker(python_of("vigil"), STAGE) as fresh:
            fresh.ask("load", module="downsample.run")
            if seconds is not None:
                reducing(fresh, recordings[seconds], 2)()
                process_s[seconds].append(time.perf_counter() - started)
            return fresh.ask("peak_mb")

    runs = interleaved({f"{s:g} s": lambda s=s: peak(s) for s in lengths}, sizes.few)
    bench.add("memory: imports alone", peak(None), "MB")
    for name, peaks in runs.items():
        bench.add_runs(f"memory: peak, {name}", peaks, "MB", "<= 350")
    short, long = runs.values()
    more = statistics.median(long) - statistics.median(short)
    bench.add("memory: more for four times the length", more, "MB", "<= 16")
    for seconds, taken in process_s.items():
        bench.add_runs(f"memory: a process from its start on, {seconds:g} s", taken, "s")
    rig.remove(lengths[1])


def cold_cache(bench: Bench, rig: Rig, stage: Worker, sizes: Sizes) -> None:
    """With nothing in the page cache, against the disk's own sequential read."""
    recording = prepare(rig, stage, sizes.channels, sizes.seconds, warm=False)

    def cold(measure: Callable[[], float]) -> Callable[[], float]:
        def drop_and_measure() -> float:
            stage.ask("drop_from_cache", files=recording.names)
            return measure()

        return drop_and_measure

    read = reading(stage, recording, 1, DISK_BLOCK)
    warm_s = min(read() for _ in range(3))
    runs = interleaved(
        {"disk": cold(read), "stage": cold(reducing(stage, recording, 2))}, sizes.few + 1
    )
    disk, whole = (per_second(n_bytes(recording.files) / 1e9, runs[n]) for n in ("disk", "stage"))
    bench.add_runs("cold cache: disk, sequential read", disk, "GB/s")
    bench.add_runs("cold cache: stage, 2 threads", whole, "GB/s")
    if statistics.median(runs["disk"]) < 1.5 * warm_s:
        print("The page cache was not emptied, or the disk is as fast: no ratio is kept.")
        return
    limit = min(statistics.median(disk), DISK_LIMIT_GB_S)
    bench.add(
        f"cold cache: stage against the disk, up to {DISK_LIMIT_GB_S} GB/s",
        statistics.median(whole) / limit,
        "1",
        ">= 0.9",
        round_ratios(whole, [min(d, DISK_LIMIT_GB_S) for d in disk]),
    )


def growth_name(channels: int, seconds: float) -> str:
    """The name under which a size's seconds are kept; the figure reads it."""
    return f"growth: {channels} channels x {seconds:g} s"


def growth(bench: Bench, rig: Rig, stage: Worker, sizes: Sizes) -> None:
    """How the seconds grow with the channels and with the length."""
    unit_s = sizes.seconds / 20
    by_length = [(sizes.channels, unit_s * times) for times in GROWTH]
    by_channels = [(sizes.channels // part, unit_s * 8) for part in (8, 4, 2, 1)]
    recordings = {key: prepare(rig, stage, *key) for key in reversed(by_length)}
    recordings |= {key: prepare(rig, stage, *key) for key in by_channels}
    measures = {growth_name(*key): reducing(stage, r, 1) for key, r in recordings.items()}
    interleaved(measures, 1)
    runs = interleaved(measures, sizes.few)
    gigabytes = {key: n_bytes(r.files) / 1e9 for key, r in recordings.items()}
    for key in sorted(recordings):
        name = growth_name(*key)
        bench.add_runs(name, runs[name], "s")
    for what, keys in (("length", by_length), ("channels", by_channels)):
        seconds = [statistics.median(runs[growth_name(*key)]) for key in keys]
        slope, start_s, r2 = straight_line([gigabytes[key] for key in keys], seconds)
        bench.add(f"growth with {what}: R squared of a straight line", r2, "1", ">= 0.99")
        bench.add(f"growth with {what}: seconds per GB", slope, "s/GB")
        bench.add(f"growth with {what}: seconds at no data", start_s, "s")
    for times in GROWTH:
        rig.remove(unit_s * times)
