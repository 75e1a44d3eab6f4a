"""Serves whole tools that resample .ncs files, in their own environment: files in, files out.

Each does what its manual tells a user to do, from opening the folder to a saved result; the
result is removed afterwards, outside of what is timed.
"""

from __future__ import annotations

import os
import shutil
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import mne
import spikeinterface.extractors as extractors
import spikeinterface.preprocessing as preprocessing
from harness import versions_of
from worker import serve

RATE_OUT_HZ = 1250
PACKAGES = ("spikeinterface", "mne", "neo", "numpy", "scipy")


def spikeinterface(folder: str, place: str, threads: int, form: str) -> float:
    """Seconds of spikeinterface's resample, saved as `binary` or `zarr`."""
    if form == "zarr":
        place += ".zarr"  # spikeinterface's own ending

    def work() -> int:
        recording = extractors.read_neuralynx(folder)
        reduced = preprocessing.resample(recording, RATE_OUT_HZ)
        saved = reduced.save(
            format=form,
            folder=place,
            n_jobs=threads,
            chunk_duration="10s",
            progress_bar=False,
            verbose=False,
        )
        return saved.get_num_channels()

    return _timed(work, folder, place)


def mne_resample(folder: str, place: str, method: str, threads: int) -> float:
    """Seconds of mne's resample by `fft` or `polyphase`, saved as FIF."""

    def work() -> int:
        raw = mne.io.read_raw_neuralynx(folder, preload=True, verbose="error")
        raw.resample(RATE_OUT_HZ, method=method, n_jobs=threads, verbose="error")
        Path(place).mkdir()
        raw.save(Path(place) / "reduced_raw.fif", verbose="error")
        return len(raw.ch_names)

    return _timed(work, folder, place)


def versions() -> dict[str, str]:
    """Versions of the peers."""
    return versions_of(PACKAGES)


def _timed(work: Callable[[], int], folder: str, place: str) -> float:
    started = time.perf_counter()
    with warnings.catch_warnings():
        # headers without a probe or a recording date are no concern of a benchmark
        warnings.simplefilter("ignore")
        channels = work()
    seconds = time.perf_counter() - started
    asked = len(list(Path(folder).glob("*.ncs")))
    if channels != asked:
        raise RuntimeError(f"{channels} channels came out of {asked} files")
    if not any(p.is_file() and p.stat().st_size for p in Path(place).rglob("*")):
        raise RuntimeError(f"nothing was written to {place}")
    shutil.rmtree(place)
    os.sync()
    return seconds


if __name__ == "__main__":
    serve({"spikeinterface": spikeinterface, "mne": mne_resample, "versions": versions})
