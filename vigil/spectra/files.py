"""What spectra leaves: features.parquet and spectrogram.zarr."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

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


def read_spectrogram(
    path: str | Path,
) -> tuple[list[str], npt.NDArray[np.float32], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Regions, power in uV^2/Hz (region, time, frequency), times in s, frequencies in Hz."""
    group = zarr.open_group(str(path), mode="r")
    attributes: dict[str, object] = dict(group.attrs)
    power, time_s, frequency_hz = (
        np.asarray(group[k]) for k in ("power", "time_s", "frequency_hz")
    )
    regions = attributes["regions"]
    return (
        [str(r) for r in regions] if isinstance(regions, list) else [],
        power,
        time_s,
        frequency_hz,
    )
