import base64
import io
import re

import numpy as np
import pandas as pd
import pytest

from vigil.sleep.agreement import agreement, confusion
from vigil.sleep.page import write_model_page

STATES = np.array(["wake", "nrem", "rem"])
NASTY = '<img src=x onerror="alert(1)">'
FIGURES = ("comparison", "confusion", "coverage", "reliability", "drivers", "dropout")


def tables(n_states, regions, animals):
    """What training leaves, made up: every tenth epoch is wrong, and sure of it."""
    rng = np.random.default_rng(2)
    parts, rows = [], []
    for animal in animals:
        y = np.repeat(rng.integers(0, n_states, 60), 5)
        score = np.where(np.arange(300) % 10 == 9, (y + 1) % n_states, y)
        p = 0.05 + 0.85 * np.eye(3)[score]
        part = pd.DataFrame({"recording": f"{animal}_1", "animal": animal, "fold": animal,
                             "start_s": 4.0 * np.arange(300), "label": STATES[y],
                             "state": STATES[score]})  # fmt: skip
        for i, s in enumerate(STATES):
            part[f"p_{s}"] = part[f"raw_{s}"] = p[:, i]
        parts.append(part)
        rows += [{"left_out": animal, "scorer": s, **agreement(STATES[y], STATES[score])}
                 for s in ("threshold", "xgboost")]  # fmt: skip
    held_out = pd.concat(parts, ignore_index=True)
    label, state = held_out["label"].to_numpy(str), held_out["state"].to_numpy(str)
    rows += [{"left_out": "all", "scorer": s, **agreement(label, state)}
             for s in ("threshold", "xgboost")]  # fmt: skip
    shap = pd.DataFrame(
        [(s, f"{r}.theta_delta@-2", "theta_delta", r, -2, 1.0, 1.0)
         for s in STATES[:n_states] for r in regions],
        columns=["state", "predictor", "feature", "region", "context", "mean_abs_shap",
                 "direction"],
    )  # fmt: skip
    missing = ["nothing", *(regions if len(regions) > 1 else [])]
    dropout = pd.DataFrame([{"missing": m, **agreement(label, state)} for m in missing])
    return pd.DataFrame(rows), confusion(label, state), held_out, shap, dropout


def card(**other):
    score = {"value": 0.9, "low": 0.85, "high": 0.95}
    measures = ("kappa", "accuracy", "wake_f1", "nrem_f1", "rem_f1")
    return {
        "chosen": "xgboost",
        "rule": "The highest kappa",
        "folds": "animals",
        "animals": ["a", "b"],
        "recordings": ["a_1", "b_1"],
        "left_out": {},
        "labelled_hours": 2 / 3,
        "hours_of_state": {"wake": 0.3, "nrem": 0.3, "rem": 0.06},
        "features": {"count": 10, "regions": ["CA1", "S1"], "emg": False, "camera": False},
        "context_epochs": [2, 5],
        "scores": dict.fromkeys(measures, score),
        "interval": "95 % of resampled animals",
        "beats_thresholds": True,
        "threshold_kappa": 0.8,
        "not_for": ["Other species"],
        "trained": "2026-11-23T03:00:00+00:00",
    } | other


def write(folder, found, **other):
    write_model_page(folder / "figures", folder / "index.html", card(**other), *found, 50)
    return (folder / "index.html").read_text()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    found = tables(3, ["CA1", "S1"], ["a", "b"])
    text = write(folder, found, left_out={"c_1": f"{NASTY} is no state"})
    return folder, text, found


def plain(text):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))


def test_the_page_needs_no_network_and_its_figures_are_beside_it(page):
    folder, text, _ = page
    addresses = re.findall(r'(?:src|href)="([^"]*)"', text)
    outside = {a for a in addresses if not a.startswith("data:")}
    assert outside == {f"figures/{n}.{e}" for n in FIGURES for e in ("png", "pdf")}
    assert all((folder / a).stat().st_size > 1000 for a in outside)
    assert len(text.encode()) < 3e6


def test_the_opening_says_what_it_is_and_the_limits_stand_before_the_scores(page):
    text = plain(page[1])
    assert (
        "XGBoost, trained on 23 November 2026 from 0.667 labelled hours of 2 animals in "
        "2 recordings. On animals that the model had not seen, it agrees with the labels with a "
        "kappa of 0.900 (0.850 to 0.950). The scorer that needs no labels reaches 0.800 there."
    ) in text
    assert text.index("Other species.") < text.index("How well it agrees")
    assert text.index("c_1:") < text.index("How well it agrees")
    assert "Labels 0.667 h: Wake 0.3 h, NREM 0.3 h, REM 0.06 h" in text


def test_what_others_wrote_stays_text(page):
    assert NASTY not in page[1]
    assert "onerror=&#34;alert(1)&#34;" in page[1]


def test_tables_can_be_taken_along(page):
    _, text, (comparison, _, held_out, shap, _) = page
    links = dict(re.findall(r'download="(\w+)\.csv" href="data:text/csv;base64,([^"]*)"', text))
    read = {k: pd.read_csv(io.BytesIO(base64.b64decode(v))) for k, v in links.items()}
    assert len(read["comparison"]) == len(comparison) == 6
    assert read["comparison"]["kappa"].to_numpy() == pytest.approx(comparison["kappa"], rel=1e-5)
    assert len(read["importance"]) == len(shap)
    assert set(read["shares"]["recording"]) == set(held_out["recording"])
    assert set(read) == {
        "comparison", "shares", "bouts", "coverage", "reliability", "importance", "dropout",
    }  # fmt: skip


def test_scores_on_the_page_are_those_of_the_tables(page):
    text = plain(page[1])
    assert "100.0 % of the labelled epochs are classified, and 90.0 % of these are right." in text


def test_one_animal_without_rem_and_with_one_region(tmp_path):
    nothing = {"value": float("nan"), "low": None, "high": None}
    score = {"value": 0.8, "low": 0.7, "high": 0.9}
    known = dict.fromkeys(("kappa", "accuracy", "wake_f1", "nrem_f1"), score)
    text = write(
        tmp_path,
        tables(2, ["CA1"], ["a"]),
        folds="blocks",
        animals=["a"],
        recordings=["a_1"],
        hours_of_state={"wake": 0.2, "nrem": 0.13, "rem": 0.0},
        features={"count": 5, "regions": ["CA1"], "emg": False, "camera": False},
        scores=known | {"rem_f1": nothing},
        threshold_kappa=float("nan"),
    )
    words = plain(text)
    assert "On blocks of time of the same animal that the model had not seen" in words
    assert "The scorer that needs no labels" not in words
    assert "REM: no labels." in words
    assert "F1 of REM – – –" in words
    assert "What it can do without" not in words
    assert "nan" not in words.lower()
    made = {p.stem for p in (tmp_path / "figures").iterdir()}
    assert made == set(FIGURES) - {"dropout"}
