"""Numbers of any width as int16."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vigil.downsample.sources import wide
from vigil.downsample.sources.source import Described
from vigil.downsample.sources.wide import fit_steps, in_steps


class InMemory(Described):
    """Numbers that are there."""

    def __init__(self, x, together=None):
        n = len(x)
        fields = {
            "channels": tuple(f"c{i}" for i in range(n)),
            "rate_hz": 100.0,
            "scale_uv": (0.5,) * n,
            "range_steps": ((-(1 << 23), (1 << 23) - 1),) * n,
            "segments": ((0.0, x.shape[1] // 2), (9.0, x.shape[1] - x.shape[1] // 2)),
            "together": together or n,
        }
        super().__init__(**fields)
        object.__setattr__(self, "x", x)
        object.__setattr__(self, "dtype", x.dtype)

    def read_numbers(self, segment, start, stop, channels):
        first = (0, self.segments[0][1])[segment]
        return self.x[list(channels), first + start : first + stop]


def back(source):
    parts = [
        source.read(s, 0, n, range(len(source.channels)))
        for s, (_, n) in enumerate(source.segments)
    ]
    return np.concatenate(parts, axis=1).astype(np.float64)


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.int32, (2, 40), elements=st.integers(-(1 << 31), (1 << 31) - 1)),
    st.integers(0, 31),
    st.sampled_from([1, 2]),
)
def test_whole_numbers_come_back_to_half_a_step_or_exactly(x, shift, together):
    x = x >> shift
    source = in_steps(InMemory(x, together))
    found = back(source)
    exact = x.astype(np.float64)
    for row, own, s in zip(found, exact, source.scale_uv, strict=True):
        step = s / 0.5
        apart = own - own[0] - (row - row[0]) * step
        if np.ptp(own) <= 65532:
            assert step == 1
            assert not apart.any()
        else:
            assert np.abs(apart).max() <= 1.001 * step
            # no finer step would hold them
            assert np.ptp(own) / step == pytest.approx(65532, rel=1e-4)
        assert np.abs(row).max() <= 32766


@settings(max_examples=60, deadline=None)
@given(arrays(np.float32, (2, 40), elements=st.floats(-(2.0**100), 2.0**100, width=32)))
def test_floats_come_back_to_half_a_step(x):
    source = in_steps(InMemory(x))
    for row, own, s in zip(back(source), x.astype(np.float64), source.scale_uv, strict=True):
        step = s / 0.5
        middle = (own.max() + own.min()) / 2
        assert np.abs(own - (middle + row * step)).max() <= 0.51 * step
        assert np.abs(row).max() <= 32766


def test_samples_that_are_no_number_lie_in_the_middle_and_are_told():
    x = np.array([[1.0, np.nan, 3.0, np.inf, 2.0, 1.0]], np.float32)
    source = in_steps(InMemory(x))
    assert np.array_equal(np.abs(back(source)[0]) < 2, [False, True, False, True, True, False])
    assert "no number were set to mid-range (c0: 2)" in source.notes[-1]


def test_a_channel_without_any_number_is_flat():
    source = in_steps(InMemory(np.full((1, 8), np.nan)))
    assert not back(source).any()


def test_unsigned_16_bits_are_shifted_by_half_their_range():
    x = np.array([[0, 32768, 65535, 5]], np.uint16)
    assert back(in_steps(InMemory(x))).tolist() == [[-32768, 0, 32767, -32763]]


def test_narrow_numbers_are_kept(noise):
    x = noise(3, 50)
    source = in_steps(InMemory(x))
    assert np.array_equal(back(source), x)
    assert source.fit is None
    assert source.notes == ()


def test_the_pass_is_the_same_in_pieces(monkeypatch, noise):
    x = noise(3, 999).astype(np.float64)
    of = InMemory(x)
    lengths = [n for _, n in of.segments]
    one = fit_steps(of.read_numbers, lengths, 3, 3, whole=False)
    monkeypatch.setattr(wide, "PASS_BYTES", 700)
    other = fit_steps(of.read_numbers, lengths, 3, 2, whole=False)
    assert np.array_equal(one.offset, other.offset)
    assert np.array_equal(one.step, other.step)
