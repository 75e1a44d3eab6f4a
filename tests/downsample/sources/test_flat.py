"""Interleaved samples, read in pieces."""

import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vigil.downsample.sources import flat
from vigil.downsample.sources.flat import FlatPiece, FlatSource, n_frames
from vigil.recording import RecordingError


def source_of(path, segments, columns, width):
    n = len(columns)
    return FlatSource(
        channels=tuple(map(str, columns)),
        rate_hz=1000.0,
        scale_uv=(1.0,) * n,
        range_steps=((-9, 9),) * n,
        segments=tuple((float(first), length) for first, length in segments),
        pieces=tuple(FlatPiece(path, first, width) for first, _ in segments),
        columns=tuple(columns),
    )


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    data=st.data(), width=st.integers(1, 7), frames=st.integers(1, 300), at_once=st.integers(2, 64)
)
def test_any_piece_of_any_channels_equals_the_whole(
    tmp_path_factory, monkeypatch, data, width, frames, at_once
):
    monkeypatch.setattr(flat, "PIECE_BYTES", at_once)
    x = np.random.default_rng(frames).integers(-999, 999, (frames, width)).astype("<i2")
    path = tmp_path_factory.mktemp("flat") / "a.dat"
    x.tofile(path)
    columns = data.draw(st.permutations(range(width)))[: data.draw(st.integers(1, width))]
    first = data.draw(st.integers(0, frames - 1))
    source = source_of(path, [(0, frames), (first, frames - first)], columns, width)
    start = data.draw(st.integers(0, frames - first))
    stop = data.draw(st.integers(start, frames - first))
    some = data.draw(st.permutations(range(len(columns))))
    some = some[: data.draw(st.integers(1, len(columns)))]
    found = source.read(1, start, stop, some)
    assert found.flags.c_contiguous
    assert found.dtype == np.int16
    wanted = x[first + start : first + stop, [columns[c] for c in some]].T
    assert np.array_equal(found, wanted)


def test_threads_do_not_disturb_each_other(tmp_path):
    x = np.random.default_rng(0).integers(-999, 999, (50_000, 5)).astype("<i2")
    x.tofile(tmp_path / "a.dat")
    source = source_of(tmp_path / "a.dat", [(0, 50_000)], range(5), 5)
    same = []

    def read(seed):
        rng = np.random.default_rng(seed)
        for _ in range(20):
            a, b = np.sort(rng.integers(0, 50_000, 2))
            same.append(np.array_equal(source.read(0, a, b, [seed]), x[a:b, [seed]].T))

    threads = [threading.Thread(target=read, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(same) == 80
    assert all(same)


def test_a_file_that_shrinks_or_vanishes_while_it_is_read_is_told(tmp_path):
    path = tmp_path / "a.dat"
    np.zeros(300, "<i2").tofile(path)
    source = source_of(path, [(0, 100)], range(3), 3)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RecordingError, match=r"a\.dat became shorter .*byte 100\); copy it"):
        source.read(0, 0, 100, [0])
    path.unlink()
    with pytest.raises(RecordingError, match=r"a\.dat is not there any more"):
        source.read(0, 0, 100, [0])


def test_a_file_that_ends_inside_a_sample_is_told_with_its_byte(tmp_path):
    path = tmp_path / "a.dat"
    path.write_bytes(bytes(100))
    assert n_frames(path, 25) == 2
    with pytest.raises(RecordingError, match=r"inside a sample of its 3 channels at byte 96"):
        n_frames(path, 3)
    path.write_bytes(b"")
    with pytest.raises(RecordingError, match=r"empty"):
        n_frames(path, 3)
    with pytest.raises(RecordingError, match=r"is not there"):
        n_frames(tmp_path / "b.dat", 3)
