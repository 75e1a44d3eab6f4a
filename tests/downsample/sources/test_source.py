"""The words that all readers share."""

from pathlib import Path

import pytest

from vigil.downsample.sources.source import (
    checked_rate_hz,
    checked_scale_uv,
    microvolts_per,
    natural_order,
    path_order,
    some_of,
    unique_names,
)
from vigil.recording import RecordingError


def test_numbers_in_names_count():
    assert sorted(["b2", "a10", "A9", "a"], key=natural_order) == ["a", "A9", "a10", "b2"]
    paths = [Path("x10/a.edf"), Path("x2/b.edf"), Path("x2/a.edf")]
    assert sorted(paths, key=path_order) == paths[::-1]


def test_names_and_digits_in_the_same_place_can_be_sorted():
    assert sorted(["2a", "a2", "-1"], key=natural_order)[0] == "2a"


def test_a_few_names_and_how_many_more():
    assert some_of(["a", "b"]) == "a, b"
    assert some_of(list("abcdef")) == "a, b, c, d and 2 more"


def test_names_that_are_twice_give_way_to_the_others():
    assert unique_names(["a", "b"], ["1", "2"]) == ("a", "b")
    assert unique_names(["a", "a"], ["1", "2"]) == ("1", "2")
    assert unique_names(["a", ""], ["1", "2"]) == ("1", "2")
    assert unique_names(["a", ""], ["x", "x"]) == ("1-x", "2-x")


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("µV", 1), ("uV ", 1), ("mV", 1e3), ("V", 1e6), ("nV", 1e-3), ("degC", None)],
)
def test_units(unit, factor):
    assert microvolts_per(unit) == factor


@pytest.mark.parametrize("rate", [0.0, -5.0, float("nan"), float("inf"), 1e12])
def test_impossible_rates_are_refused(rate):
    with pytest.raises(RecordingError, match=r"sampling rate"):
        checked_rate_hz(rate, Path("a.edf"), "samples")


@pytest.mark.parametrize("scale", [0.0, float("nan"), float("-inf"), 1e20])
def test_impossible_scales_are_refused(scale):
    with pytest.raises(RecordingError, match=r"no valid scale for channel C1"):
        checked_scale_uv(scale, Path("a.edf"), "C1", "gain")
