"""What spectra leaves: features.parquet and spectrogram.zarr."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import zarr
from pyarrow import parquet

from vigil.spectra import levels
from vigil.spectra.levels import Bands
from vigil.spectra.multitaper import bins_of_band

KEYS = ("start_s", "duration_s", "valid", "reason")
"""Columns of features.parquet that are not features."""


def read_features(path: str | Path) -> pd.DataFrame:
    """Features of the epochs of a recording, one row per epoch."""
    return pd.read_parquet(path)


class FeatureWriter:
    """Writes features.parquet, one group of rows per section: what is held does not grow.

    Statistics and dictionaries of the columns are left out: of hundreds of columns of numbers
    they would be larger than what they save.

    Parameters
    ----------
    path : str or Path
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._writer: parquet.ParquetWriter | None = None

    def __enter__(self) -> FeatureWriter:
        return self

    def write(self, features: pd.DataFrame) -> None:
        """Add rows; all have the columns of the first."""
        table = pa.Table.from_pandas(features, preserve_index=False)
        if self._writer is None:
            self._writer = parquet.ParquetWriter(
                self._path, table.schema, use_dictionary=["reason"], write_statistics=False
            )
        self._writer.write_table(table)

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()


@dataclass(frozen=True)
class Level:
    """A spectrogram at one resolution of time, its power left on the disk.

    Parameters
    ----------
    time_s : ndarray, (column,)
        Middles of the columns.
    step_s : float
        Distance of the columns.
    power : zarr.Array, (row, column, frequency)
        uV^2/Hz, NaN where there is none; read where it is indexed.
    """

    time_s: npt.NDArray[np.float64]
    step_s: float
    power: zarr.Array[Any]


@dataclass(frozen=True)
class Piece:
    """A piece of the spectrogram of one region or channel.

    Parameters
    ----------
    time_s : ndarray, (column,)
        Middles of the columns.
    step_s : float
        Distance of the columns.
    frequency_hz : ndarray, (frequency,)
    power : ndarray, (column, frequency)
        uV^2/Hz, NaN where there is none.
    """

    time_s: npt.NDArray[np.float64]
    step_s: float
    frequency_hz: npt.NDArray[np.float64]
    power: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Spectrogram:
    """An open spectrogram.zarr.

    Parameters
    ----------
    regions, channels : tuple of str
        Rows of the levels; no channels where their spectrograms were not kept.
    frequency_hz : ndarray, (frequency,)
    window_s : float
        Length of the windows.
    half_width_hz : float
        How far the tapers spread a line to each side.
    bands : Bands
        Bands and mains of the spectra's settings.
    levels : tuple of Level
        Of the regions, from the finest to the coarsest.
    channel_levels : tuple of Level
        Of the channels, in the same order; the finest may be left out.
    """

    regions: tuple[str, ...]
    channels: tuple[str, ...]
    frequency_hz: npt.NDArray[np.float64]
    window_s: float
    half_width_hz: float
    bands: Bands
    levels: tuple[Level, ...]
    channel_levels: tuple[Level, ...]

    @property
    def time_s(self) -> npt.NDArray[np.float64]:
        """Middles of the finest columns of the regions."""
        return self.levels[0].time_s

    @property
    def mains_half_width_hz(self) -> float:
        """Half width of what the mains take: the settings', and what the tapers spread."""
        return self.bands.mains_width_hz + self.half_width_hz

    def bins_of(self, band: str) -> npt.NDArray[np.bool_]:
        """Frequencies of a band without the mains, (frequency,)."""
        return bins_of_band(
            self.frequency_hz,
            self.bands.range_hz[band],
            self.bands.mains_hz,
            self.mains_half_width_hz,
        )

    def read(
        self,
        name: str,
        start_s: float = -np.inf,
        stop_s: float = np.inf,
        most_columns: float = np.inf,
        max_hz: float = np.inf,
    ) -> Piece:
        """Columns that share time with [start_s, stop_s), of the level that fits.

        Parameters
        ----------
        name : str
            A region, or else a channel.
        start_s, stop_s : float
            On the recording's clock.
        most_columns : float
            The finest level with at most so many columns there is read; the coarsest, where
            all of them have more.
        max_hz : float
            Highest frequency.
        """
        if name in self.regions:
            row, choice = self.regions.index(name), self.levels
        elif name in self.channels:
            row, choice = self.channels.index(name), self.channel_levels
        else:
            raise KeyError(f"no spectrogram of '{name}'")
        for level in choice:
            a = int(np.searchsorted(level.time_s, start_s - level.step_s / 2, side="right"))
            b = int(np.searchsorted(level.time_s, stop_s + level.step_s / 2, side="left"))
            if b - a <= most_columns:
                break
        b = max(a, b)
        top = int(np.searchsorted(self.frequency_hz, max_hz, side="right"))
        power = np.asarray(level.power[row, a:b, :top], dtype=np.float32)
        return Piece(level.time_s[a:b], level.step_s, self.frequency_hz[:top], power)

    def sample(self, region: str, most_columns: int) -> Piece:
        """Columns of the finest level of a region, evenly spread and at most so many."""
        level = self.levels[0]
        every = max(1, -(-len(level.time_s) // most_columns))
        power = np.asarray(level.power[self.regions.index(region), ::every], dtype=np.float32)
        return Piece(level.time_s[::every], level.step_s * every, self.frequency_hz, power)


def open_spectrogram(path: str | Path) -> Spectrogram:
    """Open spectrogram.zarr, its power left on the disk."""
    group = zarr.open_group(str(path), mode="r")
    attributes: dict[str, Any] = dict(group.attrs)
    return Spectrogram(
        regions=tuple(str(r) for r in attributes["regions"]),
        channels=tuple(str(c) for c in attributes["channels"]),
        frequency_hz=np.asarray(_array(group, "frequency_hz")[:], dtype=np.float64),
        window_s=float(attributes["window_s"]),
        half_width_hz=float(attributes["half_width_hz"]),
        bands=Bands(
            {name: (low, high) for name, (low, high) in attributes["bands_hz"].items()},
            float(attributes["mains_hz"]),
            float(attributes["mains_width_hz"]),
        ),
        levels=_open_levels(group, "regions"),
        channel_levels=_open_levels(group, "channels"),
    )


def _array(group: zarr.Group, name: str) -> zarr.Array[Any]:
    array = group[name]
    if not isinstance(array, zarr.Array):
        raise TypeError(f"{group.store_path}/{name} is not an array")
    return array


def _open_levels(group: zarr.Group, kind: str) -> tuple[Level, ...]:
    names = [f"{kind}/level_{i}" for i in range(len(levels.FACTORS))]
    found = []
    for name in (n for n in names if n in group):
        power = _array(group, f"{name}/power")
        time_s = np.asarray(_array(group, f"{name}/time_s")[:], dtype=np.float64)
        found.append(Level(time_s, float(str(power.attrs["step_s"])), power))
    return tuple(found)
