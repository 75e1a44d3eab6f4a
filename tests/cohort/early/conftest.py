"""Animals made of windows, and quick settings."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import made as made_of_windows

from vigil.cohort.early.settings import EarlySettings

QUICK = {
    "lead_min": (1, 3, 5, 10, 20, 45), "n_surrogates": 99, "n_bootstrap": 100,
    "features": (r"^(CA1|M1)\.log_power_", r"^CA1\.(log_line_length|spikes_per_min)$",
                 r"^movement\."),
}  # fmt: skip


@pytest.fixture
def made():
    return made_of_windows


@pytest.fixture
def quick():
    return EarlySettings(**QUICK)
