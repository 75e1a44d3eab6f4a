"""What spectra leaves: features.parquet and spectrogram.zarr."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import zarr

KEYS = ("start_s", "duration_s", "valid")
"""Columns of features.parquet that are not features."""


def read_features(path: str | Path) -> pd.DataFrame:
    """Features of the epochs of a recording, one row per epoch."""
    return pd.read_parquet(path)


def write_spectrogram(
    path: str | Path,
    regions: Sequence[str],
    power: npt.NDArray[np.float32],
    time_s: npt.NDArray[np.float64],
    frequency_hz: npt.NDArray[np.float64],
) -> None:
    """Write spectrogram.zarr: `power` (region, time, frequency), `time_s`, `frequency_hz`."""
    group = zarr.create_group(str(path), overwrite=True, attributes={"regions": list(regions)})
    chunks = (1, max(1, min(3600, power.shape[1])), power.shape[2])
    group.create_array("power", data=power, chunks=chunks)
    group.create_array("time_s", data=time_s)
    group.create_array("frequency_hz", data=frequency_hz)


def open_spectrogram(
    path: str | Path,
) -> tuple[tuple[str, ...], zarr.Array[Any], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Open spectrogram.zarr, its power left on the disk.

    Returns
    -------
    regions : tuple of str
    power : zarr.Array, (region, time, frequency)
        uV^2/Hz, read where it is indexed.
    time_s, frequency_hz : ndarray
        Centre of each column, and the frequencies.
    """
    group = zarr.open_group(str(path), mode="r")
    power = group["power"]
    if not isinstance(power, zarr.Array):
        raise TypeError(f"{path}/power is not an array")
    attributes: dict[str, Any] = dict(group.attrs)
    time_s, frequency_hz = (
        np.asarray(group[name], dtype=np.float64) for name in ("time_s", "frequency_hz")
    )
    return tuple(str(r) for r in attributes["regions"]), power, time_s, frequency_hz
