"""Files as Cheetah 6 writes them: one .ncs per channel and Events.nev.

Header of 16384 bytes of text, then fixed records: .ncs with a timestamp in microseconds, the
channel, the rate, the number of valid samples and 512 samples; .nev with a timestamp, the state of
the port and a text (Neuralynx, Cheetah File Formats).
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from vigil.simulate.amplifier import INPUT_RANGE_UV, STEP_UV
from vigil.simulate.plan import RECORD_SAMPLES, RecordingPlan
from vigil.simulate.settings import RATE_HZ

HEADER_BYTES = 16_384
NCS_RECORD = np.dtype(
    [
        ("timestamp_us", "<u8"),
        ("channel", "<u4"),
        ("rate_hz", "<u4"),
        ("valid", "<u4"),
        ("samples", "<i2", RECORD_SAMPLES),
    ]
)
NEV_RECORD = np.dtype(
    [
        ("nstx", "<i2"),
        ("npkt_id", "<i2"),
        ("npkt_data_size", "<i2"),
        ("timestamp_us", "<u8"),
        ("event_id", "<i2"),
        ("ttl", "<i2"),
        ("crc", "<i2"),
        ("dummy", "<i2", 2),
        ("extra", "<i4", 8),
        ("text", "S128"),
    ]
)
SYSTEM_EVENT, PORT_EVENT = 19, 11
PULSE_S = 0.005


def first_timestamp_us(plan: RecordingPlan, seed: int) -> int:
    """Reading of Cheetah's clock, which counts from its own start, at the first sample."""
    digest = hashlib.sha256(f"{seed} {plan.recording} clock".encode()).digest()
    return 600_000_000 + int.from_bytes(digest[:5], "little") % 80_000_000_000


