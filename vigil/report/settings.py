"""Settings of the report: what its figures show, not what is found."""

from __future__ import annotations

from pydantic import Field

from vigil.settings import StageSettings


class Settings(StageSettings):
    """Section `report` of config.yaml."""

    max_frequency_hz: float = Field(30.0, gt=1, le=1000)
    """Highest frequency of the spectrograms, in Hz. 30 Hz holds delta, theta and spindles."""

    overview_region: str = ""
    """Region whose spectrogram stands in the overview; empty = the first region of the montage."""

    before_seizure_s: float = Field(30.0, ge=1, le=300)
    """Seconds before the onset that the picture of a seizure shows."""

    after_seizure_s: float = Field(60.0, ge=1, le=600)
    """Seconds after the onset that the picture of a seizure shows."""

    detail_s: float = Field(60.0, ge=5, le=3600)
    """Length in seconds of the stretch of movement that is drawn frame by frame."""

    light_h: float = Field(12.0, gt=0, le=24)
    """Hours of light per day, for the light/dark bar; used where the table has `lights_on`."""

    good_clock_ms: float = Field(20.0, gt=0, le=1000)
    """Largest residual in ms between camera and signals that counts as good (a frame lasts 33 ms
    at 30 fps)."""

    dpi: int = Field(130, ge=60, le=600)
    """Resolution of the PNG figures, in dots per inch."""

    max_page_mb: float = Field(10.0, ge=0.5, le=100)
    """Largest page in MB. Pictures of seizures that do not fit are linked instead of shown."""
