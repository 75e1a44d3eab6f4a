"""How far, how fast, how long still."""

from vigil.transfer.progress import Progress


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_rate_and_time_left(caplog):
    caplog.set_level("INFO")
    clock = Clock()
    progress = Progress(4_000_000_000, clock)
    progress.find(1_000_000_000)
    clock.now = 5.0
    progress.bring(500_000_000)
    assert caplog.text == ""
    clock.now = 10.0
    progress.bring(500_000_000)
    # 1 GB in 10 s; 2 GB are to be brought and 4 GB to be verified
    line = "2.00 of 4.00 GB brought, 0.00 GB verified, 100 MB/s, 60 s left"
    assert line in caplog.text
    progress.bring(2_000_000_000)
    clock.now = 20.0
    progress.verify(4_000_000_000)
    assert "4.00 of 4.00 GB brought, 4.00 GB verified, 150 MB/s, 0 s left" in caplog.text
    assert len(caplog.records) == 2


def test_nothing_to_do_is_no_division_by_nothing():
    assert "0 s left" in Progress(0, Clock()).line()


def test_what_is_read_once_more_counts():
    clock = Clock()
    progress = Progress(100_000_000, clock)
    progress.bring(100_000_000)
    progress.verify(100_000_000)
    progress.expect(100_000_000)
    clock.now = 10.0
    assert "5 s left" in progress.line()
    progress.reread(100_000_000)
    assert "0 s left" in progress.line()
