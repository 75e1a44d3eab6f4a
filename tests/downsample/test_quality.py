"""Verdicts on channels whose faults are known."""

import numpy as np
import pytest

from vigil.downsample.quality import ChannelTally, judge_channels
from vigil.recording import Montage


def tally(x):
    t = ChannelTally(1000.0)
    t.add(x)
    return t


def test_each_fault_gets_its_reason():
    noise = np.random.default_rng(0).normal(0, 100, 10000).astype(np.int16)
    flat = np.where(np.arange(10000) < 5000, noise, 7).astype(np.int16)
    clipped = np.where(np.arange(10000) % 20 == 0, 32767, noise).astype(np.int16)
    names = ("good", "flat", "clipped", "twin")
    montage = Montage(names, names, ("",) * 4, ("lfp",) * 4)
    table = judge_channels(
        [tally(x) for x in (noise, flat, clipped, noise)], montage, [0.5] * 4, 0.2, 0.01
    )
    assert table["verdict"].tolist() == ["ok", "bad", "bad", "bad"]
    assert table["reason"][1].startswith("flat during 50 %")
    assert table["reason"][2].startswith("saturated in 5.0 %")
    assert table["reason"][3].startswith("identical to good")
    assert table["rms_uv"][0] == pytest.approx(noise.std() * 0.5, rel=1e-6)
