"""Simulated animals that differ on purpose, made once for all tests that want them."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PROCESSES = 2


@dataclass(frozen=True)
class SimulatedAnimal:
    """The files of one recording of a simulated animal."""

    recording: str
    animal: str
    features: Path
    kinematics: Path
    lfp: Path
    labels: Path


@pytest.fixture(scope="session")
def varied_animals(tmp_path_factory) -> list[SimulatedAnimal]:
    """Eight labelled animals that differ on purpose, 100 minutes of the light phase each."""
    results = tmp_path_factory.mktemp("varied")
    program = Path(__file__).with_name("animals.py")
    jobs = [
        subprocess.Popen(
            [sys.executable, str(program), str(results), str(k), str(PROCESSES)],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        for k in range(PROCESSES)
    ]
    assert [job.wait() for job in jobs] == [0] * PROCESSES
    return [
        SimulatedAnimal(
            folder.name,
            folder.name.rpartition("-")[0],
            folder / "spectra" / "features.parquet",
            folder / "kinematics" / "kinematics.parquet",
            folder / "downsample" / "lfp.zarr",
            folder / "labels.csv",
        )
        for folder in sorted(results.iterdir())
    ]
