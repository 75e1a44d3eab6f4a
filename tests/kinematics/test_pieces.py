"""Videos of several files whose camera clocks begin anew."""

import numpy as np
import pytest

from vigil.kinematics.clock import clock_from_pulses
from vigil.kinematics.pieces import join_pieces, restarts

N, FPS = 6000, 30.0
CUTS = [1500, 4000]


def files(kept, jitter_s=0.0, seed=0):
    """Frames of three files, each from 0 on; their first rows; pulses and times of all."""
    exposed_s = np.arange(N) / FPS + jitter_s * np.random.default_rng(seed).standard_normal(N)
    true_s = 1.5 + exposed_s * (1 - 180e-6)
    kept = np.asarray(kept)
    first = [0, *(int(np.searchsorted(kept, c)) for c in CUTS)]
    camera_s = np.concatenate(
        [exposed_s[k] - exposed_s[k[0]] for k in np.split(kept, first[1:]) if len(k)]
    )
    return camera_s, first, true_s, true_s[kept]


def test_only_a_clock_that_goes_back_is_another_one():
    assert restarts(np.array([0.0, 1, 2, 3]), [0, 2]) == []
    assert restarts(np.array([0.0, 1, 0, 3, 2]), [0, 2, 4]) == [2, 4]


def test_files_that_follow_each_other_have_the_pulses_in_order():
    kept = np.setdiff1d(np.arange(N), [700, 701, 5000])
    camera_s, first, pulse_s, true_s = files(kept)
    clock = clock_from_pulses(camera_s, pulse_s, first)
    assert clock.ambiguous_frames == 0
    assert clock.notes == ()
    assert clock.dropped_frames == 3
    assert clock.drift_ppm == pytest.approx(-180, abs=0.1)
    assert clock.offset_s == pytest.approx(1.5, abs=1e-4)
    assert np.abs(clock.time_s - true_s).max() < 1e-6


def test_frames_lost_between_files_are_ambiguous_without_jitter():
    kept = np.setdiff1d(np.arange(N), [1500, 1501, 4000])
    camera_s, first, pulse_s, true_s = files(kept)
    clock = clock_from_pulses(camera_s, pulse_s, first)
    assert clock.ambiguous_frames == 3
    assert "3 files" in clock.notes[0]
    assert np.abs(clock.time_s - true_s).max() < 3.01 / FPS


def test_uneven_exposures_place_each_file():
    kept = np.setdiff1d(np.arange(N), [1500, 1501, 4000])
    camera_s, first, pulse_s, true_s = files(kept, 30e-6)
    clock = clock_from_pulses(camera_s, pulse_s, first)
    assert clock.ambiguous_frames == 0
    assert clock.exposure.tolist() == kept.tolist()
    # what lies between two files was not filmed
    assert clock.dropped_frames == 0
    assert np.abs(clock.time_s - true_s).max() < 1e-3


def test_a_camera_that_pauses_between_files_is_found_by_its_pauses():
    kept = np.setdiff1d(np.arange(N), np.r_[1500:1577, 4000:4033])
    camera_s, first, pulse_s, true_s = files(kept)
    clock = clock_from_pulses(camera_s, pulse_s[kept], first)
    assert clock.ambiguous_frames == 0
    assert np.abs(clock.time_s - true_s).max() < 1e-6


def test_a_file_that_shows_nothing_lies_between_its_neighbours():
    # the second file is as long as the room that the others leave, save two frames at its end
    kept = np.setdiff1d(np.arange(N), [3998, 3999])
    camera_s, first, pulse_s, _ = files(kept, 30e-6)
    camera_s[first[1] : first[2]] = np.arange(first[2] - first[1]) / FPS
    pieces = join_pieces(camera_s, first[1:], pulse_s)
    assert pieces.slack == 2
    assert pieces.frame[first].tolist() == [0, 1500, 4000]


def test_every_file_is_within_one_frame_or_the_doubt_is_told():
    told = {True: [], False: []}
    for seed in range(300):
        rng = np.random.default_rng(seed)
        lost = rng.choice(np.arange(1, N - 1), int(rng.integers(0, 40)), replace=False)
        for cut in CUTS:
            lost = np.union1d(lost, np.arange(cut, cut + rng.integers(0, 5)))
        jitter_s = float(rng.choice([0, 20e-6]))
        kept = np.setdiff1d(np.arange(N), lost)
        camera_s, first, pulse_s, true_s = files(kept, jitter_s, seed)
        pulse_s = np.delete(pulse_s, np.s_[: rng.choice([0, rng.integers(1, 400)])])
        clock = clock_from_pulses(np.round(camera_s, 6), np.ceil(pulse_s * 32e3) / 32e3, first)
        told[jitter_s > 0].append(clock.ambiguous_frames > 0)
        # without jitter as many pulses missed at the start as frames lost look faultless
        if not clock.ambiguous_frames and (jitter_s or len(pulse_s) == N):
            assert np.abs(clock.time_s - true_s).max() < 1 / FPS, seed
    assert np.mean(told[True]) < 0.02
    assert 0.5 < np.mean(told[False]) < 1
