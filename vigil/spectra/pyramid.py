"""Writes spectrogram.zarr column by column, all its levels at once, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import zarr
from zarr.codecs import BloscCodec

from vigil.spectra import levels

CHUNK_COLUMNS = {1: 240, 10: 120, 60: 60}
"""Columns that are compressed, and read, together, at each level: 4 min, 20 min and an hour at a
step of 1 s, so that no level holds columns for much longer than the others."""

SHARD_VALUES = 1_000_000
"""Values of a shard, which is held in memory while it is filled: 4 MB."""


@contextmanager
def create_spectrogram(
    path: str | Path,
    regions: Sequence[str],
    channels: Sequence[str],
    grid: levels.Grid,
    bands: levels.Bands,
    keep_channels: str = "coarse",
) -> Iterator[SpectrogramWriter]:
    """Make spectrogram.zarr and give its writer; what is left in it is written at the end.

    Parameters
    ----------
    path : path
        A store that is there is overwritten.
    regions, channels : sequence of str
        Rows of what will be written.
    grid : Grid
        Times and frequencies of what will be written.
    bands : Bands
        For those who read it.
    keep_channels : str
        `full` keeps all levels of the channels, `coarse` all but the finest, `none` none.
        The regions have all levels.
    """
    there = levels.factors_of(len(grid.time_s))
    kept = {"full": there, "coarse": there[1:], "none": ()}[keep_channels]
    group = zarr.create_group(
        str(path),
        overwrite=True,
        attributes={
            "regions": list(regions),
            "channels": list(channels) if kept else [],
            "unit": "uV^2/Hz",
            "window_s": grid.window_s,
            "half_width_hz": grid.half_width_hz,
            "bands_hz": {name: list(band) for name, band in bands.range_hz.items()},
            "mains_hz": bands.mains_hz,
            "mains_width_hz": bands.mains_width_hz,
            "mantissa_bits": levels.MANTISSA_BITS,
        },
    )
    group.create_array("frequency_hz", data=np.asarray(grid.frequency_hz, dtype=np.float64))
    writer = SpectrogramWriter(
        _Pyramid(group, "regions", len(regions), grid, there),
        _Pyramid(group, "channels", len(channels), grid, kept),
    )
    yield writer
    writer.finish()


class SpectrogramWriter:
    """Takes the columns of a spectrogram in their order; made by `create_spectrogram`."""

    def __init__(self, regions: _Pyramid, channels: _Pyramid) -> None:
        self._regions, self._channels = regions, channels

    def write(self, regions: npt.NDArray[np.float32], channels: npt.NDArray[np.float32]) -> None:
        """Append columns of any number: (region, column, frequency), (channel, ...)."""
        self._regions.write(regions)
        self._channels.write(channels)

    def finish(self) -> None:
        """Write what is still held."""
        self._regions.finish()
        self._channels.finish()


class _Pyramid:
    """All levels of the regions, or of the channels.

    Columns are collected until the columns of all levels end together, so that the means
    do not depend on the blocks in which columns arrive.
    """

    def __init__(
        self, group: zarr.Group, kind: str, n_rows: int, grid: levels.Grid, factors: Sequence[int]
    ) -> None:
        self._n_columns = len(grid.time_s)
        self._levels = {
            f: _LevelWriter(group, f"{kind}/level_{levels.FACTORS.index(f)}", n_rows, grid, f)
            for f in factors
        }
        self._held = np.empty((n_rows, levels.UNIT, len(grid.frequency_hz)), dtype=np.float32)
        self._n_held = 0
        self._n_seen = 0

    def write(self, columns: npt.NDArray[np.float32]) -> None:
        if not self._levels:
            return
        self._n_seen += columns.shape[1]
        while columns.shape[1]:
            n = min(levels.UNIT - self._n_held, columns.shape[1])
            self._held[:, self._n_held : self._n_held + n] = columns[:, :n]
            self._n_held += n
            columns = columns[:, n:]
            if self._n_held == levels.UNIT:
                self._pass_on()

    def finish(self) -> None:
        if self._levels and self._n_seen != self._n_columns:
            raise ValueError(f"{self._n_seen} columns came, {self._n_columns} were announced")
        if self._n_held:
            self._pass_on()
        for level in self._levels.values():
            level.flush()

    def _pass_on(self) -> None:
        held = self._held[:, : self._n_held]
        for factor, level in self._levels.items():
            level.append(held if factor == 1 else levels.coarse_means(held, factor))
        self._n_held = 0


class _LevelWriter:
    """One level, written in whole shards."""

    def __init__(
        self, group: zarr.Group, name: str, n_rows: int, grid: levels.Grid, factor: int
    ) -> None:
        n_columns = levels.level_length(len(grid.time_s), factor)
        n_frequencies = len(grid.frequency_hz)
        chunk = CHUNK_COLUMNS[factor]
        chunks = SHARD_VALUES // max(1, n_rows * n_frequencies * chunk)
        # not more than the level needs: a short recording has a short buffer
        chunks = max(1, min(chunks, -(-n_columns // chunk)))
        shape = (n_rows, chunks * chunk, n_frequencies)
        self._array = group.create_array(
            f"{name}/power",
            shape=(n_rows, n_columns, n_frequencies),
            dtype="float32",
            chunks=(1, chunk, n_frequencies),
            shards=shape,
            fill_value=np.nan,
            dimension_names=("row", "time", "frequency"),
            compressors=BloscCodec(cname="zstd", clevel=3, shuffle="bitshuffle"),
            attributes={"step_s": grid.step_s * factor, "factor": factor},
        )
        group.create_array(f"{name}/time_s", data=levels.level_times_s(grid, factor))
        self._shard = np.empty(shape, dtype=np.float32)
        self._n_held = 0
        self._n_written = 0

    def append(self, columns: npt.NDArray[np.float32]) -> None:
        while columns.shape[1]:
            n = min(self._shard.shape[1] - self._n_held, columns.shape[1])
            self._shard[:, self._n_held : self._n_held + n] = columns[:, :n]
            self._n_held += n
            columns = columns[:, n:]
            if self._n_held == self._shard.shape[1]:
                self.flush()

    def flush(self) -> None:
        if self._n_held:
            stop = self._n_written + self._n_held
            self._array[:, self._n_written : stop] = levels.round_mantissa(
                self._shard[:, : self._n_held]
            )
            self._n_written, self._n_held = stop, 0
