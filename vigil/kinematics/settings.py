"""Settings of kinematics."""

from __future__ import annotations

from pydantic import Field

from vigil.settings import StageSettings


class Settings(StageSettings):
    """Head position and direction, and their derivatives."""

    likelihood_min: float = Field(0.6, ge=0.0, le=1.0)
    """Body parts below this likelihood count as missing (DeepLabCut's p-cutoff)."""

    window_s: float = Field(0.5, ge=0.1, le=3.0)
    """Window of the Savitzky-Golay filter in seconds."""

    polyorder: int = Field(4, ge=4, le=7)
    """Order of its polynomial; the third derivative needs at least 4."""

    max_gap_s: float = Field(0.25, ge=0.0, le=2.0)
    """Gaps of the track up to this length are interpolated, in seconds."""

    max_jump_cm: float = Field(4.0, gt=0.0)
    """A head position further than this from the median of its five neighbours is an outlier."""

    turn_speed_deg_s: float = Field(60.0, gt=0.0)
    """A turn is a stretch of angular velocity above this, in degrees per second."""

    turn_angle_deg: float = Field(45.0, gt=0.0)
    """The least angle of a turn, in degrees."""

    camera_input: int = Field(0, ge=0, le=15)
    """Digital input (bit of its port) of the acquisition that the camera's exposures are
    wired to."""

    camera_port: int = Field(0, ge=0, le=15)
    """Port of that input, as Events.nev names it ('board 0 port 0')."""

    nominal_fps: float = Field(30.0, gt=0.0)
    """Frame rate that is assumed where there are neither frame times nor pulses."""
