"""Recordings to measure with: .ncs files of any length, written fast, removed afterwards.

Each channel is noise with the spectrum of a field potential (1/f), mains and the amplifier's own
noise over it, and repeats after 32.8 s: longer than a chunk of any store, so that compression
gains nothing from it.
"""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vigil.neuralynx import HEADER_BYTES, NCS_RECORD, RECORD_SAMPLES

RATE_HZ = 32000
STEP_UV = 0.061037
PERIOD_RECORDS = 2048
SOURCES = 7
FIRST_US = 600_000_000
HEADER = """######## Neuralynx Data File Header
-FileType NCS
-FileVersion 3.4
-RecordSize 1044
-TimeCreated 2026/03/01 08:00:00
-TimeClosed 2026/03/01 09:00:00
-HardwareSubSystemName AcqSystem1
-HardwareSubSystemType DigitalLynxSX
-SamplingFrequency {rate_hz}
-ADMaxValue 32767
-ADBitVolts {step_v:.24f}
-AcqEntName {name}
-NumADChannels 1
-ADChannel {number}
-InputRange 2000
-InputInverted False
-DSPLowCutFilterEnabled True
-DspLowCutFrequency 0.1
-DspLowCutNumTaps 0
-DspLowCutFilterType DCO
-DSPHighCutFilterEnabled True
-DspHighCutFrequency 8000
-DspHighCutNumTaps 256
-DspHighCutFilterType FIR
-DspDelayCompensation Disabled
-DspFilterDelay_\xb5s 3984
"""


@functools.lru_cache(maxsize=16)
def _field(seed: int) -> npt.NDArray[np.float32]:
    """One period of a field potential with the noise of an amplifier, in microvolts."""
    rng = np.random.default_rng(seed)
    n = PERIOD_RECORDS * RECORD_SAMPLES
    frequency_hz = np.fft.rfftfreq(n, 1 / RATE_HZ)
    spectrum = rng.standard_normal((len(frequency_hz), 2), dtype=np.float32) @ [1, 1j]
    field = np.fft.irfft(spectrum / np.maximum(frequency_hz, 1.0), n)
    signal_uv = 70 * field / field.std() + 5 * rng.standard_normal(n, dtype=np.float32)
    return signal_uv.astype(np.float32)


def channel_noise(number: int) -> npt.NDArray[np.int16]:
    """One period of a channel, in steps of the converter.

    Half of its field is that of all channels, half its own: one of a few, each time from
    another moment on, as drawing all of them anew takes long.
    """
    own = np.roll(_field(1 + number % SOURCES), number * PERIOD_RECORDS * RECORD_SAMPLES // 97)
    time_s = np.arange(len(own), dtype=np.float32) / RATE_HZ
    mains = np.sin(np.float32(2 * np.pi * 50) * time_s + number)
    return np.rint((_field(0) + own + 5 * mains) / STEP_UV).astype(np.int16)


def write_channel(path: Path, number: int, n_records: int) -> None:
    """Write one .ncs file and see it through to the disk."""
    text = HEADER.format(
        rate_hz=RATE_HZ, step_v=STEP_UV / 1e6, name=f"CSC{number + 1}", number=number
    )
    records = np.zeros(PERIOD_RECORDS, NCS_RECORD)
    records["channel"], records["rate_hz"], records["n_valid"] = number, RATE_HZ, RECORD_SAMPLES
    records["samples"] = channel_noise(number).reshape(PERIOD_RECORDS, RECORD_SAMPLES)
    with path.open("wb") as f:
        # old and new systems end their lines so, and write the micro sign in Latin-1
        f.write(text.replace("\n", "\r\n").encode("latin-1").ljust(HEADER_BYTES, b"\0"))
        for first in range(0, n_records, PERIOD_RECORDS):
            n = min(PERIOD_RECORDS, n_records - first)
            at = np.arange(first, first + n, dtype=np.uint64)
            records["timestamp_us"][:n] = FIRST_US + at * RECORD_SAMPLES * 1_000_000 // RATE_HZ
            f.write(memoryview(records[:n]).cast("B"))
        f.flush()
        # written back now, it does not disturb what is measured later
        os.fsync(f.fileno())


class Rig:
    """Recordings in a temporary folder, made when they are asked for.

    Parameters
    ----------
    place : path or None
        Where the folder is to be; the system's place for temporary files by default.
    """

    def __init__(self, place: Path | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="vigil-bench-", dir=place))

    def recording(self, channels: int, seconds: float) -> list[Path]:
        """Files of a recording, in a folder of its own.

        Recordings of one length are hard links to the same files, so that the page cache holds
        them once.
        """
        n_records = round(seconds * RATE_HZ / RECORD_SAMPLES)
        shared = self._folder_of(seconds) / "shared"
        own = self._folder_of(seconds) / f"{channels}-channels"
        shared.mkdir(parents=True, exist_ok=True)
        own.mkdir(exist_ok=True)
        names = [f"CSC{i + 1}.ncs" for i in range(channels)]
        missing = [(i, n) for i, n in enumerate(names) if not (shared / n).exists()]
        needed = len(missing) * (HEADER_BYTES + n_records * NCS_RECORD.itemsize)
        free = shutil.disk_usage(self.folder).free
        if needed > 0.9 * free:
            raise OSError(
                f"{self.folder} has {free / 1e9:.1f} GB free, {needed / 1e9:.1f} GB are needed; "
                "name another place with --folder or a shorter recording"
            )
        for i, name in missing:
            write_channel(shared / name, i, n_records)
        for name in names:
            if not (own / name).exists():
                os.link(shared / name, own / name)
        return [own / name for name in names]

    def manifest(self, files: list[Path]) -> Path:
        """A place for the manifest of a recording, beside its folder."""
        return files[0].parent.with_suffix(".tsv")

    def remove(self, seconds: float) -> None:
        """Remove all recordings of a length."""
        shutil.rmtree(self._folder_of(seconds))

    def _folder_of(self, seconds: float) -> Path:
        return self.folder / f"{seconds:g}-s"

    def __enter__(self) -> Rig:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder)


def n_bytes(files: list[Path]) -> int:
    """Bytes of some files."""
    return sum(path.stat().st_size for path in files)


def n_samples(files: list[Path]) -> int:
    """Samples of some .ncs files, all of whose records are full."""
    size = NCS_RECORD.itemsize
    return sum((p.stat().st_size - HEADER_BYTES) // size * RECORD_SAMPLES for p in files)
