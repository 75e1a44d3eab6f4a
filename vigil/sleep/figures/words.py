"""Names of scorers, regions and what is missing, as a page shows them, and captions."""

from __future__ import annotations

_LEARNERS = {
    "threshold": "Thresholds (no labels)",
    "logistic": "Logistic regression",
    "forest": "Random forest",
    "xgboost": "XGBoost",
}
_SMOOTHING = {"hmm": "HMM", "causal hmm": "causal HMM"}
_SOURCES = {"emg": "EMG", "movement": "camera", "camera": "camera", "nothing": "nothing"}

UNITS_OF_FOLDS = {
    "animals": ("animal left out", "animals that the model had not seen"),
    "blocks": (
        "block of time left out",
        "blocks of time of the same animal that the model had not seen",
    ),
}
"""By the card's `folds`: what one fold is, and what the scores are of."""


def scorer_words(scorer: str) -> str:
    """`xgboost + causal hmm` as `XGBoost + causal HMM`."""
    learner, _, smoothing = scorer.partition(" + ")
    name = _LEARNERS.get(learner, learner)
    return f"{name} + {_SMOOTHING.get(smoothing, smoothing)}" if smoothing else name


def source_words(name: str) -> str:
    """A region, or `EMG` and `camera`, or several of them."""
    return " and ".join(_SOURCES.get(part, part) for part in name.split(" and "))


def captions(folds: str) -> dict[str, tuple[str, str]]:
    """Title and caption of each figure.

    Parameters
    ----------
    folds : str
        `animals` or `blocks`: what was left out.
    """
    one, _ = UNITS_OF_FOLDS[folds]
    unseen = "Only epochs that the model had not seen."
    return {
        "comparison": (
            "Every scorer on the same folds",
            f"Each dot is one {one}; the diamond, and the number beside it, are all epochs "
            "together. Shaded: the scorer that was chosen. ◂ stands for what lies left of the "
            "axis. HMM: smoothed by a hidden Markov model over the whole recording, causal HMM: "
            "over the past alone.",
        ),
        "confusion": (
            "What the expert and the model say",
            "Each row is a state as the expert labelled it: shares of the row, and epochs below. "
            + unseen,
        ),
        "coverage": (
            "What leaving unsure epochs unclassified gains and costs",
            "Left: agreement of the epochs that stay classified, against their share; the numbers "
            f"are the least confidence asked for, thin lines: each {one}. Right: share of the "
            "expert's epochs of each state that stay classified. " + unseen,
        ),
        "reliability": (
            "Whether probabilities mean what they say",
            "Share of the epochs that the expert labelled as the state, against the probability "
            "that the model gave them, in ten bins; on the diagonal both are equal. Larger dots "
            "hold more epochs, small ones are uncertain. The numbers are expected calibration "
            "errors. " + unseen,
        ),
        "drivers": (
            "What drives the score of each state",
            "Mean size of the SHAP values of XGBoost (log odds), over epochs with equal parts of "
            "the states where there are enough. Top: the features that move each state most; dark "
            "is the epoch itself, light its neighbours. ▲ high values speak for the state, ▼ "
            "against it, no mark where neither is clear. Bottom: share of each region, the EMG and "
            "the camera. SHAP values show what the model uses, not what causes sleep.",
        ),
        "dropout": (
            "What is lost when a recording lacks a region, the EMG or the camera",
            f"The chosen scorer with parts of its predictors taken away, on each {one}, all epochs "
            "together. Dashed: nothing missing.",
        ),
    }
