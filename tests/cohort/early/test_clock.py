from datetime import datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest

from vigil.cohort.early.clock import APART_S, Recorded, join
from vigil.recording import RecordingError

START = datetime(2026, 3, 1, 22, 0, tzinfo=timezone(timedelta(hours=1)))


def recorded(name, start, minutes=120, onsets=(), feature="CA1.x", window_s=60.0):
    n = int(minutes * 60 / window_s)
    table = pd.DataFrame({"start_s": np.arange(n) * window_s, "duration_s": window_s,
                          "valid": True, "phase": "interictal", "state": "nrem",
                          feature: np.float32(1)})  # fmt: skip
    onsets = np.asarray(onsets, dtype=float)
    return Recorded(name, "a", start, table, onsets, onsets + 30)


def test_recordings_lie_by_their_starts_whatever_their_order():
    later = recorded("r2", START + timedelta(hours=3), onsets=[600.0])
    animal = join([later, recorded("r1", START, onsets=[60.0, 3000.0])])
    assert (np.diff(animal.time_s) > 0).all()
    assert animal.time_s[0] == 22 * 3600 + 60
    assert animal.clock_h[0] == pytest.approx(22 + 1 / 60)
    assert animal.clock_h[-1] == pytest.approx(3.0)
    assert list(animal.onsets_s - 22 * 3600) == [60.0, 3000.0, 3 * 3600 + 600.0]
    assert animal.recording == ("r1", "r1", "r2")
    assert animal.number == (1, 2, 1)
    assert set(animal.span) == {0}
    assert animal.notes == ()


def test_a_recording_without_a_start_stands_alone_and_that_is_said():
    animal = join([recorded("r0", None), recorded("r1", START), recorded("r2", None)])
    spans = [animal.span[0], animal.span[120], animal.span[240]]
    assert len(set(spans)) == 3
    assert np.isfinite(animal.clock_h[:120]).all()
    assert np.isnan(animal.clock_h[120:]).all()
    assert (np.diff(animal.time_s)[[119, 239]] > APART_S / 2).all()
    assert "2 of 3 recordings" in animal.notes[0]


def test_windows_that_two_recordings_share_count_once():
    animal = join([recorded("r1", START), recorded("r2", START + timedelta(hours=1))])
    assert len(animal.time_s) == 180
    assert (np.diff(animal.time_s) == 60).all()


def test_a_feature_that_a_recording_lacks_is_missing():
    other = recorded("r2", START + timedelta(hours=5), feature="CA1.y")
    animal = join([recorded("r1", START), other])
    assert animal.features == ("CA1.x", "CA1.y")
    assert np.isnan(animal.numbers[:120, 1]).all()
    assert np.isnan(animal.numbers[120:, 0]).all()


def test_windows_of_two_lengths_are_refused():
    with pytest.raises(RecordingError, match="30 s and those before it 60 s"):
        join([recorded("r1", START), recorded("r2", START + timedelta(days=1), window_s=30.0)])


def test_the_order_is_that_of_time_and_not_of_clocks_on_walls():
    # the night in which the clock goes back: 02:10 comes before 02:05
    summer, winter = timezone(timedelta(hours=2)), timezone(timedelta(hours=1))
    before = recorded("r1", datetime(2026, 10, 25, 2, 10, tzinfo=summer), 50, onsets=[600.0])
    after = recorded("r2", datetime(2026, 10, 25, 2, 5, tzinfo=winter), 60, onsets=[600.0])
    animal = join([after, before])
    assert animal.recording == ("r1", "r2")
    assert len(animal.time_s) == 110
    assert np.diff(animal.onsets_s) == pytest.approx(55 * 60)
    assert animal.clock_h[50] == pytest.approx(2 + 6 / 60)


def test_starts_with_and_without_a_zone_lie_on_one_clock():
    summer, winter = timezone(timedelta(hours=2)), timezone(timedelta(hours=1))
    starts = (datetime(2026, 10, 24, 12, 0), datetime(2026, 10, 24, 18, 0, tzinfo=summer),
              datetime(2026, 10, 25, 18, 0, tzinfo=winter))  # fmt: skip
    some = [recorded(f"r{k}", start, onsets=[600.0]) for k, start in enumerate(starts)]
    animal = join(some[::-1])
    assert animal.recording == ("r0", "r1", "r2")
    assert list(np.diff(animal.onsets_s) / 3600) == [6, 25]
