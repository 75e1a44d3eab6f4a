"""SpikeGLX: flat .bin files, each with a .meta file of the same name.

Scales as in the maker's own description of the metadata (SpikeGLX, Metadata help): the range of
the converter over its highest step, over the channel's gain. The table of gains (imroTbl) counts
the channels of the probe, of which a file may hold only some (snsSaveChanSubset).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vigil.downsample.sources.flat import FlatPiece, FlatSource, n_frames
from vigil.downsample.sources.source import (
    checked_rate_hz,
    checked_scale_uv,
    path_order,
    some_of,
    unique_names,
)
from vigil.recording import RecordingError, parse_time

GAIN_TABLE_PROBES = {0, 1020, 1030, 1100, 1120, 1121, 1122, 1123, 1200, 1300}
"""Types of probe (imDatPrb_type) with a gain per channel and a step of 10 bits."""
FIXED_GAINS = {21: 80.0, 24: 80.0, 2003: 100.0, 2004: 100.0, 2013: 100.0, 2014: 100.0}
"""Gains of types of probe with one for all channels, where the .meta does not state it."""
HIGHEST_STEPS = dict.fromkeys(GAIN_TABLE_PROBES, 512) | {21: 8192, 24: 8192}
"""Range of the converters of probes, where the .meta does not state it."""
RANGES_BY_TYPE = {"imec": "im", "obx": "ob", "nidq": "ni"}


@dataclass(frozen=True)
class Part:
    """One .bin file and what its .meta says of it."""

    bin: Path
    stream: str
    rate_hz: float
    width: int
    channels: tuple[tuple[int, str, float], ...]
    highest: int
    first_sample: int | None
    start: datetime | None
    note: str
    frames: int


def described_bins(paths: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Pairs of .bin (or .dat) and .meta file of the same name."""
    metas = {p.with_suffix(""): p for p in paths if p.suffix.lower() == ".meta"}
    return [
        (p, metas[stem])
        for p in paths
        if p.suffix.lower() in (".bin", ".dat") and (stem := p.with_suffix("")) in metas
    ]


def open_spikeglx(paths: Sequence[Path]) -> FlatSource:
    """Open the files of a SpikeGLX run as one source.

    Of several streams that of a probe comes before analogue inputs, then the one with most
    channels, then the local field potential (`lf`) before the action potentials (`ap`). Gates
    and triggers are segments, placed by the count of samples in the metadata.

    Parameters
    ----------
    paths : sequence of path
        Files of the recording, among them pairs of .bin and .meta.

    Raises
    ------
    RecordingError
        When a .meta and its .bin contradict each other or lack what is needed.
    """
    notes: list[str] = []
    pairs = sorted(described_bins(paths), key=lambda pair: path_order(pair[0]))
    parts = [_part(binary, meta) for binary, meta in pairs]
    head = min(parts, key=_preference)
    if not head.channels:
        raise RecordingError(
            f"{head.bin} holds no analogue channels by its .meta (snsApLfSy or snsMnMaXaDw); check "
            "what was saved."
        )
    others = sorted({p.stream for p in parts if p.stream != head.stream})
    if others:
        notes.append(f"Of several streams {head.stream} was read; left out: {some_of(others)}.")
    if head.note:
        notes.append(head.note)
    segments: list[tuple[float, int]] = []
    pieces: list[FlatPiece] = []
    zero = shift = end = 0
    for part in parts:
        if part.stream != head.stream:
            continue
        same = (part.channels, part.width) == (head.channels, head.width)
        if not same or abs(part.rate_hz / head.rate_hz - 1) > 1e-6:
            raise RecordingError(
                f"{part.bin} has other channels or another rate than {head.bin}; put them into "
                "recordings of their own."
            )
        first = part.first_sample
        if not pieces:
            zero = end = first or 0
            first = zero
        elif first is None or first + shift < end:
            shift = end - (first or 0)
            notes.append(
                f"When {part.bin.name} begins is not known from its .meta (firstSample): it was "
                f"laid directly after what comes before it, at {(end - zero) / head.rate_hz:.3f} s."
            )
        at = (first or 0) + shift
        segments.append(((at - zero) / head.rate_hz, part.frames))
        pieces.append(FlatPiece(part.bin, 0, part.width))
        end = at + part.frames
    return FlatSource(
        channels=unique_names(
            [name for _, name, _ in head.channels], [f"CH{i}" for i, _, _ in head.channels]
        ),
        rate_hz=head.rate_hz,
        scale_uv=tuple(scale for _, _, scale in head.channels),
        range_steps=((-head.highest, head.highest - 1),) * len(head.channels),
        segments=tuple(segments),
        start=head.start,
        clock_zero_us=zero * 1e6 / head.rate_hz,
        together=len(head.channels),
        notes=tuple(notes),
        pieces=tuple(pieces),
        columns=tuple(i for i, _, _ in head.channels),
    )


def _preference(part: Part) -> tuple[bool, int, bool]:
    return "imec" not in part.stream, -len(part.channels), not part.stream.endswith("lf")


def read_meta(path: Path) -> dict[str, str]:
    """Entries `key=value` of a .meta file; those of tables lose their tilde."""
    lines = path.read_text(encoding="latin-1").splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    return {key.strip().lstrip("~"): value.strip() for key, value in pairs}


