"""Settings of sleep."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from vigil.settings import StageSettings

State = Literal["wake", "nrem", "rem"]


class Settings(StageSettings):
    """Scoring of sleep."""

    scorer: Literal["auto", "threshold", "model"] = "auto"
    """auto: a trained model where there are labels and it is to be trusted, else the threshold
    scorer; threshold: always that; model: refuse where there is no model to be trusted."""

    keep_labels: bool = True
    """Epochs that an expert labelled keep the label; the scorer's own answer stands beside it."""

    learner: Literal["auto", "logistic", "forest", "xgboost"] = "auto"
    """What learns from the labels; auto: chosen by agreement with labels that it has not seen."""

    smoothing: Literal["auto", "none", "hmm", "causal hmm"] = "auto"
    """hmm: forward-backward with the transitions that the labels show (Rabiner 1989); causal
    hmm: forward only, and without the epochs after, as while the animal is recorded; auto: none,
    or hmm where it agrees clearly better and keeps the number of bouts."""

    min_confidence: float = Field(0.5, ge=0.0, le=1.0)
    """Epochs below this probability of their state are unclassified."""

    movement_cm_s: float = Field(3.0, gt=0.0)
    """Mean speed of the head in an epoch from which the animal is awake, in cm/s."""

    forbidden_transitions: tuple[tuple[State, State], ...] = (("wake", "rem"),)
    """Pairs of states of which the second never follows the first: it counts as the first.
    Wakefulness of at most brief_awakening_epochs is passed over: REM may go on after it."""

    brief_awakening_epochs: int = Field(3, ge=0, le=30)
    """Wakefulness of at most so many epochs interrupts sleep and does not end it."""

    min_bout_epochs: dict[State, Annotated[int, Field(ge=1, le=100)]] = Field(
        {"wake": 1, "nrem": 1, "rem": 1}
    )
    """Bouts shorter than this many epochs are taken for the state before them."""

    dropout: float = Field(0.1, ge=0.0, le=0.5)
    """Probability with which each region, the EMG, the camera and the epochs after are hidden from
    an epoch that is learnt from, so that the model gets by without them."""

    blocks: int = Field(5, ge=2, le=20)
    """Blocks of time of which each is left out once, where the labels are of one animal, or
    only one has enough of a state."""

    trees: int = Field(300, ge=10, le=5000)
    """Boosting rounds of XGBoost."""

    depth: int = Field(4, ge=1, le=10)
    """Depth of its trees."""

    learning_rate: float = Field(0.08, gt=0.0, le=1.0)
    """Its learning rate."""

    forest_trees: int = Field(100, ge=10, le=2000)
    """Trees of the random forest."""

    seed: int = 1
    """Seed of what is drawn by chance while a model learns."""
