"""The writers of small files, for the tests of the readers."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest


def load(name):
    """A module that lies beside this file."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def small():
    """The writers of small files."""
    return load("small_files")


@pytest.fixture
def noise():
    """Reproducible int16 samples, (channel, sample)."""

    def make(channels, samples, peak=3000, seed=0):
        rng = np.random.default_rng(seed)
        return rng.integers(-peak, peak, (channels, samples)).astype(np.int16)

    return make