def _part(binary: Path, path: Path) -> Part:
    """What the .meta of a .bin says, checked against the file."""
    meta = read_meta(path)
    try:
        part = _described(binary, path, meta)
        stated = int(meta["fileSizeBytes"]) if meta.get("fileSizeBytes") else None
        seconds = float(meta["fileTimeSecs"]) if meta.get("fileTimeSecs") else None
    except (ValueError, KeyError, IndexError, OverflowError, ZeroDivisionError) as error:
        raise RecordingError(
            f"{path} lacks or garbles what describes {binary.name} ({type(error).__name__}: "
            f"{str(error)[:80]}); copy both again from the rig."
        ) from error
    size = binary.stat().st_size
    if stated is not None and stated != size:
        raise RecordingError(
            f"{binary} has {size} bytes but its .meta says {stated}: it is truncated or still "
            "being written; copy it again when the acquisition has closed it."
        )
    found_s = part.frames / part.rate_hz
    if seconds is not None and abs(found_s - seconds) > 0.01 * seconds + 0.1:
        raise RecordingError(
            f"{path} contradicts itself: {part.frames} samples at {part.rate_hz:g} Hz are "
            f"{found_s:.3f} s, but fileTimeSecs is {seconds:g}; correct the rate or "
            "nSavedChans, or copy both files again."
        )
    return part


def _described(binary: Path, path: Path, meta: dict[str, str]) -> Part:
    kind = meta.get("typeThis", "imec" if "imSampRate" in meta else "nidq")
    prefix = RANGES_BY_TYPE.get(kind)
    if prefix is None:
        raise ValueError(f"typeThis={kind}")
    width = int(meta["nSavedChans"])
    saved = _saved_channels(meta, width)
    if len(saved) != width or width < 1:
        raise RecordingError(
            f"{path} says that {width} channels were saved but lists {len(saved)} "
            "(snsSaveChanSubset); it is damaged: copy it again from the rig."
        )
    rate_hz = checked_rate_hz(float(meta[f"{prefix}SampRate"]), path, f"{prefix}SampRate")
    note = ""
    if kind == "imec":
        gains, counts = _probe_gains(meta, saved), [int(n) for n in meta["snsApLfSy"].split(",")]
        analogue = counts[0] + counts[1]
        probe = _probe_type(meta)
        highest = int(meta.get("imMaxInt") or HIGHEST_STEPS[probe])
        if counts[0] and probe in GAIN_TABLE_PROBES:
            note = (
                f"{binary.name} holds the action potential band of its probe, high-passed at "
                "300 Hz in most settings: slow waves are not in it."
            )
    else:
        listed = meta["snsMnMaXaDw"] if kind == "nidq" else meta["snsXaDwSy"]
        counts = [int(n) for n in listed.split(",")]
        gains = _analogue_gains(meta, counts) if kind == "nidq" else [1.0] * counts[0]
        analogue, highest = len(gains), int(meta.get(f"{prefix}MaxInt", 32768))
    if sum(counts) != width:
        raise RecordingError(
            f"{path} says that {width} channels were saved but counts {sum(counts)} by their kind; "
            "it is damaged: copy it again from the rig."
        )
    volts = float(meta[f"{prefix}AiRangeMax"]) / highest
    names = _names(meta, saved)
    channels = tuple(
        (i, names[i], checked_scale_uv(volts / gains[i] * 1e6, path, names[i], "gain and range"))
        for i in range(analogue)
    )
    first = meta.get("firstSample")
    return Part(
        binary,
        re.sub(r"^.*_g\d+_t(\d+|cat)\.", "", binary.stem),
        rate_hz,
        width,
        channels,
        highest,
        int(first) if first else None,
        parse_time(meta.get("fileCreateTime")),
        note,
        n_frames(binary, width),
    )


def _saved_channels(meta: dict[str, str], width: int) -> list[int]:
    """Numbers that the saved channels have among all of the acquisition."""
    text = meta.get("snsSaveChanSubset", "all")
    if text == "all":
        counts = meta.get("snsApLfSy", "1").split(",")
        skipped = int(meta.get("acqApLfSy", "0").split(",")[0]) if counts[0] == "0" else 0
        return list(range(skipped, skipped + width))
    saved: list[int] = []
    for item in text.split(","):
        first, _, last = item.partition(":")
        count = int(last or first) - int(first) + 1
        if not 0 < count <= width:
            raise ValueError(f"snsSaveChanSubset={text[:40]}")
        saved += range(int(first), int(last or first) + 1)
    return saved


def _probe_type(meta: dict[str, str]) -> int:
    return int(meta.get("imDatPrb_type", 0))


def _probe_gains(meta: dict[str, str], saved: Sequence[int]) -> list[float]:
    """Gain of each saved channel of a probe: by its table, or one for all."""
    aps, lfs, _ = (int(n) for n in meta.get("acqApLfSy", meta["snsApLfSy"]).split(","))
    probe = _probe_type(meta)
    if probe not in GAIN_TABLE_PROBES:
        return [float(meta.get("imChan0apGain") or FIXED_GAINS[probe])] * len(saved)
    table = [e.split(" ") for e in re.findall(r"\(([^()]*)\)", meta["imroTbl"])[1:]]
    gains = []
    for number in saved:
        band = 3 if number < aps else 4
        row = number if number < aps else number - aps
        gains.append(float(table[row][band]) if number < aps + lfs else 1.0)
    return gains


def _analogue_gains(meta: dict[str, str], counts: Sequence[int]) -> list[float]:
    """Gain of each analogue channel of a National Instruments device."""
    mn, ma, xa, _ = counts
    gain = {key: float(meta.get(key, 1)) for key in ("niMNGain", "niMAGain")}
    return [gain["niMNGain"]] * mn + [gain["niMAGain"]] * ma + [1.0] * xa


def _names(meta: dict[str, str], saved: Sequence[int]) -> list[str]:
    """Names of the saved channels by the channel map, else by their number."""
    listed = re.findall(r"\(([^();]+);(\d+):\d+\)", meta.get("snsChanMap", ""))
    if len(listed) == len(saved):
        return [name for name, _ in listed]
    by_number = {int(number): name for name, number in listed}
    return [by_number.get(number, f"CH{number}") for number in saved]
