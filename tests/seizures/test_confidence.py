from dataclasses import replace

import numpy as np
import pytest

from vigil.seizures.onset.confidence import TERMS, WEIGHTS, Support, calibrated, terms

USUAL = Support(bootstrap=0.8, gap_s=0.5, agreement=0.5, contrast_z=4.0, lead_s=0.0)


def test_the_terms_of_a_plain_case():
    got = dict(zip(TERMS, terms(USUAL), strict=True))
    assert got["one"] == 1.0
    assert got["bootstrap"] == pytest.approx(np.log(4.0) / 4.0)
    assert got["gap"] == pytest.approx(1 / 3)  # one doubling of a step
    assert got["contrast"] == pytest.approx(0.5)
    assert got["lead"] == 0.0
    assert len(WEIGHTS) == len(TERMS)


@pytest.mark.parametrize(
    ("what", "more"),
    [("bootstrap", 0.95), ("gap_s", 2.0), ("agreement", 1.0), ("contrast_z", 12.0)],
)
def test_what_speaks_for_a_region_raises_its_chance(what, more):
    assert calibrated(replace(USUAL, **{what: more})) > calibrated(USUAL)


def test_an_onset_long_before_the_event_is_less_sure():
    assert calibrated(replace(USUAL, lead_s=2.9)) == calibrated(USUAL)
    assert calibrated(replace(USUAL, lead_s=9.0)) < calibrated(USUAL)


def test_the_chance_stays_between_nothing_and_certainty():
    least = Support(0.0, 0.0, 0.0, 0.0, 60.0)
    most = Support(1.0, float("inf"), 1.0, 1e6, -30.0)
    assert 0.0 < calibrated(least) < 0.05
    assert 0.95 < calibrated(most) < 1.0
