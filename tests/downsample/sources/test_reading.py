"""Files that vanish or shrink."""

import numpy as np
import pytest

from vigil.downsample.sources.reading import fill, opened
from vigil.recording import RecordingError


def test_an_array_is_filled_from_where_the_file_stands(tmp_path):
    path = tmp_path / "a.dat"
    np.arange(100, dtype="<i2").tofile(path)
    out = np.empty((3, 4), "<i2")
    with opened(path) as file:
        file.seek(20)
        fill(file, out, path)
        assert out.tolist() == np.arange(10, 22).reshape(3, 4).tolist()
        fill(file, np.empty(0, "<i2"), path)
        file.seek(190)
        with pytest.raises(RecordingError, match=r"a.dat became shorter .*nothing at byte 200"):
            fill(file, out, path)
    assert file.closed


@pytest.mark.parametrize("place", ["absent.dat", "folder", "a.dat/below.dat"])
def test_what_is_no_file_is_told(tmp_path, place):
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.dat").write_bytes(b"")
    wanted = f"{place} is not there any more or is no file"
    with pytest.raises(RecordingError, match=wanted), opened(tmp_path / place):
        pass
