"""One channel in several files."""

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from vigil.downsample.ncs_layout import Run
from vigil.downsample.sources.channel import common_rate_hz, join
from vigil.recording import RecordingError


def part(name, runs, rate_hz=1000.0, start=None):
    n = sum(r.n_samples for r in runs)
    x = np.arange(n, dtype=np.int16)
    return SimpleNamespace(
        path=Path(f"{name}.ncs"), channel="C", rate_hz=rate_hz, header_rate_hz=rate_hz,
        scale_uv=1.0, runs=runs, start=start, read=lambda a, b: x[a:b],
    )  # fmt: skip


def test_files_without_a_pause_become_one_run():
    files = [part("a", [Run(0.0, 0, 500)]), part("b", [Run(500_000.0, 0, 300)])]
    channel = join(files, "C", "C", 1000.0, (-5, 5))
    assert channel.runs == ((Run(0.0, 0, 800),),)
    assert channel.read(498, 502).tolist() == [498, 499, 0, 1]
    assert channel.read(10, 10).size == 0


def test_a_pause_between_files_is_a_gap():
    files = [part("a", [Run(0.0, 0, 500)]), part("b", [Run(900_000.0, 0, 300)])]
    runs = join(files, "C", "C", 1000.0, (-5, 5)).runs
    assert runs == ((Run(0.0, 0, 500), Run(900_000.0, 500, 300)),)


def test_a_clock_that_begins_anew_is_another_clock():
    noon = datetime(2026, 3, 1, 12)
    files = [
        part("a", [Run(7e6, 0, 500)], start=noon),
        part("b", [Run(1e6, 0, 300)], start=noon.replace(minute=5)),
    ]
    channel = join(files, "C", "C", 1000.0, (-5, 5))
    assert len(channel.runs) == 2
    assert channel.pause_s == (0.0, 300.0)


def test_what_two_files_hold_is_read_from_the_first():
    files = [part("a", [Run(0.0, 0, 800)]), part("b", [Run(500_000.0, 0, 700)])]
    channel = join(files, "C", "C", 1000.0, (-5, 5))
    assert channel.runs == ((Run(0.0, 0, 800), Run(800_000.0, 1100, 400)),)
    assert channel.n_samples == 1200
    assert channel.read(1100, 1102).tolist() == [300, 301]
    assert "b.ncs begins 0.300 s before the end" in channel.notes[0]


def test_years_between_two_files_are_refused():
    files = [part("a", [Run(0.0, 0, 800)]), part("b", [Run(1.7e15, 0, 700)])]
    with pytest.raises(RecordingError, match=r"b.ncs begins 19676 days after the end of the file"):
        join(files, "C", "C", 1000.0, (-5, 5))


def test_the_rate_is_that_of_the_longest_file():
    files = [
        part("a", [Run(0.0, 0, 500)], rate_hz=1000.0 * (1 + 1e-5)),
        part("b", [Run(0.0, 0, 50_000_000)], rate_hz=1000.001),
    ]
    assert common_rate_hz(files) == 1000.001


def test_rates_that_no_rounding_explains_are_refused():
    runs = [Run(0.0, 0, 50_000_000)]
    with pytest.raises(RecordingError, match=r"1000 Hz: a; 1001 Hz: b"):
        common_rate_hz([part("a", runs), part("b", runs, rate_hz=1001.0)])
