from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vigil.cohort.early.calibrate import Training, together
from vigil.cohort.early.case import case
from vigil.cohort.early.clock import APART_S, join
from vigil.cohort.early.study import other_animals, own_past

FEATURES = ["CA1.log_line_length", "CA1.spikes_per_min", "M1.log_power_delta"]


def case_of(recordings, quick):
    return case(join(recordings), FEATURES, quick, np.random.default_rng(1))


@pytest.fixture
def animals(made):
    return [made.animal(120, name, days=3, seizures=10) for name in "abc"]


def test_the_threshold_for_other_animals_knows_nothing_of_the_animal_tested(animals, quick):
    cases = [case_of(r, quick) for r in animals]
    usual = [t.warnings for t in other_animals(cases, quick)[0]]
    # scores that lie elsewhere: a threshold of their own would keep the time in warning at 10 %
    first = cases[0]
    loud = replace(first, stretches=replace(first.stretches, x=first.stretches.x + 1000))
    tested = [t.warnings for t in other_animals([loud, *cases[1:]], quick)[0]]
    shares = [t["warned_h"].sum() / t["interictal_h"].sum() for t in tested]
    assert all(s < 0.01 or s > 0.9 for s in shares)
    assert all(0 <= t["warned_h"].sum() / t["interictal_h"].sum() < 0.5 for t in usual)


def test_training_parts_lie_far_apart():
    one = Training(np.zeros(3), np.ones(3, bool), np.ones(3, bool), np.array([60.0, 120, 180]))
    two = Training(np.ones(2), np.ones(2, bool), np.zeros(2, bool), np.array([0.0, 60]))
    none = Training(np.zeros(0), np.zeros(0, bool), np.zeros(0, bool), np.zeros(0))
    both = together([one, none, two])
    assert list(both.scores) == [0, 0, 0, 1, 1]
    assert list(both.quiet) == [True] * 3 + [False] * 2
    assert list(np.diff(both.time_s)) == [60, 60, APART_S, 60]


def test_windows_that_are_not_valid_after_death_change_nothing(animals, quick):
    last = animals[0][-1]
    n = 600
    dead = pd.concat([last.windows.iloc[-1:]] * n, ignore_index=True)
    dead["start_s"] = last.windows["start_s"].iloc[-1] + 60.0 * np.arange(1, n + 1)
    dead = dead.assign(valid=False, state="unclassified", **dict.fromkeys(FEATURES, np.float32(99)))
    longer = replace(last, windows=pd.concat([last.windows, dead], ignore_index=True))
    alive, died = case_of(animals[0], quick), case_of([*animals[0][:-1], longer], quick)
    assert len(died.animal.time_s) == len(alive.animal.time_s) + n
    assert died.animal.valid[died.controls.ends].all()
    assert not died.between[-n:].any()
    assert not died.stretches.usable[-n:].any()
    np.testing.assert_array_equal(alive.controls.ends, died.controls.ends)
    others = [case_of(r, quick) for r in animals[1:]]
    ways = (
        (own_past(alive, quick), own_past(died, quick)),
        *zip(other_animals([alive, *others], quick), other_animals([died, *others], quick),
             strict=True),
    )  # fmt: skip
    for one, other in ways:
        assert len(one) == len(quick.lead_min)
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a.area, b.area)
            pd.testing.assert_frame_equal(a.warnings, b.warnings)
