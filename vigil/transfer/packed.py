"""The archived form of one raw file: a zarr v3 group from which the same bytes come back.

A Neuralynx .ncs file is split: `header`, `records` (what stands before the samples of each
record), `samples` in FLAC by the minute, and `tail`, what follows the last whole record. Of any
other file the `bytes` are kept, in chunks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import zarr
from zarr.codecs import BloscCodec

from vigil.neuralynx import HEADER_BYTES, NCS_RECORD, RECORD_SAMPLES
from vigil.recording import RecordingError
from vigil.transfer.disk import forget
from vigil.transfer.flac import Flac

FORM = 1
MINUTE_S = 60
MINUTES_PER_SHARD = 10
PIECE_BYTES = 1 << 20
PIECES_PER_SHARD = 32
INT16_FILES = (".dat", ".bin")
"""Files of flat samples, whose bytes go in pairs."""
FIELDS = ("timestamp_low", "timestamp_high", "channel", "rate_hz", "n_valid")
"""Rows of `records`: the first two are the halves of the timestamp in microseconds."""


@dataclass(frozen=True)
class About:
    """What an archived file says of the raw one."""

    name: str
    n_bytes: int
    hash: str
    modified_ns: int
    form: str


def pack(
    path: Path, target: Path, digest: str, advance: Callable[[int], None], name: str = ""
) -> None:
    """Write the archived form of a file.

    Parameters
    ----------
    path : path
    target : path
        The group to write.
    digest : str
        Hash of the file as the manifest has it.
    advance : callable
        Told bytes that were packed.
    name : str
        What the file is called in its recording, with the folders of a tree; if empty, its own.
    """
    stat = path.stat()
    with path.open("rb") as f:
        form = "ncs" if _is_ncs(path, f) else "bytes"
        group = zarr.create_group(target, zarr_format=3, overwrite=True)
        if form == "ncs":
            _pack_ncs(group, f, stat.st_size, advance)
        else:
            _pack_bytes(group, f, stat.st_size, path.suffix.lower() in INT16_FILES, advance)
    # last, so that a group without them is known to be unfinished
    group.attrs.update(
        vigil_archive=FORM,
        name=name or path.name,
        bytes=stat.st_size,
        hash=digest,
        modified_ns=stat.st_mtime_ns,
        form=form,
    )


def unpack(archived: Path) -> Iterator[bytes]:
    """The bytes of the raw file, a stretch at a time."""
    form = about(archived).form
    group = zarr.open_group(archived, mode="r")
    if form == "bytes":
        data = _array(group, "bytes")
        for a in range(0, data.shape[0], data.shards[0]):
            yield np.asarray(data[a : a + data.shards[0]]).tobytes()
        return
    yield np.asarray(_array(group, "header")[:]).tobytes()
    fields, samples = _array(group, "records"), _array(group, "samples")
    step = fields.chunks[1]
    for a in range(0, fields.shape[1], step):
        part = np.asarray(fields[:, a : a + step])
        records = np.empty(part.shape[1], NCS_RECORD)
        records["timestamp_us"] = part[0] | part[1].astype(np.uint64) << np.uint64(32)
        for row, name in zip(part[2:], FIELDS[2:], strict=True):
            records[name] = row
        stretch = samples[a * RECORD_SAMPLES : (a + len(records)) * RECORD_SAMPLES]
        records["samples"] = np.asarray(stretch).reshape(-1, RECORD_SAMPLES)
        yield records.tobytes()
    yield np.asarray(_array(group, "tail")[:]).tobytes()


def about(archived: Path) -> About:
    """What an archived file says of the raw one.

    Raises
    ------
    RecordingError
        When it is no archived file, or one of a later program.
    """
    try:
        told = dict(zarr.open_group(archived, mode="r").attrs)
    except (FileNotFoundError, ValueError):
        told = {}
    if told.get("vigil_archive") != FORM:
        raise RecordingError(
            f"{archived} is not an archive that this program wrote, or it was not finished; name a "
            "folder under archive/ or archive the recording again."
        )
    return About(
        str(told["name"]),
        int(str(told["bytes"])),
        str(told["hash"]),
        int(str(told["modified_ns"])),
        str(told["form"]),
    )


def read_stretch(
    archived: Path, start_s: float, stop_s: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int16]]:
    """A stretch of an archived .ncs file; only what it covers is decompressed.

    Parameters
    ----------
    archived : path
        The `.zarr` of the channel.
    start_s, stop_s : float
        Seconds since the file's first record.

    Returns
    -------
    time_s, samples : ndarray, (sample,)
        Valid samples as they stand in the file, and when each was taken.
    """
    if about(archived).form != "ncs":
        raise RecordingError(f"{archived} holds no Neuralynx channel; name the .zarr of a .ncs.")
    group = zarr.open_group(archived, mode="r")
    fields = np.asarray(_array(group, "records")[:])
    if fields.shape[1] == 0:
        return np.empty(0), np.empty(0, np.int16)
    time_us = fields[0] | fields[1].astype(np.uint64) << np.uint64(32)
    time_s = (time_us.astype(np.float64) - float(time_us[0])) / 1e6
    rate_hz = float(max(fields[3][0], 1))
    (touched,) = np.nonzero((time_s < stop_s) & (time_s + RECORD_SAMPLES / rate_hz > start_s))
    if len(touched) == 0:
        return np.empty(0), np.empty(0, np.int16)
    # where the clock was reset the records of a time do not lie together
    runs = np.split(touched, np.nonzero(np.diff(touched) > 1)[0] + 1)
    samples = np.concatenate([_samples(group, int(r[0]), int(r[-1]) + 1) for r in runs])
    moment_s = time_s[touched, None] + np.arange(RECORD_SAMPLES) / rate_hz
    wanted = np.arange(RECORD_SAMPLES) < fields[4][touched, None]
    # half a microsecond: the clock of the file counts whole ones
    wanted &= (moment_s > start_s - 5e-7) & (moment_s < stop_s - 5e-7)
    return moment_s[wanted], samples[wanted]


def read_bytes(archived: Path, first: int, last: int) -> bytes:
    """A stretch of the bytes of an archived file that is no .ncs; the rest stays packed.

    Parameters
    ----------
    archived : path
        The `.zarr` of the file.
    first, last : int
        Half-open range of its bytes.
    """
    if about(archived).form != "bytes":
        raise RecordingError(f"{archived} holds a Neuralynx channel; use read_stretch.")
    return np.asarray(_array(zarr.open_group(archived, mode="r"), "bytes")[first:last]).tobytes()


def _samples(group: zarr.Group, a: int, b: int) -> npt.NDArray[np.int16]:
    """Samples of the records from `a` to before `b`."""
    stored = _array(group, "samples")[a * RECORD_SAMPLES : b * RECORD_SAMPLES]
    return np.asarray(stored).reshape(-1, RECORD_SAMPLES)


def stored_bytes(archived: Path) -> int:
    """Size of an archived file on the disk."""
    return sum(p.stat().st_size for p in archived.rglob("*") if p.is_file())


def flush(archived: Path) -> None:
    """Bring an archived file to the disk and let the memory forget it."""
    for path in archived.rglob("*"):
        if path.is_file():
            forget(path)


def _array(group: zarr.Group, name: str) -> Any:
    return group[name]


def _is_ncs(path: Path, f: BinaryIO) -> bool:
    head = f.read(HEADER_BYTES)
    f.seek(0)
    return path.suffix.lower() == ".ncs" and len(head) == HEADER_BYTES


def _pack_ncs(group: zarr.Group, f: BinaryIO, size: int, advance: Callable[[int], None]) -> None:
    header = np.frombuffer(f.read(HEADER_BYTES), np.uint8)
    n, rest = divmod(size - HEADER_BYTES, NCS_RECORD.itemsize)
    first = np.fromfile(f, NCS_RECORD, count=1)
    f.seek(HEADER_BYTES)
    rate_hz = int(first["rate_hz"][0]) if n and 0 < first["rate_hz"][0] <= 1_000_000 else 32_000
    minute = math.ceil(MINUTE_S * rate_hz / RECORD_SAMPLES)
    shard = minute * MINUTES_PER_SHARD
    fields = group.create_array(
        "records",
        shape=(len(FIELDS), n),
        chunks=(len(FIELDS), shard),
        dtype="<u4",
        compressors=BloscCodec(cname="zstd", clevel=5, shuffle="bitshuffle", typesize=4),
        attributes={"rows": list(FIELDS)},
    )
    samples = group.create_array(
        "samples",
        shape=(n * RECORD_SAMPLES,),
        chunks=(minute * RECORD_SAMPLES,),
        shards=(shard * RECORD_SAMPLES,),
        dtype="<i2",
        serializer=Flac(),
        compressors=None,
    )
    _small(group, "header", header)
    for a in range(0, n, shard):
        records = np.fromfile(f, NCS_RECORD, count=min(shard, n - a))
        stamp = records["timestamp_us"]
        halves = [stamp & np.uint64(0xFFFFFFFF), stamp >> np.uint64(32)]
        rest_of = [records[name] for name in FIELDS[2:]]
        fields[:, a : a + len(records)] = np.array([*halves, *rest_of], np.uint32)
        b = a + len(records)
        samples[a * RECORD_SAMPLES : b * RECORD_SAMPLES] = records["samples"].ravel()
        advance(records.nbytes)
    _small(group, "tail", np.frombuffer(f.read(rest), np.uint8))


def _pack_bytes(
    group: zarr.Group, f: BinaryIO, size: int, pairs: bool, advance: Callable[[int], None]
) -> None:
    shard = PIECE_BYTES * PIECES_PER_SHARD
    data = group.create_array(
        "bytes",
        shape=(size,),
        chunks=(PIECE_BYTES,),
        shards=(shard,),
        dtype="u1",
        compressors=BloscCodec(
            cname="zstd",
            clevel=5,
            shuffle="bitshuffle" if pairs else "noshuffle",
            typesize=2 if pairs else 1,
        ),
    )
    for a in range(0, size, shard):
        block = np.frombuffer(f.read(shard), np.uint8)
        data[a : a + len(block)] = block
        advance(len(block))


def _small(group: zarr.Group, name: str, data: npt.NDArray[np.uint8]) -> None:
    array = group.create_array(
        name, shape=data.shape, chunks=(max(len(data), 1),), dtype="u1", overwrite=True
    )
    if len(data):
        array[:] = data
