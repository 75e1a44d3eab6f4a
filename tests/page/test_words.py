import math

import numpy as np
import pytest

from vigil.page.words import (
    count_words,
    duration_words,
    list_words,
    number,
    percent,
    sentence,
    size_words,
)


@pytest.mark.parametrize(
    ("seconds", "words"), [(12.34, "12.3 s"), (480, "8.0 min"), (86400, "24.0 h")]
)
def test_durations(seconds, words):
    assert duration_words(seconds) == words


def test_counts_and_lists():
    assert count_words(0, "seizure") == "no seizures"
    assert count_words(1, "seizure") == "1 seizure"
    assert count_words(2, "mouse", "mice") == "2 mice"
    assert list_words([]) == ""
    assert list_words(["a"]) == "a"
    assert list_words(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize(
    ("value", "words"),
    [(math.nan, "–"), (None, "–"), ("", "–"), (3, "3"), (2.0, "2"), (0.12345, "0.123"),
     (np.float64(1.5), "1.5"), (True, "True"), ("text", "text"), (math.inf, "–")],
)  # fmt: skip
def test_numbers(value, words):
    assert number(value) == words


def test_percentages_sizes_sentences():
    assert percent(0.5) == "50 %"
    assert percent(0.034) == "3.4 %"
    assert percent(0) == "0 %"
    assert percent(math.nan) == "–"
    assert size_words(999) == "999 B"
    assert size_words(2_500_000) == "2.5 MB"
    assert sentence(" no stop ") == "no stop."
    assert sentence("a stop.") == "a stop."
