"""Settings of kinematics."""

from __future__ import annotations

from pydantic import Field, PositiveFloat, model_validator

from vigil.settings import StageSettings


class Settings(StageSettings):
    """Head position and direction, and their derivatives."""

    likelihood_min: float = Field(0.6, ge=0.0, le=1.0)
    """Body parts below this likelihood count as missing (DeepLabCut's p-cutoff)."""

    window_s: float = Field(0.7, ge=0.1, le=3.0)
    """Window of the local polynomials for velocity, acceleration, angular velocity and
    angular acceleration, in seconds. 0.7 s and order 5 pass movements up to 1.1 Hz."""

    jerk_window_s: float = Field(1.0, ge=0.1, le=3.0)
    """Window for jerk, in seconds: a third derivative needs a longer one against noise.
    1.0 s passes the same 1.1 Hz."""

    polyorder: int = Field(5, ge=4, le=7)
    """Order of the local polynomials; the third derivative needs at least 4."""

    max_gap_s: float = Field(0.25, ge=0.0, le=2.0)
    """Gaps of the track up to this length are interpolated, in seconds; or up to the usual time
    between tracked frames, where that is longer."""

    max_speed_cm_s: float = Field(120.0, gt=0.0)
    """A head cannot move faster from one frame to the next, in cm/s. A choice of ours, well
    above the run of a mouse in a cage; an ear distance is always allowed."""

    max_turn_deg_s: float = Field(1000.0, gt=0.0)
    """A head cannot turn faster from one frame to the next, in degrees per second. A choice
    of ours, above the fast turns of a mouse's head; 60 degrees are always allowed."""

    arena_cm: tuple[PositiveFloat, PositiveFloat] | None = None
    """Width and height of the arena in the image, in cm, for recordings without px_per_cm."""

    arena_corners: tuple[()] | tuple[str, str, str, str] = ()
    """Tracked body parts that mark the corners of the arena: top left, top right, bottom
    right, bottom left in the image. With arena_cm they give the scale."""

    arena_px: tuple[PositiveFloat, PositiveFloat] | None = None
    """Width and height of the arena in px, measured once in the image of a camera that stays
    in its place. With arena_cm they give the scale where no corners are tracked."""

    turn_speed_deg_s: float = Field(60.0, gt=0.0)
    """A turn is a stretch of angular velocity above this, in degrees per second."""

    turn_angle_deg: float = Field(45.0, gt=0.0)
    """The least angle of a turn, in degrees."""

    moving_cm_s: float = Field(4.0, gt=0.0)
    """A bout of movement begins above this speed of the head, in cm/s. 4 cm/s is a convention
    of studies that track the head of rats, not a measurement in mice: look at your videos."""

    still_cm_s: float = Field(2.0, gt=0.0)
    """A bout of movement ends below this speed, in cm/s. A start and a stop speed are how
    EthoVision (Noldus) parts movement too; half of the start is a choice of ours."""

    min_moving_s: float = Field(0.5, ge=0.0)
    """A bout of movement holds one movement of at least this duration, in seconds."""

    min_immobile_s: float = Field(1.0, ge=0.0)
    """The least duration of a bout of immobility, in seconds; 1 s is a convention.
    Shorter pauses do not end a bout of movement."""

    camera_input: int = Field(0, ge=0, le=15)
    """Digital input (bit of its port) of the acquisition that the camera's exposures are
    wired to."""

    camera_port: int = Field(0, ge=0, le=15)
    """Port of that input, as Events.nev names it ('board 0 port 0')."""

    nominal_fps: float = Field(30.0, gt=0.0)
    """Frame rate that is assumed where there are neither frame times nor pulses."""

    @model_validator(mode="after")
    def _thresholds_in_order(self) -> Settings:
        if self.still_cm_s > self.moving_cm_s:
            raise ValueError(
                f"still_cm_s ({self.still_cm_s:g}) is above moving_cm_s ({self.moving_cm_s:g}): "
                "movement would end before it begins"
            )
        if (self.arena_corners or self.arena_px) and self.arena_cm is None:
            raise ValueError("arena_corners and arena_px need arena_cm, the size of the arena")
        return self
