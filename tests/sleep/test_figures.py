import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from vigil.page import style
from vigil.sleep.agreement import confusion
from vigil.sleep.figures.comparison import comparison_figure, lowest_shown, scorer_places
from vigil.sleep.figures.confusion import confusion_figure
from vigil.sleep.figures.coverage import coverage_figure
from vigil.sleep.figures.drivers import drivers_figure
from vigil.sleep.figures.dropout import dropout_figure
from vigil.sleep.figures.reliability import reliability_figure
from vigil.sleep.figures.words import captions, scorer_words, source_words

STATES = ("wake", "nrem", "rem")


@pytest.fixture
def comparison():
    kappas = {
        "threshold": (0.3, 0.4, 0.35),
        "logistic": (0.85, 0.91, 0.88),
        "xgboost": (0.9, 0.96, 0.93),
        "xgboost + hmm": (0.89, 0.95, 0.92),
    }
    rows = [
        (left_out, scorer, value, value - 0.1)
        for scorer, values in kappas.items()
        for left_out, value in zip(("a", "b", "all"), values, strict=True)
    ]
    return pd.DataFrame(rows, columns=["left_out", "scorer", "kappa", "rem_f1"])


@pytest.fixture
def held_out():
    rng = np.random.default_rng(5)
    y = rng.choice(2, 400)
    p = np.exp(rng.normal(size=(400, 3)) + 3 * np.eye(3)[y])
    p /= p.sum(axis=1, keepdims=True)
    table = pd.DataFrame({"label": np.array(STATES)[y], "fold": np.arange(400) // 200})
    for i, s in enumerate(STATES):
        table[f"p_{s}"] = table[f"raw_{s}"] = p[:, i]
    return table


def texts(axis):
    return [t.get_text() for t in axis.texts]


def drawn(figure):
    """The figure as the page would have it; what cannot be drawn fails here."""
    with style.figure_style():
        figure.canvas.draw()
    return figure


def test_every_scorer_has_a_dot_for_each_animal_and_a_diamond_for_all(comparison):
    kappa, rem = drawn(comparison_figure(comparison, "xgboost")).axes
    of = {m: [line for line in kappa.lines if line.get_marker() == m] for m in "oD<"}
    assert [len(line.get_xdata()) for line in of["o"]] == [0, 2, 2, 2]
    assert [float(x) for line in of["D"] for x in line.get_xdata()] == [0.88, 0.93, 0.92]
    assert len(of["<"]) == 1  # the thresholds lie left of the axis
    assert texts(kappa) == ["0.350", "0.880", "0.930", "0.920"]
    assert texts(rem) == ["0.250", "0.780", "0.830", "0.820"]
    weights = {t.get_text(): t.get_fontweight() for t in kappa.get_yticklabels()}
    assert weights["XGBoost"] == "bold"
    assert weights["XGBoost + HMM"] == "normal"


def test_families_of_learners_stand_apart():
    places = scorer_places(["threshold", "forest", "forest + hmm", "xgboost"])
    assert list(places.values()) == pytest.approx([0, -1.35, -2.35, -3.7])


def test_the_axis_holds_all_that_is_near_the_chosen_scorer(comparison):
    assert lowest_shown(comparison, "kappa", "xgboost") == 0.8
    comparison.loc[0, "kappa"] = 0.62
    assert lowest_shown(comparison, "kappa", "xgboost") == 0.6


def test_without_rem_only_kappa_is_compared(comparison):
    figure = drawn(comparison_figure(comparison.assign(rem_f1=np.nan), "xgboost"))
    assert [a.get_xlabel() for a in figure.axes] == ["Cohen's kappa"]


def test_confusion_has_shares_of_rows_and_counts():
    label = np.array(["wake"] * 1500 + ["nrem"] * 500)
    score = np.array(["wake"] * 1200 + ["nrem"] * 300 + ["nrem"] * 500)
    (axis,) = drawn(confusion_figure(confusion(label, score))).axes
    assert texts(axis)[:3] == ["80.0 %\n1,200", "20.0 %\n300", "0.0 %\n0"]
    assert texts(axis)[6:] == ["no labels"] * 3
    assert [t.get_text() for t in axis.get_xticklabels()] == ["Wake", "NREM", "REM"]
    score = score.astype("U16")
    score[0] = "unclassified"
    (axis,) = drawn(confusion_figure(confusion(label, score))).axes
    assert axis.get_xticklabels()[-1].get_text() == "Unclassified"


def test_coverage_shows_the_whole_the_folds_and_what_stays_of_each_state(held_out):
    left, right = drawn(coverage_figure(held_out)).axes
    assert [t.get_text() for t in left.get_legend().get_texts()] == ["Accuracy", "Cohen's kappa"]
    assert sum(line.get_linewidth() == 0.5 for line in left.lines) == 4  # two folds, two measures
    assert left.get_xlim()[0] > left.get_xlim()[1]  # fewer epochs to the right
    assert "0.8" in texts(left)
    assert [t.get_text() for t in right.get_legend().get_texts()] == ["Wake", "NREM"]


def test_reliability_has_a_panel_for_each_labelled_state(held_out):
    figure = drawn(reliability_figure(held_out))
    assert [a.get_title(loc="left") or a.get_title() for a in figure.axes] == ["Wake", "NREM"]


def test_without_probabilities_there_is_neither_coverage_nor_reliability(held_out):
    blank = held_out.assign(**{f"{k}_{s}": np.nan for k in ("p", "raw") for s in STATES})
    assert coverage_figure(blank) is None
    assert reliability_figure(blank) is None


def test_certainty_leaves_nothing_to_leave_out(held_out):
    for s in STATES:
        held_out[f"p_{s}"] = (held_out["label"] == s).astype(float)
    left, _ = drawn(coverage_figure(held_out)).axes
    assert left.get_xlim()[1] == 0.95


def test_one_bad_probability_does_not_stop_the_figures(held_out):
    held_out.loc[3, "p_rem"] = np.nan
    assert len(drawn(coverage_figure(held_out)).axes) == 2
    assert len(drawn(reliability_figure(held_out)).axes) == 2


@pytest.fixture
def importance():
    rows = [
        ("wake", "emg.log_rms", "log_rms", "emg", 0, 2.0, 1.0),
        ("wake", "CA1.exponent@-2", "exponent", "CA1", -2, 1.0, -1.0),
        ("wake", "CA1~S1.coherence_theta", "coherence_theta", "CA1~S1", 0, 0.5, 0.0),
        ("wake", "S1.entropy", "entropy", "S1", 0, 0.0, np.nan),
        ("nrem", "S1.entropy", "entropy", "S1", 0, 3.0, 1.0),
        ("rem", "S1.entropy", "entropy", "S1", 0, 0.0, np.nan),
    ]
    columns = ["state", "predictor", "feature", "region", "context"]
    return pd.DataFrame(rows, columns=[*columns, "mean_abs_shap", "direction"])


def test_drivers_stand_by_size_with_their_direction(importance):
    wake, nrem, shares = drawn(drivers_figure(importance, ["CA1", "S1"])).axes
    assert [t.get_text() for t in wake.get_yticklabels()] == [
        "EMG: log rms", "CA1: exponent", "CA1~S1: coherence theta",
    ]  # fmt: skip
    assert texts(wake) == ["▲", "▼", ""]
    own, context = wake.containers
    assert [b.get_width() for b in own] == [2, 0, 0.5]
    assert [b.get_width() for b in context] == [0, 1, 0]
    assert to_hex(own[1].get_facecolor()).upper() == style.REGION_COLOURS[0]
    assert len(nrem.get_yticklabels()) == 1
    assert "EMG\n57 %" in texts(shares)
    assert "between regions\n14 %" in texts(shares)
    assert "S1\n100 %" in texts(shares)
    assert [t.get_text() for t in shares.get_yticklabels()] == ["Wake", "NREM"]


def test_nothing_drives_a_model_that_is_not_explained(importance):
    assert drivers_figure(importance.iloc[:0], ["CA1"]) is None


def test_what_is_missing_is_compared_with_nothing_missing():
    table = pd.DataFrame({"missing": ["nothing", "EMG"], "kappa": [0.9, 0.4], "rem_f1": np.nan})
    (axis,) = drawn(dropout_figure(table)).axes
    assert texts(axis) == ["0.900", "0.400"]
    assert [t.get_text() for t in axis.get_yticklabels()] == ["nothing", "EMG"]
    assert axis.get_xlim()[0] <= 0.4
    assert dropout_figure(table.iloc[:1]) is None


def test_words():
    assert scorer_words("xgboost + causal hmm") == "XGBoost + causal HMM"
    assert scorer_words("threshold") == "Thresholds (no labels)"
    assert source_words("camera and EMG") == "camera and EMG"
    assert "animal" in captions("animals")["comparison"][1]
    assert "animal" not in captions("blocks")["comparison"][1]
