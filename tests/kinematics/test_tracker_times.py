"""Times of frames from .nvt and .smi files that fit their video, or nearly."""

from pathlib import Path

import numpy as np
import pytest

from vigil.kinematics.tracker_times import times_of_captions, times_of_tracker
from vigil.neuralynx import Captions
from vigil.recording import RecordingError

N = 300
PATH = Path("VT1.smi")
# frames of an uneven camera at 29.97 Hz, a clock of microseconds
NOTED_US = np.round(
    5e8 + np.arange(N) * 1e6 / 29.97 + 400 * np.random.default_rng(0).standard_normal(N)
)
START_MS = np.floor(np.arange(N) * 1e3 / 29.97)


def captions(number):
    return Captions(START_MS[number], NOTED_US[number])


def test_one_record_a_frame_is_taken_in_order():
    assert times_of_tracker(NOTED_US, N, PATH).timestamp_us.tolist() == NOTED_US.tolist()
    noted = times_of_captions(captions(np.arange(N)), N, PATH)
    assert noted.timestamp_us.tolist() == NOTED_US.tolist()
    assert (noted.extra, noted.note) == (0, "")


def test_more_records_than_frames_leave_open_which():
    noted = times_of_tracker(NOTED_US, N - 2, Path("VT1.nvt"))
    assert noted.timestamp_us.tolist() == NOTED_US[:-2].tolist()
    assert noted.extra == 2
    assert "VT1.nvt has 2 more frames than its video" in noted.note
    assert "between 0 and 0.0667 s later" in noted.note


def test_captions_beyond_the_last_frame_are_left_out():
    noted = times_of_captions(captions(np.arange(N)), N - 3, PATH)
    assert noted.timestamp_us.tolist() == NOTED_US[:-3].tolist()
    assert noted.extra == 0
    assert "3 more captions" in noted.note


def test_as_many_captions_as_frames_that_their_own_times_contradict_are_told():
    # 50 frames without a caption, and 50 captions after the last frame
    kept = np.setdiff1d(np.arange(N), np.arange(100, 150))
    noted = times_of_captions(captions(kept), N - 50, PATH)
    assert noted.timestamp_us.tolist() == NOTED_US[kept].tolist()
    assert noted.extra == 50
    assert "leave out 50 frames" in noted.note
    assert "up to 1.67 s earlier" in noted.note
    # captions whose own times do not rise tell nothing
    still = Captions(np.zeros(N), NOTED_US)
    assert times_of_captions(still, N, PATH).extra == 0


@pytest.mark.parametrize("without", [[100, 101, 200], [0, 1], [0, 7]])
def test_frames_without_a_caption_lie_between_their_neighbours(without):
    noted = times_of_captions(captions(np.setdiff1d(np.arange(N), without)), N, PATH)
    assert np.abs(noted.timestamp_us - NOTED_US).max() < 3000
    kept = np.setdiff1d(np.arange(N), without)
    assert noted.timestamp_us[kept].tolist() == NOTED_US[kept].tolist()
    assert f"no caption for {len(without)} frames" in noted.note


@pytest.mark.parametrize(
    ("number", "n_frames"),
    [
        (np.arange(N), N - 40),  # more than a second of captions too many
        (np.arange(N - 40), N),  # the captions end early
        (np.setdiff1d(np.arange(N), [100]), N - 5),  # holes, and too many
        (np.setdiff1d(np.arange(N), np.arange(100, 150)), N),  # too many without
        (np.array([0]), 2),
    ],
)
def test_captions_of_another_video_are_refused(number, n_frames):
    with pytest.raises(RecordingError, match=rf"VT1.smi has {len(number)} frames"):
        times_of_captions(captions(number), n_frames, PATH)


@pytest.mark.parametrize("n_frames", [N + 1, N - 40])
def test_records_of_another_video_are_refused(n_frames):
    with pytest.raises(RecordingError, match=f"300 frames, the video {n_frames}"):
        times_of_tracker(NOTED_US, n_frames, PATH)
