"""A whole recording into its store: segments, gaps, blocks and threads."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import signal

from vigil.downsample.decimate import design_decimator
from vigil.downsample.reduce import (
    _pieces,
    reduce_recording,
    reduced_segments,
)
from vigil.downsample.sources.neuralynx import open_neuralynx
from vigil.downsample.sources.source import Described

RATE = 32000


@pytest.fixture
def source(tmp_path, ncs):
    rng = np.random.default_rng(5)
    gaps = [(RATE, 2.0), (2 * RATE + 100, 0.7)]
    for i in (1, 2, 3):
        x = rng.normal(0, 3000, 3 * RATE).astype(np.int16)
        ncs(tmp_path / f"CSC{i}.ncs", x, gaps=gaps, channel=f"CSC{i}")
    return open_neuralynx(sorted(tmp_path.glob("*.ncs")))


def reduce(source, **how):
    d = design_decimator(RATE, 1250)
    out = np.zeros((reduced_segments(source, d).n_rows, len(source.channels)), np.int16)
    tallies = reduce_recording(source, d, out, **how)
    return out, tallies


def test_segments_keep_their_times(source):
    segments = reduced_segments(source, design_decimator(RATE, 1250))
    assert segments.start_s == pytest.approx((0.0, 3.0, 4.703125), abs=1e-6)
    assert segments.rows == (1250, 1254, 1247)
    assert segments.gaps()[0] == pytest.approx((1.0, 3.0), abs=1e-6)


def test_the_same_to_the_bit_for_any_block_and_any_number_of_threads(source):
    whole, tallies = reduce(source)
    assert [t.samples for t in tallies] == [96000] * 3
    assert [t.windows for t in tallies] == [10 + 10 + 9] * 3
    for how in (
        {"block_rows": 97, "threads": 3},
        {"block_rows": 10_000, "threads": 2, "piece_samples": 1},
        {"block_rows": 1249, "threads": 1},
    ):
        pieces, tallies_of_pieces = reduce(source, **how)
        assert np.array_equal(whole, pieces)
        assert tallies == tallies_of_pieces


def test_nothing_leaks_across_a_gap(tmp_path, ncs):
    loud = np.full(RATE, 20000, np.int16)
    quiet = np.zeros(RATE, np.int16)
    ncs(tmp_path / "a.ncs", np.concatenate([loud, quiet]), gaps=[(RATE, 1.0)])
    out, _ = reduce(open_neuralynx([tmp_path / "a.ncs"]))
    assert (out[1250:] == 0).all()
    assert np.abs(out[100:1150] - 20000).max() <= 2


def test_an_offset_makes_no_step_at_any_border(tmp_path, ncs):
    x = np.full(3 * RATE, 1000, np.int16)
    ncs(tmp_path / "a.ncs", x, gaps=[(RATE, 1.0), (RATE + 40, 1.0)])
    out, _ = reduce(open_neuralynx([tmp_path / "a.ncs"]), block_rows=97)
    assert (out == 1000).all()


def test_each_segment_equals_scipy_with_its_edge_value_as_padding(source):
    out, _ = reduce(source)
    d = design_decimator(RATE, 1250)
    row = 0
    for segment, (_, n) in enumerate(source.segments):
        raw = source.read(segment, 0, n, [1])[0].astype(float)
        wanted = signal.resample_poly(
            raw, d.up, d.down, window=d.equivalent_taps() / d.up, padtype="edge"
        )
        ours = out[row : row + len(wanted), 1]
        assert np.abs(ours - wanted).max() < 0.51  # rounded to whole steps
        row += len(wanted)
    assert row == len(out)


def test_the_ends_of_the_range_do_not_wrap_round(tmp_path, ncs):
    square = np.where(np.arange(RATE) // 3200 % 2, 32767, -32768).astype(np.int16)
    ncs(tmp_path / "a.ncs", square)
    out, _ = reduce(open_neuralynx([tmp_path / "a.ncs"]))
    middle = out[: len(out) // 125 * 125].reshape(-1, 125)[1:-1, 40:80]
    assert (np.abs(middle.astype(int)) > 30000).all()
    assert (np.sign(middle[::2]) == np.sign(middle[0, 0])).all()


@dataclass(frozen=True, kw_only=True)
class Interleaved(Described):
    """A source of which all channels are read together."""

    samples: np.ndarray
    first: tuple[int, ...]

    def read(self, segment, start, stop, channels):
        a = self.first[segment]
        return np.ascontiguousarray(self.samples[a + start : a + stop, list(channels)].T)


def interleaved(lengths, rate_hz=RATE, n_channels=5, together=5):
    rng = np.random.default_rng(8)
    ends = np.cumsum(lengths)
    starts = np.concatenate([[0], ends[:-1]])
    return Interleaved(
        channels=tuple(f"c{i}" for i in range(n_channels)),
        rate_hz=rate_hz,
        scale_uv=(1.0,) * n_channels,
        range_steps=((-32768, 32767),) * n_channels,
        segments=tuple(
            (float(s / rate_hz + i), int(n))
            for i, (s, n) in enumerate(zip(starts, lengths, strict=True))
        ),
        together=together,
        samples=rng.integers(-32768, 32768, (ends[-1], n_channels)).astype(np.int16),
        first=tuple(int(s) for s in starts),
    )


@pytest.mark.parametrize("rates", [(32000, 1250), (32768, 1250), (1250, 1250), (30000, 2000)])
@pytest.mark.parametrize("together", [1, 2, 5])
def test_channels_read_together_and_segments_of_a_sample(rates, together):
    source = interleaved([1, 1, 40_000, 3, 700, 1, 90_000, 26], rates[0], together=together)
    d = design_decimator(*rates)
    wanted = []
    for segment, (_, n) in enumerate(source.segments):
        raw = source.read(segment, 0, n, range(5))
        wanted.append(np.column_stack([d.reduce(x) for x in raw]))
    wanted = np.concatenate(wanted)
    outcomes = []
    for how in ({}, {"block_rows": 100, "threads": 3}, {"piece_samples": 1, "threads": 2}):
        out = np.zeros_like(wanted)
        outcomes.append(reduce_recording(source, d, out, **how))
        assert np.array_equal(out, wanted)
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert [t.samples for t in outcomes[0]] == [sum(n for _, n in source.segments)] * 5
    ends = (source.samples == -32768) | (source.samples == 32767)
    assert [t.saturated for t in outcomes[0]] == ends.sum(axis=0).tolist()


def test_thousands_of_short_segments_share_their_pieces():
    source = interleaved([500] * 4000, n_channels=2, together=1)
    d = design_decimator(RATE, 1250)
    segments = reduced_segments(source, d)
    pieces = list(_pieces(segments, 0, segments.n_rows, 40_000, [(0,), (1,)]))
    assert len(pieces) == 2 * (-(-segments.n_rows // 40_000))
    out = np.zeros((segments.n_rows, 2), np.int16)
    reduce_recording(source, d, out, threads=2)
    last = d.reduce(source.read(3999, 0, 500, [1])[0])
    assert np.array_equal(out[-len(last) :, 1], last)
