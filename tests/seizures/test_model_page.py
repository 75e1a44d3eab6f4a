import numpy as np
import pandas as pd
import pytest

from vigil.seizures.trained.comparison import ALWAYS_ON, COLUMNS, THRESHOLDS, XGBOOST
from vigil.seizures.trained.page import write_model_page

NAN = float("nan")


def score(value, **ends):
    return {"value": value, **ends}


@pytest.fixture
def comparison():
    rows = [
        (fold, detector, 6, 40.0, sensitivity, 0.9, 0.9, 0.5, onset, 0.8)
        for fold in ("m1", "m2", "all")
        for detector, sensitivity, onset in (
            (THRESHOLDS, 0.7, 1.5),
            (XGBOOST, 0.95, 0.7),
            (ALWAYS_ON, 1.0, 4000.0),
        )
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table.loc[0, "precision"] = np.nan  # nothing was found there
    return table


@pytest.fixture
def card():
    scores = {
        "sensitivity": score(0.95, low=0.75, high=1.0),
        "precision": score(0.9, low=0.7, high=0.98),
        "f1": score(0.92),
        "fp_per_day": score(0.5, low=0.1, high=1.6),
        "onset_error_s": score(None),
        "overlap": score(0.8),
    }
    bins = [
        {"low": 0.0, "high": 0.1, "steps": 9000, "mean_probability": 0.01, "observed_share": 0.02},
        {"low": 0.9, "high": 1.0, "steps": 300, "mean_probability": 0.95, "observed_share": 0.9},
    ]
    stage = {"bins": bins, "brier": 0.004}
    return {
        "chosen": XGBOOST,
        "beats_thresholds": True,
        "rule": "The rule.",
        "decoding_rule": "And how.",
        "folds": "animals",
        "n_folds": 2,
        "animals": ["m1", "m2"],
        "recordings": ["r1", "r2"],
        "left_out": {"r3": "it <could> not be analysed"},
        "seizures": 12,
        "animals_with_seizures": 2,
        "seizure_s": {"shortest": 12.0, "median": 30.0, "longest": 61.0},
        "background_hours": 79.5,
        "predictors": {"count": 250, "context_s": [2, 10, 30], "strongest": ["low_z.q75", "slope"]},
        "decoding": {"enter": 0.5, "keep": 0.2, "min_duration_s": 5.0, "merge_s": 5.0},
        "scores": dict.fromkeys((XGBOOST, THRESHOLDS, ALWAYS_ON), scores),
        "interval": "95 %.",
        "reliability": {
            "share": 0.01,
            "brier_of_share": 0.01,
            "before": stage,
            "after": stage,
        },
        "not_for": ["Diagnosis"],
        "trained": "2026-02-03",
    }


def write(tmp_path, card, comparison):
    write_model_page(tmp_path / "figures", tmp_path / "index.html", card, comparison, 60)
    return (tmp_path / "index.html").read_text()


def test_the_page_says_what_is_known(tmp_path, card, comparison):
    page = write(tmp_path, card, comparison)
    assert "trained on 3 February 2026 from 12 labelled seizures and 79.5 h of background" in page
    assert "it finds 95 % (75 to 100) of the seizures, with 0.5 (0.1 to 1.6) false alarms" in page
    assert "<li>Diagnosis.</li>" in page
    assert "it &lt;could&gt; not be analysed" in page
    assert "The trained detector is used for all recordings." in page
    assert page.count("Always on") >= 2
    assert "nan" not in page.split("data:")[0]
    for name in ("comparison", "reliability"):
        assert (tmp_path / "figures" / f"{name}.pdf").exists()
    assert page.count("<figure") == 2


def test_it_says_so_where_the_labels_bring_nothing(tmp_path, card, comparison):
    card |= {"beats_thresholds": False, "chosen": THRESHOLDS, "folds": "blocks", "left_out": {}}
    card["reliability"]["after"] = {"bins": [], "brier": None}
    page = write(tmp_path, card, comparison)
    assert "so the detector without labels stays in use" in page
    assert "blocks of time that the models had not seen" in page
    assert "not learnt from</b>" not in page
    assert page.count("<figure") == 1
