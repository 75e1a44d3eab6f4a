"""Settings of the cohort's page."""

from __future__ import annotations

from pydantic import Field

from vigil.cohort.early.settings import EarlySettings
from vigil.settings import StageSettings


class Settings(StageSettings):
    """Section `cohort` of config.yaml."""

    title: str = Field("Cohort", min_length=1, max_length=120)
    """Heading of the page."""

    dpi: int = Field(130, ge=60, le=600)
    """Resolution of the PNG figures, in dots per inch."""

    light_h: float = Field(12.0, gt=0, le=24)
    """Hours of light in a day of the animal room, from `lights_on`."""

    state_guard_s: float = Field(10.0, ge=0, le=120)
    """Sleep scores in a seizure and within this time of it are not trusted, in seconds: the
    scorer does not know seizures, and an onset may be placed some seconds late."""

    state_bridge_s: float = Field(30.0, ge=0, le=300)
    """The state before a seizure is the last one known, across at most this many seconds that
    are unclassified."""

    soon_after_change_s: float = Field(60.0, gt=0, le=3600)
    """A seizure is soon after a change of state when it comes within this time, in seconds."""

    theta_window_s: float = Field(60.0, ge=8, le=600)
    """Length of the windows before a seizure and after it in which theta is compared, in
    seconds."""

    sleep_after_s: float = Field(20.0, ge=0, le=600)
    """NREM sleep is back after a seizure when it lasts this long, in seconds; slow waves right
    after a seizure are easily scored as single epochs of NREM."""

    fatal_within_min: float = Field(60.0, gt=0, le=1440)
    """An animal's last seizure is called fatal when it died within so many minutes of its onset
    (an hour: Nashef et al. 2012 of sudden unexpected death in epilepsy)."""

    coupling_surrogates: int = Field(2000, ge=100, le=100000)
    """Shifts of the onsets in time with which seizures by state and hour are compared."""

    early: EarlySettings = EarlySettings()
    """How early seizures could have been told: horizons, what is left out, and the tests."""
