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

    stopband_db: float = Field(84.0, ge=60.0, le=120.0)
    """Attenuation from the new Nyquist frequency on, in dB."""

    flat_share: float = Field(0.2, ge=0.0, le=1.0)
    """A channel that does not change during more than this share of its seconds is bad."""

    saturated_share: float = Field(0.01, ge=0.0, le=1.0)
    """A channel with more than this share of its samples at the end of its range is bad."""
