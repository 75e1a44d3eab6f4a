"""Channels side by side, over resets of the clock."""

import numpy as np

from vigil.downsample.ncs_layout import Run
from vigil.downsample.sources.channel import Channel
from vigil.downsample.sources.side_by_side import side_by_side


class File:
    """Samples that tell their own number."""

    def __init__(self, n):
        self.path, self.start, self.scale_uv, self.header_rate_hz = None, None, 1.0, 1000.0
        self.x = np.arange(n, dtype=np.int16)

    def read(self, a, b):
        return self.x[a:b]


def channel(name, *clocks):
    n = sum(r.n_samples for runs in clocks for r in runs)
    steps = (-9, 9)
    return Channel(name, name, (File(n),), (0, n), tuple(clocks), (None,) * len(clocks), steps)


def test_each_clock_is_intersected_on_its_own_and_laid_after_the_one_before():
    a = channel("a", (Run(5e6, 0, 1000),), (Run(1e6, 1000, 1000, 1),))
    b = channel("b", (Run(5.5e6, 0, 1000),), (Run(1.25e6, 1000, 500, 1),))
    source = side_by_side([b, a], 1000.0, ["first"])
    assert source.channels == ("a", "b")
    # clock 0 ends at 6.5 s in b; clock 1 begins there with a, and 0.25 s later with b
    assert source.segments == ((0.0, 500), (1.25, 500))
    assert source.clock_zero_us == 5.5e6
    assert source.read(0, 0, 2, [0, 1]).tolist() == [[500, 501], [0, 1]]
    assert source.read(1, 0, 2, [0, 1]).tolist() == [[1250, 1251], [1000, 1001]]
    assert source.notes[0] == "first"
    assert "at 1.000 s" in source.notes[1]


def test_a_clock_without_a_common_stretch_is_left_out():
    a = channel("a", (Run(0.0, 0, 100),), (Run(0.0, 100, 100, 1),))
    b = channel("b", (Run(9e6, 0, 100),), (Run(0.0, 100, 100, 1),))
    source = side_by_side([a, b], 1000.0, [])
    assert source.segments == ((0.0, 100),)
    assert source.read(0, 0, 1, [0, 1]).tolist() == [[100], [100]]
