"""Formats of other makers, through neo (Garcia et al. 2014), piece by piece."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vigil.downsample.sources.intan import start_in_name
from vigil.downsample.sources.source import (
    INT16_STEPS,
    Described,
    checked_rate_hz,
    checked_scale_uv,
    microvolts_per,
    some_of,
    unique_names,
)
from vigil.downsample.sources.wide import Numbers
from vigil.recording import RecordingError

FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    ".rhd": ("IntanRawIO", {}),
    ".rhs": ("IntanRawIO", {}),
    **{
        f".ns{i}": (
            "BlackrockRawIO",
            {"load_nev": False, "gap_tolerance_ms": 0.0, "nsx_to_load": i},
        )
        for i in range(1, 7)
    },
    ".vhdr": ("BrainVisionRawIO", {}),
    ".plx": ("PlexonRawIO", {"progress_bar": False}),
    ".pl2": ("Plexon2RawIO", {}),
    ".abf": ("AxonRawIO", {}),
    ".trc": ("MicromedRawIO", {}),
    ".smr": ("Spike2RawIO", {}),
    ".nex": ("NeuroExplorerRawIO", {}),
    ".rec": ("SpikeGadgetsRawIO", {}),
    ".edr": ("WinEdrRawIO", {}),
    ".wcp": ("WinWcpRawIO", {}),
    ".tsq": ("TdtRawIO", {}),
    ".mpx": ("AlphaOmegaRawIO", {}),
    ".set": ("AxonaRawIO", {}),
}
"""Reader and its options by suffix of the file that leads a recording."""
FOLDERS = ("TdtRawIO", "AlphaOmegaRawIO")
"""Readers that take the folder of the file."""
NO_ELECTRODES = re.compile(
    r"auxiliary|supply|\badc\b|\bdac\b|digital|sync|stim|dc amplifier|analog[ -]?in", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class NeoSource(Described):
    """One stream of a recording that neo reads.

    Parameters
    ----------
    path : path
        The file that was opened.
    reader : neo.rawio.BaseRawIO
        neo's reader, its header parsed.
    stream : int
        Number of the stream.
    columns : tuple of int
        Number of each channel in the stream.
    parts : tuple of (int, int)
        neo's block and segment of each segment.
    dtype : numpy.dtype
        Of its numbers.
    lock : threading.Lock
        neo's readers share state between calls.
    """

    path: Path
    reader: Any
    stream: int
    columns: tuple[int, ...]
    parts: tuple[tuple[int, int], ...]
    dtype: np.dtype[Any]
    lock: threading.Lock

    def read_numbers(
        self, segment: int, start: int, stop: int, channels: Sequence[int]
    ) -> npt.NDArray[np.generic]:
        """Samples [start, stop) of some channels in one segment, (channel, sample)."""
        if stop <= start or not channels:
            return np.empty((len(channels), max(0, stop - start)), self.dtype)
        block, part = self.parts[segment]
        columns = [self.columns[c] for c in channels]
        with self.lock:
            chunk = _asked(
                self.path,
                lambda: self.reader.get_analogsignal_chunk(
                    block, part, start, stop, self.stream, channel_indexes=columns
                ),
            )
        if chunk.shape != (stop - start, len(columns)):
            raise RecordingError(
                f"{self.path} gave {chunk.shape[0]} samples of {len(columns)} channels where "
                f"{stop - start} from {start} on were asked for: it is damaged; copy it again."
            )
        return np.ascontiguousarray(np.asarray(chunk).T)


def open_neo(path: Path) -> Numbers:
    """Open a file, or the set of files that it leads, through neo.

    Of several streams that with most electrodes is taken; of equal ones the fastest.

    Raises
    ------
    RecordingError
        When neo cannot read it, or nothing in it is a voltage.
    """
    reader = _asked(path, lambda: _parsed(path))
    streams, listed = reader.header["signal_streams"], reader.header["signal_channels"]
    candidates = []
    for i, stream in enumerate(streams):
        of_stream = listed[listed["stream_id"] == stream["id"]]
        columns = [k for k, c in enumerate(of_stream) if microvolts_per(str(c["units"]))]
        if columns:
            aside = bool(NO_ELECTRODES.search(str(stream["name"])))
            rate = float(of_stream["sampling_rate"][0])
            candidates.append(((aside, -len(columns), -rate), i, of_stream, columns))
    if not candidates:
        raise RecordingError(
            f"{path} holds no signal in volts ({len(listed)} signals in {len(streams)} streams); "
            "check that it is the right file."
        )
    _, stream, of_stream, columns = min(candidates, key=lambda c: c[0])
    notes = []
    others = [str(s["name"] or s["id"]) for i, s in enumerate(streams) if i != stream]
    if others:
        taken = str(streams[stream]["name"] or streams[stream]["id"])
        notes.append(f"Of several streams {taken!r} was read; left out: {some_of(others)}.")
    if len(columns) < len(of_stream):
        notes.append(f"{len(of_stream) - len(columns)} channels are no voltage and were left out.")
    chosen = of_stream[columns]
    rate_hz = checked_rate_hz(float(chosen["sampling_rate"][0]), path, "sampling rate")
    gains = _asked(path, lambda: _gains(path, reader, chosen))
    names = [str(c["name"]) for c in chosen]
    parts, segments, zero_s = _asked(path, lambda: _segments(reader, stream, rate_hz, path, notes))
    return NeoSource(
        channels=unique_names(names, [f"{c['name']}#{c['id']}" for c in chosen]),
        rate_hz=rate_hz,
        scale_uv=tuple(
            checked_scale_uv(gain * (microvolts_per(str(c["units"])) or 1.0), path, name, "gain")
            for gain, c, name in zip(gains, chosen, names, strict=True)
        ),
        range_steps=(INT16_STEPS,) * len(columns),
        segments=segments,
        start=_asked(path, lambda: _start(path, reader)),
        clock_zero_us=zero_s * 1e6,
        together=len(columns),
        notes=tuple(notes),
        path=path,
        reader=reader,
        stream=stream,
        columns=tuple(columns),
        parts=parts,
        dtype=np.dtype(str(chosen["dtype"][0])),
        lock=threading.Lock(),
    )


def _asked(path: Path, question: Callable[[], Any]) -> Any:
    """What neo answers; its failures in a sentence.

    Raises
    ------
    RecordingError
        neo's readers check little: on a damaged file anything may be raised.
    """
    try:
        return question()
    except RecordingError:
        raise
    except Exception as error:
        raise RecordingError(
            f"{path} cannot be read as {FORMATS[path.suffix.lower()][0].removesuffix('RawIO')} "
            f"({type(error).__name__}: {' '.join(str(error).split())[:160]}); it is damaged, not "
            "complete or of a version that neo does not know: copy it again, or convert it to EDF."
        ) from error


def _parsed(path: Path) -> Any:
    """Neo's reader of a file, with its header parsed and its sizes checked."""
    import neo.rawio  # slow to import, and most recordings do not need it

    name, options = FORMATS[path.suffix.lower()]
    reader = getattr(neo.rawio, name)(str(path.parent if name in FOLDERS else path), **options)
    reader.parse_header()
    if reader.signal_streams_count() == 0:
        raise RecordingError(
            f"{path} holds no continuous signals; check that it is the right file."
        )
    _check_sizes(path, reader)
    return reader


