"""Settings of downsample."""

from __future__ import annotations

from pydantic import Field

from vigil.settings import StageSettings


class Settings(StageSettings):
    """Anti-aliased reduction of the raw signals."""

    rate_hz: float = Field(1250.0, ge=200.0, le=8000.0)
    """Rate of the stored signals in Hz; sources at or below it are kept as they are."""

    passband: float = Field(0.8, gt=0.3, lt=0.99)
    """Share of the new Nyquist frequency that is kept flat."""

    stopband_db: float = Field(84.0, ge=80.0, le=110.0)
    """Attenuation from the new Nyquist frequency on, in dB."""

    flat_share: float = Field(0.2, ge=0.0, le=1.0)
    """A channel that does not change at all during more than this share of its time is bad."""

    lost_share: float = Field(0.001, ge=0.0, le=1.0)
    """Share of its time in drop-outs, or constant at its end, from which a channel gets a
    warning."""

    saturated_share: float = Field(0.01, ge=0.0, le=1.0)
    """A channel with more than this share of its samples at the end of its range is bad."""

    silent_uv: float = Field(5.0, ge=0.0, le=100.0)
    """An excerpt with less than this between 1 and 100 Hz, in uV rms without mains, is silent."""

    mains_share: float = Field(0.5, gt=0.0, le=1.0)
    """A channel with more than this share of its power in mains hum gets a warning."""

    min_correlation: float = Field(0.15, ge=0.0, lt=0.5)
    """A brain channel below this correlation with every other one, where the others reach twice
    as much, counts as uncorrelated."""

    shorted_correlation: float = Field(0.9995, gt=0.9, le=1.0)
    """Two channels above this correlation carry the same signal; the later one is bad."""

    noise_ratio: float = Field(20.0, gt=1.0)
    """A noise floor this many times that of the other brain channels, in power, is too high."""
