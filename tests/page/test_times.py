from datetime import UTC, datetime, timedelta, timezone

import pytest

from vigil.page.times import TimeAxis, dark_spans, date_words, lights_on_h, zeitgeber_h
from vigil.recording import parse_time, seconds_between

CET = timezone(timedelta(hours=1))
START = datetime(2026, 3, 2, 9, 30, tzinfo=CET)


def test_zeitgeber_zero_is_lights_on():
    assert zeitgeber_h(START, 9.5, 0) == 0
    assert zeitgeber_h(START, 7.0, 0) == pytest.approx(2.5)
    assert zeitgeber_h(START, 10.0, 0) == pytest.approx(23.5)
    assert zeitgeber_h(START, 7.0, 86400) == pytest.approx(2.5)


def test_darkness_of_a_day_that_starts_in_the_light():
    # lights 07:00 to 19:00, start 09:30: dark from 9.5 h to 21.5 h
    assert dark_spans(START, 7.0, 12, 86400) == [(9.5 * 3600, 21.5 * 3600)]


def test_darkness_that_was_there_before_the_start():
    night = datetime(2026, 3, 2, 22, 0, tzinfo=CET)
    assert dark_spans(night, 7.0, 12, 86400) == [(0.0, 9 * 3600.0), (21 * 3600.0, 86400)]


def test_darkness_adds_up_to_half_of_ten_days():
    spans = dark_spans(START, 7.0, 12, 10 * 86400)
    assert sum(b - a for a, b in spans) == pytest.approx(5 * 86400)


def test_constant_light_has_no_darkness():
    assert dark_spans(START, 7.0, 24, 86400) == []


def test_a_date_is_never_without_its_zone():
    assert date_words(START) == "2 March 2026, 09:30:00 UTC+01:00"
    assert date_words(START.astimezone(UTC)) == "2 March 2026, 08:30:00 UTC+00:00"
    assert date_words(START.replace(tzinfo=None)).endswith("(time zone not given)")
    assert date_words(None) == ""


@pytest.mark.parametrize("text", [None, "", "yesterday"])
def test_what_is_no_date_is_none(text):
    assert parse_time(text) is None


def test_lights_on_as_hours():
    assert lights_on_h("07:30") == 7.5
    assert lights_on_h("") is None
    assert lights_on_h("dawn") is None


def test_seconds_between_zones_and_without_one():
    assert seconds_between(START, START.astimezone(UTC) + timedelta(seconds=5)) == 5
    assert seconds_between(START.replace(tzinfo=None), START + timedelta(seconds=5)) == 5


@pytest.mark.parametrize("span_s", [3, 60, 480, 3600, 10_000, 86400, 7 * 86400, 60 * 86400])
def test_ticks_are_few_and_round(span_s):
    axis = TimeAxis(0, span_s)
    assert 2 <= span_s / axis.step_s <= 12
    assert axis.unit[0] == ("s" if span_s <= 180 else "min" if span_s <= 10800 else "h")
