"""Settings of 'how early': horizons, what is left out, and what the answer is tested against."""

from __future__ import annotations

from pydantic import Field, field_validator

from vigil.settings import StageSettings

FEATURES = (
    r"\.(log_power|share)_(delta|theta|beta|low_gamma|high_gamma)$",
    r"\.(log_line_length|exponent|entropy|spikes_per_min)$",
    r"~.*\.coherence_(theta|low_gamma)$",
    r"^emg\.log_rms$",
    r"^movement\.(speed|turning)$",
)


class EarlySettings(StageSettings):
    """Part `early` of the section `cohort` of config.yaml."""

    window_s: float = Field(60.0, ge=10, le=600)
    """Length of the windows that features are gathered in, in seconds."""

    least_clean: float = Field(0.5, gt=0, le=1)
    """Share of a window that has to be free of gaps and artefacts."""

    lead_min: tuple[float, ...] = (1, 2, 3, 5, 7, 10, 12, 15, 20, 30, 45, 60)
    """Lead times that are tried, in minutes: the prediction horizon between a warning and the
    time at which a seizure is expected (Winterhalder et al. 2003)."""

    sop_min: float = Field(5.0, gt=0, le=120)
    """Occurrence period in minutes: a warning holds from the lead time on for so long. Features
    are means over as long a stretch."""

    postictal_min: float = Field(60.0, ge=0, le=1440)
    """Minutes after the end of each seizure that are neither before a seizure nor between
    seizures."""

    lead_seizure_min: float = Field(120.0, ge=0, le=10080)
    """A seizure leads when no other began in so many minutes before; those that follow in a
    cluster are not predicted (Andrzejak et al. 2009 on why clusters deceive)."""

    baseline_h: float = Field(24.0, gt=0, le=720)
    """Features are told against the median and spread of the same state in so many recorded hours
    before, so that drift over days does not count."""

    least_baseline_h: float = Field(2.0, gt=0, le=72)
    """Hours of past without which a window is not used."""

    past_min: float = Field(60.0, gt=0, le=1440)
    """Minutes before a stretch against which its change is taken."""

    match_h: float = Field(2.0, gt=0, le=12)
    """Stretches before seizures are compared with stretches of the same state at most so many
    hours of the clock away."""

    features: tuple[str, ...] = FEATURES
    """Regular expressions; columns of the windows that match one of them are predictors."""

    shrinkage: tuple[float, ...] = (0.1, 0.4, 1.0)
    """How far the covariance of the features is drawn towards independence; chosen within the
    training seizures. With 1 alone the model is the plain one."""

    first_share: float = Field(0.5, gt=0, lt=1)
    """Share of an animal's lead seizures that is only learnt from; the later ones are tested by
    models of the earlier ones."""

    folds: int = Field(4, ge=1, le=50)
    """Blocks of later seizures, each tested by a model of all seizures before it."""

    most_warning_share: float = Field(0.1, gt=0, lt=1)
    """The alarm's threshold is the lowest that keeps the training time in warning below this."""

    least_seizures: int = Field(5, ge=3, le=1000)
    """With fewer lead seizures an animal's answer is that there is too little to say."""

    n_surrogates: int = Field(499, ge=99, le=100000)
    """Surrogate sets of onset times."""

    surrogate_h: float = Field(4.0, gt=0, le=24)
    """Surrogate onsets lie in the same part of the day, so many hours long, as the real ones: what
    changes more slowly cannot be told from chance."""

    alpha: float = Field(0.02, gt=0, lt=0.5)
    """How often a lead time may be called better than chance where there is nothing, over all lead
    times and both ways to split together. Holds for the cohort, and for all animals together."""

    n_bootstrap: int = Field(1000, ge=100, le=100000)
    """Resamples of the seizures (of the animals for the cohort) behind the intervals."""

    seed: int = Field(1, ge=0)
    """Seed of surrogates and resamples."""

    @field_validator("lead_min")
    @classmethod
    def _rising(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if not value or value[0] <= 0 or list(value) != sorted(set(value)):
            raise ValueError("name lead times above 0 in rising order")
        return value

    @property
    def interictal_min(self) -> float:
        """So long before any seizure time is no longer between seizures."""
        return max(self.lead_min) + self.sop_min
