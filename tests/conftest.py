"""What tests of several stages need: small Neuralynx files, and the checkout's places."""

import os
from pathlib import Path

import numpy as np
import pytest

CHECKOUT = Path(__file__).resolve().parent.parent

NCS = np.dtype([("t", "<u8"), ("c", "<u4"), ("fs", "<u4"), ("n", "<u4"), ("x", "<i2", 512)])

TOGETHER = ("workflow", "cluster", "sleep", "pose", "report", "real", "transfer")
"""Folders whose tests share something that takes long to make; the longest come first."""


def pytest_collection_modifyitems(items):
    """Begin with what takes longest."""
    order = {name: place for place, name in enumerate(TOGETHER)}
    items.sort(key=lambda item: order.get(_shared(item.nodeid), len(TOGETHER)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give tests that share work to one process (pytest-xdist), others file by file."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFolder(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return _shared(nodeid)

    return ByFolder(config, log)


def _shared(nodeid):
    """The folder of a test where its tests share work, else its file."""
    file = nodeid.split("::")[0]
    folder = Path(file).parts[1]
    return folder if folder in TOGETHER else file


def write_ncs(
    path, samples, rate_hz=32000, gaps=(), channel="CSC1", header=None, start_us=10_000_000
):
    """Write a .ncs file by the format's description.

    `gaps` lists (sample number, seconds): acquisition stops before that sample and goes on
    so many seconds later; the record before the gap is short, as Cheetah leaves it.
    """
    lines = {
        "FileType": "NCS",
        "RecordSize": "1044",
        "TimeCreated": "2026/03/01 08:00:00",
        "SamplingFrequency": rate_hz,
        "ADMaxValue": 32767,
        "ADBitVolts": "0.000000061037",
        "AcqEntName": channel,
        "InputInverted": "False",
    } | (header or {})
    text = "######## Neuralynx Data File Header\r\n"
    text += "".join(f"-{k} {v}\r\n" for k, v in lines.items() if v is not None)
    borders = [0, *[g[0] for g in gaps], len(samples)]
    delays = np.cumsum([0.0, *[g[1] for g in gaps]])
    records = []
    for a, b, late_s in zip(borders[:-1], borders[1:], delays, strict=True):
        for first in range(a, b, 512):
            piece = samples[first : min(first + 512, b)]
            record = np.zeros((), NCS)
            record["t"] = round(start_us + first / rate_hz * 1e6 + late_s * 1e6)
            record["fs"], record["n"] = round(rate_hz), len(piece)
            record["x"][: len(piece)] = piece
            record["x"][len(piece) :] = 12345  # stale values that are not to be read
            records.append(record)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode().ljust(16384, b"\0") + np.array(records, NCS).tobytes())
    return path


@pytest.fixture
def ncs():
    """The writer of small .ncs files."""
    return write_ncs


@pytest.fixture(scope="session")
def checkout():
    """The folder of the project."""
    return CHECKOUT


@pytest.fixture(scope="session")
def realdata():
    """The real recordings, where VIGIL_REALDATA names them."""
    folder = os.environ.get("VIGIL_REALDATA")
    if not folder:
        pytest.skip("VIGIL_REALDATA does not name a folder of real recordings")
    assert Path(folder).is_dir(), f"VIGIL_REALDATA names {folder}, which is not there"
    return Path(folder)
