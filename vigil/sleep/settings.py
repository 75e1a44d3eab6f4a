"""Settings of sleep."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vigil.settings import StageSettings


class Settings(StageSettings):
    """Scoring of sleep."""

    scorer: Literal["auto", "threshold", "model"] = "auto"
    """auto: a trained model where the table has labels of at least two animals, else the
    threshold scorer; threshold: always that; model: refuse to run without labels."""

    movement_cm_s: float = Field(3.0, gt=0.0)
    """Mean speed of the head in an epoch from which the animal is awake, in cm/s."""

    min_confidence: float = Field(0.5, ge=0.0, le=1.0)
    """Epochs below this probability of their state are unclassified."""

    smoothing: Literal["auto", "none", "hmm"] = "auto"
    """hmm: forward-backward with the transitions that the labels show (Rabiner 1989); auto:
    that where it agrees better with the labels of animals left out, else none."""

    min_bout_epochs: int = Field(1, ge=1, le=10)
    """Bouts of sleep shorter than this many epochs are taken for the state around them."""

    rem_after_sleep: bool = True
    """REM that begins after wakefulness, and not after a brief awakening from sleep, counts as
    wakefulness."""

    trees: int = Field(300, ge=10, le=5000)
    """Boosting rounds of XGBoost."""

    depth: int = Field(4, ge=1, le=10)
    """Depth of its trees."""

    learning_rate: float = Field(0.08, gt=0.0, le=1.0)
    """Its learning rate."""

    seed: int = 1
    """Seed of its subsampling."""
