"""Files one after the other."""

import numpy as np
import pytest

from vigil.downsample.sources.chain import chain
from vigil.downsample.sources.edf import open_edf
from vigil.downsample.sources.wide import in_steps
from vigil.recording import RecordingError


def linked(small, folder, starts, x, wide=False, **more):
    """Files of 10 s that begin at times of a day."""
    paths = [
        small.write_edf(
            folder / f"{len(starts) - i}.{'bdf' if wide else 'edf'}",
            x[:, 2000 * i : 2000 * (i + 1)],
            start=f"01.03.26{t}",
            wide=wide,
            **more,
        )
        for i, t in enumerate(starts)
    ]
    return in_steps(chain(paths, [open_edf(p) for p in paths]))


def test_one_file_is_itself(tmp_path, small, noise):
    path = small.write_edf(tmp_path / "a.edf", noise(2, 2000))
    only = open_edf(path)
    assert chain([path], [only]) is only


def test_files_follow_each_other_by_their_starts(tmp_path, small, noise):
    x = noise(2, 6000)
    # the second begins a second early by its header's rounding, the third after a pause
    source = linked(small, tmp_path, ["08.00.00", "08.00.09", "08.01.00"], x)
    assert source.segments == ((0.0, 2000), (10.0, 2000), (60.0, 2000))
    assert np.array_equal(np.concatenate(small.read_all(source, 900), axis=1), x)


def test_the_order_is_that_of_the_starts_not_of_the_names(tmp_path, small, noise):
    x = noise(2, 4000)
    source = linked(small, tmp_path, ["08.05.00", "08.00.00"], x)
    assert source.segments == ((0.0, 2000), (300.0, 2000))
    assert np.array_equal(small.read_all(source)[0], x[:, 2000:])


def test_wide_files_share_one_step(tmp_path, small, noise):
    x = noise(2, 4000).astype(np.int32) * 500
    x[:, 2000:] *= 3
    source = linked(small, tmp_path, ["08.00.00", "08.00.10"], x, wide=True)
    found = np.concatenate(small.read_all(source), axis=1) * np.array(source.scale_uv)[:, None]
    wanted = x * (6400 / (2**24 - 1))
    assert np.ptp(found - wanted, axis=1) == pytest.approx(0, abs=1.01 * max(source.scale_uv))


def test_files_that_are_not_one_recording_are_refused(tmp_path, small, noise):
    with pytest.raises(RecordingError, match=r"7 s before the end of the file before it"):
        linked(small, tmp_path, ["08.00.00", "08.00.03"], noise(2, 4000))
    a = small.write_edf(tmp_path / "a.edf", noise(2, 2000))
    b = small.write_edf(tmp_path / "b.edf", noise(3, 2000))
    c = small.write_edf(tmp_path / "c.edf", noise(2, 2000), physical=(-5, 5))
    with pytest.raises(RecordingError, match=r"other channels or another rate"):
        chain([a, b], [open_edf(a), open_edf(b)])
    with pytest.raises(RecordingError, match=r"another scale"):
        chain([a, c], [open_edf(a), open_edf(c)])


def test_without_starts_files_are_laid_end_to_end(tmp_path, small, noise):
    x = noise(2, 4000)
    paths = [
        small.write_edf(
            tmp_path / f"{i}.edf", x[:, 2000 * i : 2000 * (i + 1)], start="99.99.9999.99.99"
        )
        for i in range(2)
    ]
    source = chain(paths, [open_edf(p) for p in paths])
    assert source.segments == ((0.0, 2000), (10.0, 2000))
    assert "1.edf begins is not known" in source.notes[0]
