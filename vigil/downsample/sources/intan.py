"""Intan's format with a file per signal type: info.rhd or info.rhs, amplifier.dat and time.dat.

The samples are flat int16, so they are read straight from the file; neo, which would hold all
time stamps of a recording in memory, reads the header only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from vigil.downsample.sources.flat import FlatPiece, FlatSource, n_frames
from vigil.downsample.sources.numbered import WholeInFile, runs_of_numbers
from vigil.downsample.sources.source import (
    INT16_STEPS,
    checked_rate_hz,
    checked_scale_uv,
    some_of,
    unique_names,
)
from vigil.recording import RecordingError

HEADERS = ("info.rhd", "info.rhs")
AMPLIFIER = 0
"""Intan's number of the signal type."""
NAME = re.compile(r"_(\d{6}_\d{6})$")
"""End of the names of its folders and files: date and time."""


def flat_headers(paths: Sequence[Path]) -> list[Path]:
    """Headers that have amplifier.dat beside them."""
    return [p for p in paths if p.name in HEADERS and p.with_name("amplifier.dat") in paths]


def open_flat_intan(path: Path) -> FlatSource:
    """Open the recording of an info.rhd or info.rhs.

    Raises
    ------
    RecordingError
        When the header is damaged, or the files contradict it or each other.
    """
    listed = _listed(path)
    amplifiers = [c for c in listed if c["signal_type"] == AMPLIFIER]
    others = sorted({str(c["native_channel_name"]) for c in listed} - {
        str(c["native_channel_name"]) for c in amplifiers
    })  # fmt: skip
    if not amplifiers:
        raise RecordingError(f"{path} lists no amplifier channel; check what was recorded.")
    notes = [f"Inputs that are no amplifiers were left out: {some_of(others)}."] if others else []
    dat, clock = path.with_name("amplifier.dat"), path.with_name("time.dat")
    width = len(amplifiers)
    frames = n_frames(dat, width)
    rate_hz = checked_rate_hz(float(amplifiers[0]["sampling_rate"]), path, "sample rate")
    runs = [(0, 0, frames)]
    if clock.is_file() and clock.stat().st_size >= 4:
        whole = clock.stat().st_size // 4
        runs = runs_of_numbers(WholeInFile(clock, np.dtype("<i4"), 0, whole), clock, frames, dat)
    else:
        notes.append(f"{dat} has no time.dat beside it: gaps would not be seen.")
    names = [str(c["native_channel_name"]) for c in amplifiers]
    zero = runs[0][0]
    return FlatSource(
        channels=unique_names([str(c["custom_channel_name"]) for c in amplifiers], names),
        rate_hz=rate_hz,
        scale_uv=tuple(
            checked_scale_uv(float(c["gain"]), path, name, "gain")
            for c, name in zip(amplifiers, names, strict=True)
        ),
        range_steps=(INT16_STEPS,) * width,
        segments=tuple(((number - zero) / rate_hz, n) for number, _, n in runs),
        start=start_in_name(path),
        clock_zero_us=zero * 1e6 / rate_hz,
        together=width,
        notes=tuple(notes),
        pieces=tuple(FlatPiece(dat, first, width) for _, first, _ in runs),
        columns=tuple(range(width)),
    )


def start_in_name(path: Path) -> datetime | None:
    """Date and time at the end of the name of a file, or of its folder where it is an info file."""
    named = NAME.search(path.parent.name if path.name in HEADERS else path.stem)
    try:
        return datetime.strptime(named[1], "%y%m%d_%H%M%S") if named else None
    except ValueError:
        return None


def _listed(path: Path) -> list[dict[str, Any]]:
    """Channels in a header, as neo's parser gives them."""
    from neo.rawio import intanrawio  # slow to import, and most recordings do not need it

    read = intanrawio.read_rhd if path.suffix == ".rhd" else intanrawio.read_rhs
    try:
        listed = list(read(path, "one-file-per-signal")[1])
    except Exception as error:  # neo checks little: a damaged header may raise anything
        raise RecordingError(
            f"{path} is no header of an Intan recording ({type(error).__name__}: "
            f"{' '.join(str(error).split())[:120]}); copy it again from the rig."
        ) from error
    return listed
