import numpy as np
import pandas as pd
import pytest

from vigil.cohort.early import study
from vigil.cohort.early.curve import COHORT, curve, judged
from vigil.cohort.early.resample import mean, ratio, resamples
from vigil.cohort.early.settings import EarlySettings
from vigil.cohort.early.study import OTHERS, OWN

SETTINGS = EarlySettings(lead_min=(1, 10), n_surrogates=99, n_bootstrap=400, alpha=0.05)


def way_of(rng, n, shift):
    """Two lead times: at the first the real onsets score higher."""
    warnings = pd.DataFrame({"told": [1.0] * (n // 2) + [0.0] * (n - n // 2), "interictal_h": 5.0,
                             "warned_h": 0.5, "false_alarms": 2.0, "brier": 0.5,
                             "brier_base": 1.0, "forecasts": 60.0})  # fmt: skip
    found = []
    for up in (shift, 0.0):
        area = rng.uniform(0, 1, (100, n))
        area[0] = np.clip(area[0] + up, 0, 1)
        found.append(study.Tested(area, area[0], warnings))
    return found


def test_measures_and_what_is_better():
    rng = np.random.default_rng(1)
    ways = {OWN: [way_of(rng, 10, 0.6), []], OTHERS: [[], []]}
    (table,) = judged([curve("a", ways, SETTINGS, rng)], SETTINGS)
    assert list(table["split"]) == [OWN, OWN]
    assert list(table["better"]) == [True, False]
    first = table.iloc[0]
    assert first["p"] == 0.01
    assert (first["told"], first["seizures"], first["animals"]) == (5, 10, 1)
    assert first["sensitivity"] == 0.5
    assert first["sensitivity_low"] < 0.5 < first["sensitivity_high"]
    assert first["time_in_warning"] == pytest.approx(0.1)
    assert first["false_alarms_per_h"] == pytest.approx(0.4)
    assert first["brier_skill"] == pytest.approx(0.5)
    assert first["chance_low"] < 0.5 < first["chance_high"] < first["auc"]


def test_worse_than_chance_is_not_better():
    rng = np.random.default_rng(2)
    ways = {OWN: [way_of(rng, 10, -0.6)], OTHERS: [[]]}
    (table,) = judged([curve("a", ways, SETTINGS, rng)], SETTINGS)
    assert not table["better"].any()


def test_animals_are_what_the_cohort_resamples():
    rng = np.random.default_rng(3)
    # all that differs lies between animals
    area = [np.full((100, 20), value) for value in (0.2, 0.9, 0.5)]
    warnings = way_of(rng, 20, 0)[0].warnings
    parts = [[study.Tested(a, a[0], warnings)] * 2 for a in area]
    table, _ = curve(COHORT, {OWN: parts, OTHERS: [[]]}, SETTINGS, rng)
    assert table["auc_low"].iloc[0] == pytest.approx(0.2, abs=0.05)
    assert table["auc_high"].iloc[0] == pytest.approx(0.9, abs=0.05)
    assert table["animals"].iloc[0] == 3


def test_resamples_keep_their_sizes():
    counts = resamples([3, 5], 2000, np.random.default_rng(4))
    assert counts.shape == (2000, 8)
    assert set(counts[:, :3].sum(axis=1)) == {0, 3, 6}
    assert counts.mean(axis=0) == pytest.approx(1, abs=0.1)


def test_what_is_missing_is_left_out():
    assert mean(np.array([[1.0, np.nan, 3.0]])) == [2.0]
    assert np.isnan(mean(np.array([[np.nan]]))).all()
    assert np.isnan(ratio(1.0, 0.0))


def test_few_tested_seizures_are_never_better():
    rng = np.random.default_rng(5)
    ways = {OWN: [way_of(rng, 4, 0.9)], OTHERS: [[]]}
    (table,) = judged([curve("a", ways, SETTINGS, rng)], SETTINGS)
    assert table["p"].iloc[0] <= 0.05
    assert not table["better"].any()
