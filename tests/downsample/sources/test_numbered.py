"""Numbers of samples, and the gaps that they show."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vigil.downsample.sources.numbered import read_npy, runs_of_numbers
from vigil.recording import RecordingError


# a gap just before, at and after a number that is looked at
@example(lengths=[65535, 5], lost=[1] * 5, first=0)
@example(lengths=[65536, 5], lost=[1] * 5, first=0)
@example(lengths=[65537, 5], lost=[1] * 5, first=0)
@settings(max_examples=30, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 200_000), min_size=1, max_size=6),
    lost=st.lists(st.integers(1, 1 << 40), min_size=5, max_size=5),
    first=st.integers(-1000, 1 << 40),
)
def test_runs_of_numbers_are_found_wherever_they_break(tmp_path_factory, lengths, lost, first):
    path = tmp_path_factory.mktemp("numbers") / "sample_numbers.npy"
    numbers, wanted, at = [], [], 0
    for n, gap in zip(lengths, [0, *lost], strict=False):
        first += gap
        numbers.append(first + np.arange(n))
        wanted.append((first, at, n))
        first, at = first + n, at + n
    np.save(path, np.concatenate(numbers))
    assert runs_of_numbers(read_npy(path), path, at, path) == wanted


def test_few_numbers_of_a_long_recording_are_looked_at():
    class Looked:
        """Numbers that count who asks for them."""

        asked = 0

        def __len__(self):
            return 10**9

        def __getitem__(self, at):
            assert isinstance(at, int)
            self.asked += 1
            return at + 7

    numbers = Looked()
    assert runs_of_numbers(numbers, None, 10**9, None) == [(7, 0, 10**9)]
    assert numbers.asked < 40_000


def test_what_does_not_count_up_is_refused(tmp_path):
    path = tmp_path / "n.npy"
    for numbers, sentence in (
        (np.arange(1000) * 7, "does not count up"),
        (np.r_[np.arange(500), np.arange(100, 600)], "goes back from 499 to 100 at sample 500"),
        (np.arange(1000) + (1 << 60), "beyond any clock"),
        (np.arange(999), "numbers 999 samples"),
    ):
        with pytest.raises(RecordingError, match=sentence):
            runs_of_numbers(numbers, path, 1000, path)


def test_what_is_no_list_of_whole_numbers_is_refused(tmp_path):
    path = tmp_path / "n.npy"
    np.save(path, np.zeros((3, 3)))
    with pytest.raises(RecordingError, match="float64 in 2 dimensions"):
        read_npy(path)
    path.write_bytes(b"text")
    with pytest.raises(RecordingError, match="no array of sample numbers"):
        read_npy(path)


def test_a_file_of_numbers_that_is_cut_is_told(tmp_path):
    path = tmp_path / "n.npy"
    with pytest.raises(RecordingError, match="is not there any more"):
        read_npy(path)
    np.save(path, np.arange(1000))
    numbers = read_npy(path)
    assert len(numbers) == 1000
    assert numbers[17] == 17
    assert numbers[990:2000].tolist() == list(range(990, 1000))
    path.write_bytes(path.read_bytes()[:5000])
    # no map: a file that shrinks would end the process
    with pytest.raises(RecordingError, match="became shorter"):
        numbers[900]
    with pytest.raises(RecordingError, match="ends before the last of its 1000 numbers"):
        read_npy(path)
