from dataclasses import replace

import numpy as np
import pytest

from vigil.seizures.measures import SATURATED
from vigil.seizures.trained.predictors import (
    columns,
    context_steps,
    empty,
    make_predictors,
    quantiles,
)

STEP_S = 0.5


def predictors(evidence):
    table = make_predictors(evidence, STEP_S, 2.0, 4.0)
    assert table.dtype == np.float32
    assert table.shape == (len(evidence.artefact), len(columns()))
    return dict(zip(columns(), table.T, strict=True))


def test_quantiles_are_those_of_numpy_without_the_missing():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 7)).astype(np.float32)
    x[rng.random(x.shape) < 0.3] = np.nan
    x[4] = np.nan
    x[5, 1:] = np.nan
    orders = (1.0, 0.9, 0.5, 0.25, 0.0)
    with pytest.warns(RuntimeWarning, match="All-NaN"):
        expected = np.nanquantile(x, orders, axis=1).T
    np.testing.assert_allclose(quantiles(x, orders), expected, rtol=1e-5)
    assert np.isnan(quantiles(np.zeros((3, 0), np.float32), orders)).all()


def test_each_channel_twice_changes_nothing(made_up):
    once = made_up.draw(1, 5, [("loud", 100, 130)], n_channels=8)
    fields = {
        name: np.repeat(value, 2, axis=1) for name, value in vars(once).items() if value.ndim == 2
    }
    a, b = predictors(once), predictors(replace(once, **fields))
    for name in columns():
        # quantiles between channels move a little, means and shares not at all
        same = "q90" in name or "q75" in name or "q25" in name
        np.testing.assert_allclose(a[name], b[name], atol=1.0 if same else 1e-4, err_msg=name)


def test_shares_and_flags(made_up):
    evidence = made_up.draw(1, 2, [])
    n, c = evidence.line_length_z.shape
    line = np.zeros((n, c), np.float32)
    line[10, :3] = 3.0
    line[11, :2] = 5.0
    line[12] = np.nan
    artefact = evidence.artefact.copy()
    artefact[20] = "movement"
    fault = np.zeros((n, c), np.uint8)
    fault[30, :3] = SATURATED
    quiet = replace(
        evidence,
        line_length_z=line,
        power_ratio_z=np.where(line == 3.0, np.float32(9), np.float32(0)),
        spikes_z=np.zeros_like(line),
        artefact=artefact,
        fault=fault,
    )
    p = predictors(quiet)
    assert p["share_keep"][10] == 0.5
    assert p["share_enter"][10] == 0.0
    assert p["share_speaking"][10] == 0.5  # 3 and half of what the ratio adds, at most 2
    assert p["share_enter"][11] == pytest.approx(1 / 3)
    assert np.isnan(p["share_keep"][12])
    assert np.isnan(p["line_length_z.q50"][12])
    assert p["is movement"][20] == 1.0
    assert p["is disturbed"].sum() == 1.0
    assert p["share_faulty"][30] == 0.5
    assert empty(make_predictors(quiet, STEP_S, 2.0, 4.0)).sum() == 1


def test_context_is_the_mean_before_and_after_and_the_slope_between(made_up):
    evidence = made_up.draw(1, 5, [])
    steps = np.arange(len(evidence.artefact), dtype=np.float32)
    ramp = replace(evidence, line_length_ln=np.repeat(0.01 * steps[:, None], 6, axis=1))
    p = predictors(ramp)
    x = 0.01 * steps
    name = "line_length_ln.q50"
    at = 300
    assert p[f"{name}@-2s"][at] == pytest.approx(x[at - 4 : at].mean(), rel=1e-5)
    assert p[f"{name}@+2s"][at] == pytest.approx(x[at + 1 : at + 5].mean(), rel=1e-5)
    assert p[f"{name}@-30s"][at] == pytest.approx(x[at - 60 : at].mean(), rel=1e-5)
    assert p["slope_10s"][at] == pytest.approx(0.01 * 21, rel=1e-4)
    assert np.isnan(p[f"{name}@-30s"][0])  # nothing lies before
    assert context_steps(STEP_S) == 60


def test_what_overflowed_is_large_and_what_is_missing_stays_missing(made_up):
    evidence = made_up.draw(1, 5, [])
    line = evidence.line_length_z.copy()
    line[100] = np.inf
    line[200:400] = np.nan
    p = predictors(replace(evidence, line_length_z=line, emg_rise=np.full(600, np.nan, "f4")))
    assert p["line_length_z.q50"][100] == 1000.0
    assert np.isfinite(p["line_length_z.q50@-30s"][101])
    assert np.isnan(p["line_length_z.q50@-30s"][300])
    assert np.isnan(p["emg_rise"]).all()