def timestamps_us(samples: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Microseconds from the first sample, rounded down as the system does."""
    return np.asarray(samples, dtype=np.int64) * 125 // 4


def _uuid(*key: object) -> str:
    digest = hashlib.sha256(" ".join(map(str, key)).encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


def _header(
    plan: RecordingPlan, seed: int, name: str, kind: str, version: str, record: int, rest: list[str]
) -> bytes:
    began = plan.start.strftime("%Y-%m-%d_%H-%M-%S")
    closed: datetime = plan.start + timedelta(seconds=plan.duration_s)
    suffix = "ncs" if kind == "NCS" else "nev"
    lines = [
        "######## Neuralynx Data File Header",
        f"-FileType {kind}",
        f"-FileVersion {version}",
        f"-FileUUID {_uuid(seed, plan.recording, name)}",
        f"-SessionUUID {_uuid(seed, plan.recording)}",
        *(["-ProbeName "] if kind == "NCS" else []),
        f'-OriginalFileName "D:\\CheetahData\\{began}\\{name}.{suffix}"',
        f"-TimeCreated {plan.start:%Y/%m/%d %H:%M:%S}",
        f"-TimeClosed {closed:%Y/%m/%d %H:%M:%S}",
        "",
        f"-RecordSize {record}",
        '-ApplicationName Cheetah "6.3.2 "',
        "-AcquisitionSystem AcqSystem1 DigitalLynxSX",
        *rest,
        "",
    ]
    return "\r\n".join(lines).encode("latin-1").ljust(HEADER_BYTES, b"\0")


def _ncs_header(plan: RecordingPlan, seed: int, name: str, number: int) -> bytes:
    rest = [
        '-ReferenceChannel "Headstage 01 Reference 1"',
        f"-SamplingFrequency {RATE_HZ}",
        "-ADMaxValue 32767",
        f"-ADBitVolts {STEP_UV * 1e-6:.24f}",
        f"-AcqEntName {name}",
        "-NumADChannels 1",
        f"-ADChannel {number}",
        f"-InputRange {INPUT_RANGE_UV}",
        "-InputInverted False",
        "",
        "-DSPLowCutFilterEnabled True",
        "-DspLowCutFrequency 0.1",
        "-DspLowCutNumTaps 0",
        "-DspLowCutFilterType DCO",
        "-DSPHighCutFilterEnabled True",
        "-DspHighCutFrequency 9000",
        "-DspHighCutNumTaps 64",
        "-DspHighCutFilterType FIR",
        "-DspDelayCompensation Enabled",
        "-DspFilterDelay_\xb5s 984",
    ]
    return _header(plan, seed, name, "NCS", "3.4", NCS_RECORD.itemsize, rest)


class NcsFiles:
    """The .ncs files of all channels of a recording, written as samples come.

    Every channel is interrupted at the same samples. The last record before a gap is not full:
    behind its valid samples it holds those of the record before, as with the real system.
    """

    def __init__(
        self, folder: Path, plan: RecordingPlan, seed: int, channels: Sequence[str]
    ) -> None:
        self._base_us = first_timestamp_us(plan, seed)
        self._stretches = plan.stretches
        self._at = 0
        self._stretch = 0
        self._waiting = np.empty((len(channels), 0), dtype=np.int16)
        self._stale = np.zeros((len(channels), RECORD_SAMPLES), dtype=np.int16)
        self._files: list[BinaryIO] = []
        for number, name in enumerate(channels):
            file = (folder / f"{name}.ncs").open("wb")
            file.write(_ncs_header(plan, seed, name, number))
            self._files.append(file)

    def append(self, samples: npt.NDArray[np.int16]) -> None:
        """Write the next samples of all channels, (channel, sample); those in gaps are lost."""
        first, last = self._at, self._at + samples.shape[1]
        while self._stretch < len(self._stretches):
            start, stop = self._stretches[self._stretch]
            if start >= last:
                break
            a, b = max(start, first), min(stop, last)
            if b > a:
                self._write(samples[:, a - first : b - first], a, closes=b == stop)
            if stop > last:
                break
            self._stretch += 1
        self._at = last

    def _write(self, samples: npt.NDArray[np.int16], first: int, closes: bool) -> None:
        first -= self._waiting.shape[1]
        samples = np.concatenate([self._waiting, samples], axis=1)
        full, rest = divmod(samples.shape[1], RECORD_SAMPLES)
        n_records = full + (closes and rest > 0)
        if n_records:
            records = np.zeros(n_records, dtype=NCS_RECORD)
            records["timestamp_us"] = self._base_us + timestamps_us(
                first + RECORD_SAMPLES * np.arange(n_records)
            )
            records["rate_hz"] = RATE_HZ
            records["valid"] = RECORD_SAMPLES
            if n_records > full:
                records["valid"][-1] = rest
            for channel, file in enumerate(self._files):
                records["channel"] = channel
                whole = samples[channel, : full * RECORD_SAMPLES]
                records["samples"][:full] = whole.reshape(full, RECORD_SAMPLES)
                if n_records > full:
                    stale = records["samples"][full - 1] if full else self._stale[channel]
                    records["samples"][full] = stale
                    records["samples"][full, :rest] = samples[channel, full * RECORD_SAMPLES :]
                self._stale[channel] = records["samples"][-1]
                file.write(records.tobytes())
        written = n_records * RECORD_SAMPLES
        self._waiting = samples[:, written:].copy()

    def close(self) -> None:
        """Close all files."""
        for file in self._files:
            file.close()


class EventsFile:
    """Events.nev: starts and stops of the acquisition, and the pulses on the input port.

    Nothing is recorded while the acquisition is stopped.
    """

    def __init__(self, path: Path, plan: RecordingPlan, seed: int) -> None:
        self._base_us = first_timestamp_us(plan, seed)
        starts = [0] + [i.restart for i in plan.interruptions if i.acquisition_stopped]
        stops = [i.stop for i in plan.interruptions if i.acquisition_stopped] + [plan.n_samples]
        self._runs_us = list(
            zip(timestamps_us(starts).tolist(), timestamps_us(stops).tolist(), strict=True)
        )
        self._system = sorted(
            [(a, "Starting Recording") for a, _ in self._runs_us]
            + [(b, "Stopping Recording") for _, b in self._runs_us]
        )
        self._file = path.open("wb")
        header = _header(
            plan, seed, "Events", "Event", "3.2", NEV_RECORD.itemsize, ["-AcqEntName Events"]
        )
        self._file.write(header)
        self._waiting: list[tuple[int, int, int, str]] = []

    def append(self, exposures_s: npt.NDArray[np.float64], until_s: float) -> None:
        """Write pulses of exposures, and everything else that happens before a time."""
        port = "TTL Input on AcqSystem1_0 board 0 port 0 value (0x{:04X})."
        for value, times_s in ((1, exposures_s), (0, exposures_s + PULSE_S)):
            # the port is sampled with the signals
            for us in timestamps_us(np.ceil(times_s * RATE_HZ - 1e-6)).tolist():
                if any(a <= us < b for a, b in self._runs_us):
                    self._waiting.append((us, PORT_EVENT, value, port.format(value)))
        until_us = round(until_s * 1e6)
        while self._system and self._system[0][0] < until_us:
            us, text = self._system.pop(0)
            self._waiting.append((us, SYSTEM_EVENT, 0, text))
        self._waiting.sort(key=lambda e: (e[0], -e[1] if e[3].startswith("Start") else e[1]))
        ready = [e for e in self._waiting if e[0] < until_us]
        self._waiting = self._waiting[len(ready) :]
        records = np.zeros(len(ready), dtype=NEV_RECORD)
        records["npkt_data_size"] = 2
        for row, (us, event_id, ttl, text) in zip(records, ready, strict=True):
            row["timestamp_us"] = self._base_us + us
            row["event_id"], row["ttl"], row["text"] = event_id, ttl, text.encode()
        self._file.write(records.tobytes())

    def close(self) -> None:
        """Write what is left and close the file."""
        self.append(np.empty(0), float("1e12"))
        self._file.close()
