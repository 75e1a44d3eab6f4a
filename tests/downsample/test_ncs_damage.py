"""Timestamps that cannot be true."""

import numpy as np
import pytest

from vigil.downsample.ncs_damage import check_stamps
from vigil.downsample.ncs_layout import scan_stretches
from vigil.recording import RecordingError

STEP_US = 16_000.0  # 512 samples at 32 kHz


def check(timestamp_us):
    times = np.asarray(timestamp_us, dtype=np.float64)
    check_stamps(scan_stretches(times, np.full(len(times), 512), 32000.0), 32000.0, "a.ncs")


def clock(n, start_us=1e9):
    return start_us + STEP_US * np.arange(n)


@pytest.mark.parametrize("jump_us", [-9e8, -20_000.0, 20_000.0, 1e9, 1e15])
@pytest.mark.parametrize(("first", "n"), [(1, 1), (50, 1), (50, 4), (97, 1), (96, 3)])
def test_a_few_records_that_jump_away_and_come_back_are_damage(first, n, jump_us):
    times = clock(100)
    times[first : first + n] += jump_us
    if jump_us < 0 or first + n < 100:
        with pytest.raises(
            RecordingError, match=f"record {first} of a.ncs .byte {16384 + 1044 * first}"
        ):
            check(times)


@pytest.mark.parametrize(("record", "jump_us"), [(0, 1e8), (99, -1e8)])
def test_the_ends_of_a_file_can_be_damaged_too(record, jump_us):
    times = clock(100)
    times[record] += jump_us
    with pytest.raises(RecordingError, match=f"record {record} of a.ncs .*is damaged"):
        check(times)


def test_several_damaged_records_next_to_a_pause():
    times = np.concatenate([clock(50), clock(50, 3e9)])
    times[49:51] = 5e12, 7
    with pytest.raises(RecordingError, match=r"record (49|50) of a.ncs .*is damaged"):
        check(times)


def test_a_clock_that_was_reset_is_no_damage():
    check(np.concatenate([clock(5), clock(5, 7.0)]))
    check(np.concatenate([clock(50), clock(60, 7.0), clock(9, 0.0)]))
    # less than what timestamps wander
    times = clock(20)
    times[7] += 1500
    check(times)


def test_pauses_beyond_any_recording_are_refused():
    check(np.concatenate([clock(9), clock(9, 1e9 + 29 * 86400e6)]))
    with pytest.raises(RecordingError, match=r"record 9 of a.ncs .byte 25780. is 31 days after"):
        check(np.concatenate([clock(9), clock(9, 1e9 + 31 * 86400e6)]))
