"""Channels side by side, over resets of the clock."""

from dataclasses import replace

import numpy as np
import pytest

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

    def place_of(self, sample):
        return f"sample {sample}"


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


@pytest.mark.parametrize("zero_us", [0.0, 5e6])
def test_a_reset_is_told_where_it_lies_whatever_the_clock_began_with(zero_us):
    a = channel("a", (Run(zero_us, 0, 1000),), (Run(0.0, 1000, 1000, 1),))
    source = side_by_side([a], 1000.0, [])
    assert source.segments == ((0.0, 1000), (1.0, 1000))
    assert "reset at sample 1000: what follows lies at 1.000 s" in source.notes[0]


@pytest.mark.parametrize(
    ("pause_s", "begins_s", "sentence"),
    [
        (None, 1.0, "is not known and was taken as none"),
        (-5.0, 1.0, "is not known and was taken as none"),
        (0.0, 1.0, "by the headers' times of creation there was no pause"),
        (3.0, 3.0, "was taken from the headers' times of creation"),
    ],
)
def test_the_note_says_where_the_pause_is_from(pause_s, begins_s, sentence):
    a = channel("a", (Run(7e6, 0, 1000),), (Run(0.0, 1000, 1000, 1),))
    source = side_by_side([replace(a, pause_s=(0.0, pause_s))], 1000.0, [])
    assert source.segments[1][0] == begins_s
    assert sentence in source.notes[0]


def test_a_clock_without_a_common_stretch_is_left_out():
    a = channel("a", (Run(0.0, 0, 100),), (Run(0.0, 100, 100, 1),))
    b = channel("b", (Run(9e6, 0, 100),), (Run(0.0, 100, 100, 1),))
    source = side_by_side([a, b], 1000.0, [])
    assert source.segments == ((0.0, 100),)
    assert source.read(0, 0, 1, [0, 1]).tolist() == [[100], [100]]
