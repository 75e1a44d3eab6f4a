import logging

import pytest

from vigil.pose import progress
from vigil.pose.progress import Progress


def test_rate_and_time_left(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    caplog.set_level(logging.INFO, logger="vigil")
    counted = Progress(1000)
    for _ in range(4):
        now[0] += 4.0
        counted.add(100)
    # after 12 s for the first time, and not yet again
    assert caplog.messages == ["300 of 1000 frames, 25 frames/s, about 28 s left"]
    counted.say_done()
    assert caplog.messages[1:] == ["400 frames in 16.0 s, 25 frames/s"]