def _check_sizes(path: Path, reader: Any) -> None:
    """Refuse what neo would cut silently: flat files that end inside a sample."""
    flat: list[tuple[Path, int]] = []
    if reader.has_buffer_description_api():
        for segments in getattr(reader, "_buffer_descriptions", {}).values():
            for buffers in segments.values():
                for b in buffers.values():
                    if b["type"] == "raw":
                        channels = b["shape"][1 - b.get("time_axis", 0)]
                        width = int(channels) * np.dtype(b["dtype"]).itemsize
                        flat.append((Path(b["file_path"]), width))
    for file, width in flat:
        size = file.stat().st_size
        if not size or (width and size % width):
            raise RecordingError(
                f"{file} ends inside a sample at byte {size - size % max(1, width)}: it is "
                f"truncated, or {path.name} has the wrong number of channels; copy both again."
            )


def _segments(
    reader: Any, stream: int, rate_hz: float, path: Path, notes: list[str]
) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[float, int], ...], float]:
    """Neo's segments in order of time, and the acquisition's time at the first."""
    found = [
        (
            float(reader.get_signal_t_start(block, part, stream)),
            int(reader.get_signal_size(block, part, stream)),
            (block, part),
        )
        for block in range(reader.block_count())
        for part in range(reader.segment_count(block))
    ]
    found = [(t, n, at) for t, n, at in found if n > 0]
    if not found or not np.isfinite([t for t, _, _ in found]).all():
        raise RecordingError(f"{path} holds no samples; check that it is the right file.")
    zero = found[0][0]
    shift = end = 0.0
    placed = []
    for t, n, _ in found:
        at = t - zero + shift
        if at < end - 0.5 / rate_hz:
            shift += end - at
            at = end
            notes.append(
                f"The acquisition's clock was reset: what follows lies at {at:.3f} s; the pause "
                "before it is not known and was taken as none."
            )
        placed.append((at, n))
        end = at + n / rate_hz
    return tuple(at for _, _, at in found), tuple(placed), zero


def _gains(path: Path, reader: Any, channels: Any) -> list[float]:
    """Units per step of each channel."""
    gains = [float(c["gain"]) for c in channels]
    if type(reader).__name__ == "BrainVisionRawIO" and np.dtype(channels["dtype"][0]).kind == "f":
        # neo takes the resolution of float files as 1; the format's description and MNE do not
        from neo.rawio.brainvisionrawio import read_brainvsion_soup

        listed = read_brainvsion_soup(str(path))["Channel Infos"]
        entries = {k.lower(): v.split(",") for k, v in listed.items()}
        told = [entries[f"ch{c['id']}"][2:3] for c in channels]
        gains = [float(t[0]) if t and t[0] else 1.0 for t in told]
    return gains


def _start(path: Path, reader: Any) -> datetime | None:
    """Wall-clock start, where neo or the name of the file knows it."""
    for block in reader.raw_annotations["blocks"]:
        for holder in (block, *block["segments"]):
            moment = holder.get("rec_datetime")
            if isinstance(moment, datetime):
                return moment
    return start_in_name(path) if path.suffix.lower() in (".rhd", ".rhs") else None
