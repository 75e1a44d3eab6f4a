"""Settings of spectra."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from vigil.settings import StageSettings


class Settings(StageSettings):
    """Spectrogram and features of epochs."""

    epoch_s: float = Field(4.0, ge=1.0, le=20.0)
    """Length of an epoch in seconds; sleep is scored in these."""

    nw: float = Field(4.0, ge=1.0, le=8.0)
    """Time-bandwidth product of the DPSS tapers (Thomson 1982)."""

    tapers: int = Field(7, ge=1, le=15)
    """Number of tapers, at most 2 nw - 1: those beyond leak."""

    mains_hz: float = Field(50.0)
    """Frequency of the mains, 50 or 60 Hz; it and its harmonics are left out of every band."""

    mains_width_hz: float = Field(1.0, ge=0.0, le=5.0)
    """What is left out to each side of a mains harmonic in Hz, beyond the half width nw / epoch_s
    over which the tapers spread a line."""

    bands: dict[str, tuple[float, float]] = Field(
        default={
            "delta": (1.0, 4.0),
            "theta": (6.0, 9.0),
            "sigma": (10.0, 15.0),
            "beta": (15.0, 30.0),
            "low_gamma": (30.0, 55.0),
            "high_gamma": (65.0, 100.0),
            "ripple": (120.0, 180.0),
        }
    )
    """Frequency bands in Hz; delta and theta are needed by the sleep scores. Bands above
    the reach of the stored rate are left out."""

    artefact_slew_uv_ms: float = Field(2000.0, gt=0.0, le=100000.0)
    """Largest change of a brain signal within a millisecond, in uV (below 1 kHz as a slope over
    the whole sample); beyond it is a movement artefact. A spike of 5 mV and 10 ms has 1500."""

    artefact_uv: float = Field(10000.0, gt=0.0, le=1000000.0)
    """Largest peak-to-peak amplitude of a brain signal within a quarter of a second, in uV;
    beyond it is a movement artefact."""

    spectrogram_window_s: float = Field(2.0, ge=0.5, le=30.0)
    """Window of the spectrogram in seconds."""

    spectrogram_step_s: float = Field(1.0, ge=0.1, le=60.0)
    """Time step of the spectrogram in seconds."""

    spectrogram_max_hz: float = Field(100.0, ge=10.0)
    """Highest frequency of the spectrogram in Hz."""

    spectrogram_nw: float = Field(2.0, ge=1.0, le=8.0)
    """Time-bandwidth product of the spectrogram's tapers; a line is spectrogram_nw /
    spectrogram_window_s wide to each side."""

    spectrogram_tapers: int = Field(3, ge=1, le=15)
    """Number of the spectrogram's tapers, at most 2 spectrogram_nw - 1."""

    spectrogram_channels: Literal["full", "coarse", "none"] = "coarse"
    """What is kept of each channel beside its region: every level, all but the finest, or
    nothing. 64 channels of a day take 1.6 GB in full and 0.15 GB coarse."""

    @field_validator("mains_hz")
    @classmethod
    def _mains(cls, value: float) -> float:
        if value not in (50.0, 60.0):
            raise ValueError("the mains have 50 or 60 Hz")
        return value

    @model_validator(mode="after")
    def _tapers(self) -> Settings:
        for name, n, nw in (
            ("tapers", self.tapers, self.nw),
            ("spectrogram_tapers", self.spectrogram_tapers, self.spectrogram_nw),
        ):
            if n > 2 * nw - 1:
                raise ValueError(f"{name} may be at most {int(2 * nw - 1)} with that nw, not {n}")
        return self

    @model_validator(mode="after")
    def _bands(self) -> Settings:
        for name, (low, high) in self.bands.items():
            if not 0 < low < high:
                raise ValueError(f"band '{name}' must rise from above 0 Hz, not {low} to {high}")
        if not {"delta", "theta"} <= set(self.bands):
            raise ValueError("the bands delta and theta are needed by the sleep scores")
        return self
