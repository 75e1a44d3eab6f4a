"""What downsample leaves: lfp.zarr, its reader and its writer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import zarr
from zarr.codecs import BloscCodec

from vigil.downsample.sources.source import INT16_STEPS
from vigil.recording import Montage, Segments

CHUNK_ROWS = 8192
SHARD_VALUES = 512 * CHUNK_ROWS
"""Values of a shard, which is held in memory while it is filled: 8 chunks of 64 channels."""


@dataclass(frozen=True)
class Lfp:
    """The downsampled signals of a recording, read piece by piece.

    Parameters
    ----------
    array : zarr.Array[Any]
        int16, (row, channel).
    scale_uv : ndarray
        Microvolts per step, one per channel.
    segments : Segments
        Which rows lie where in time.
    montage : Montage
        Channels, regions and kinds, in the order of the columns.
    rate_hz : float
        Rate of the rows.
    start_time : str
        ISO 8601 start of the recording, '' when it is not known.
    range_steps : ndarray of int, (channel, 2)
        Lowest and highest step of the converter.
    """

    array: zarr.Array[Any]
    scale_uv: npt.NDArray[np.float64]
    segments: Segments
    montage: Montage
    rate_hz: float
    start_time: str
    range_steps: npt.NDArray[np.int64]

    def read_uv(
        self, first: int, last: int, channels: Sequence[int] | None = None
    ) -> npt.NDArray[np.float32]:
        """Rows [first, last) of some or all channels in microvolts, (row, channel)."""
        block = np.asarray(self.array[first:last])
        scale = self.scale_uv.astype(np.float32)
        if channels is not None:
            block, scale = block[:, list(channels)], scale[list(channels)]
        return block.astype(np.float32) * scale


def shard_rows(n_channels: int) -> int:
    """Rows of a shard: whole chunks, fewer the more channels there are."""
    return CHUNK_ROWS * max(1, SHARD_VALUES // CHUNK_ROWS // max(1, n_channels, 8))


def create_lfp(
    path: str | Path,
    montage: Montage,
    segments: Segments,
    scale_uv: Sequence[float],
    start_time: str = "",
    range_steps: Sequence[tuple[int, int]] | None = None,
    **attributes: Any,
) -> zarr.Array[Any]:
    """Make an empty lfp.zarr and return its array, int16 (row, channel), to be filled.

    `range_steps` are the ends of each channel's range, those of 16 bits if not given.
    """
    range_steps = range_steps or [INT16_STEPS] * len(montage.channel)
    group = zarr.create_group(str(path), overwrite=True)
    group.attrs.update(
        {
            "rate_hz": segments.rate_hz,
            "start_time": start_time,
            "t0_s": segments.start_s[0] if len(segments) else 0.0,
            "segments": [list(p) for p in zip(segments.start_s, segments.stop_s, strict=True)],
            "segment_rows": list(segments.first_rows),
            "scale_uv": [float(s) for s in scale_uv],
            "range_steps": [[int(low), int(high)] for low, high in range_steps],
            "channels": list(montage.channel),
            "regions": list(montage.region),
            "hemispheres": list(montage.hemisphere),
            "kinds": list(montage.kind),
            **attributes,
        }
    )
    n_channels = len(montage.channel)
    return group.create_array(
        "lfp",
        shape=(segments.n_rows, n_channels),
        dtype="int16",
        chunks=(CHUNK_ROWS, max(1, n_channels)),
        shards=(shard_rows(n_channels), max(1, n_channels)),
        dimension_names=("row", "channel"),
        compressors=BloscCodec(cname="lz4", clevel=1, shuffle="bitshuffle"),
    )


def open_lfp(path: str | Path) -> Lfp:
    """Open the lfp.zarr of a recording for reading."""
    group = zarr.open_group(str(path), mode="r")
    a: dict[str, Any] = dict(group.attrs)
    array = group["lfp"]
    if not isinstance(array, zarr.Array):
        raise TypeError(f"{path}/lfp is not an array")
    first = [*a["segment_rows"], array.shape[0]]
    segments = Segments(
        tuple(s for s, _ in a["segments"]),
        tuple(s for _, s in a["segments"]),
        tuple(int(n) for n in np.diff(first)),
        a["rate_hz"],
    )
    montage = Montage(
        tuple(a["channels"]), tuple(a["regions"]), tuple(a["hemispheres"]), tuple(a["kinds"])
    )
    return Lfp(
        array,
        np.asarray(a["scale_uv"], float),
        segments,
        montage,
        a["rate_hz"],
        a["start_time"],
        # a store of an earlier version does not tell
        np.asarray(a.get("range_steps", [INT16_STEPS] * array.shape[1]), np.int64).reshape(-1, 2),
    )


def read_quality(path: str | Path) -> pd.DataFrame:
    """Read quality.tsv: measures, verdict (`ok`, `warn`, `bad`) and reason of each channel."""
    words = ("channel", "region", "kind", "neighbour", "verdict", "reason")
    # a channel may be called NA: words are taken as they stand, only a number can be missing
    table = pd.read_csv(path, sep="\t", dtype=dict.fromkeys(words, str), keep_default_na=False)
    numbers = [c for c in table.columns if c not in words]
    return table.assign(**{c: pd.to_numeric(table[c].replace("", np.nan)) for c in numbers})


def good_channels(lfp: Lfp, quality: pd.DataFrame | None) -> dict[str, list[int]]:
    """Positions of the usable `lfp` channels of each region, and of the EMG under `emg`.

    Regions without a usable channel are left out.
    """
    bad = set() if quality is None else set(quality.loc[quality["verdict"] == "bad", "channel"])
    usable = {i for i, name in enumerate(lfp.montage.channel) if name not in bad}
    found = {r: [i for i in lfp.montage.channels_of(r) if i in usable] for r in lfp.montage.regions}
    found["emg"] = [i for i in lfp.montage.of_kind("emg") if i in usable]
    return {region: channels for region, channels in found.items() if channels}


def read_start_time(path: str | Path) -> str:
    """ISO 8601 start of a recording, of its row or its header; '' when neither knows it."""
    attributes: dict[str, Any] = dict(zarr.open_group(str(path), mode="r").attrs)
    return str(attributes["start_time"])


def read_clock_zero_us(path: str | Path) -> float:
    """The acquisition's own time at the recording's zero, in microseconds."""
    attributes: dict[str, Any] = dict(zarr.open_group(str(path), mode="r").attrs)
    return float(attributes["clock_zero_us"])
