"""What makes one animal unlike another: of a varied rig on purpose, else nothing but chance.

The characters were written down before any scorer was measured on them. In a first draft
awakenings, drowsy wake and intermediate sleep were half as frequent and artefacts of movement
weaker: easier than mice are. They were raised once and not changed afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from vigil.recording import Montage
from vigil.simulate.settings import Rig, lay_out_channels
from vigil.simulate.streams import generator


@dataclass(frozen=True)
class Traits:
    """What is special about an animal; the defaults are those of a rig that is not varied.

    Parameters
    ----------
    lacks : tuple of str
        Regions without an electrode.
    spread : float
        Standard deviation of the logarithm of amplitudes between animals and regions.
    slope : float
        Power of the background falls as frequency to the power of minus this.
    delta_hz : tuple of float
        Band of the slow waves.
    theta_hz : float or None
        Theta while running; None: drawn with the amplitudes.
    theta_gain, slow_gain : float
        Factors on theta and on slow waves.
    hum_gain, shake_gain : float
        Factors on the mains and on the artefact of movement.
    noise_uv : float
        White noise of each brain channel between 0 and 1 kHz.
    loose : bool
        Whether the last brain channel has a bad contact.
    muscle_gain, muscle_floor_uv, heart_uv : float
        Factor on the EMG, its white noise, and the peak of the heart's pulses in it.
    sleep_effort_uv : float or None
        EMG of a twitch in NREM; None: as of `physiology`.
    vigour, pause : float
        Factors on the speed of runs and on the pauses between them.
    twitches_hz : float
        Twitches per second in NREM.
    awakenings, drowsy, half_rem, alert, rest, grooming : float
        Spells per hour of their state, see `vigil.simulate.nuance`.
    """

    lacks: tuple[str, ...] = ()
    spread: float = 0.2
    slope: float = 1.6
    delta_hz: tuple[float, float] = (1.0, 4.0)
    theta_hz: float | None = None
    theta_gain: float = 1.0
    slow_gain: float = 1.0
    hum_gain: float = 1.0
    shake_gain: float = 1.0
    noise_uv: float = 0.0
    loose: bool = False
    muscle_gain: float = 1.0
    muscle_floor_uv: float = 0.0
    heart_uv: float = 0.0
    sleep_effort_uv: float | None = None
    vigour: float = 1.0
    pause: float = 1.0
    twitches_hz: float = 0.0
    awakenings: float = 0.0
    drowsy: float = 0.0
    half_rem: float = 0.0
    alert: float = 0.0
    rest: float = 0.0
    grooming: float = 0.0


PLAIN = Traits()

WEAK_MUSCLE: dict[str, float] = {"muscle_gain": 0.35, "muscle_floor_uv": 6.0}
HEART: dict[str, float] = {"heart_uv": 80.0}
LAZY: dict[str, float] = {"vigour": 0.6, "pause": 3.0, "rest": 40.0}
ACTIVE: dict[str, float] = {"vigour": 1.35, "pause": 0.5, "rest": 6.0}

CHARACTERS: tuple[dict[str, object], ...] = (
    {},
    {"lacks": ("hippocampus",), **WEAK_MUSCLE, **LAZY},
    {"lacks": ("cortex",), **HEART, **ACTIVE},
    {"theta_gain": 0.45, "hum_gain": 10.0, "twitches_hz": 0.05},
    {"slow_gain": 0.55, "loose": True, "grooming": 40.0},
    {"lacks": ("hippocampus", "amygdala"), "muscle_gain": 2.0, "shake_gain": 12.0, **ACTIVE},
    {"lacks": ("amygdala",), "theta_gain": 0.45, **WEAK_MUSCLE, **HEART, **LAZY},
    {"lacks": ("cortex",), "slow_gain": 0.55, "noise_uv": 12.0, "grooming": 40.0},
)
"""What is on purpose, animal by animal; after the last comes the first again."""


def traits_of(rig: Rig, animal_number: int) -> Traits:
    """Traits of an animal: those of its character, and what is drawn for it."""
    if not rig.varied:
        return PLAIN
    rng = generator(rig.seed, "traits", animal_number)
    drawn = Traits(
        spread=0.5,
        # local field potentials of mice fall with 1 to 2 between 1 and 100 Hz
        slope=float(rng.uniform(1.2, 2.0)),
        delta_hz=(float(rng.uniform(0.8, 1.4)), float(rng.uniform(3.0, 4.6))),
        theta_hz=float(rng.uniform(7.0, 8.8)),
        noise_uv=float(rng.uniform(1, 5)),
        # slow power of wake varies with movement as much as that of sleep with its depth
        shake_gain=float(rng.uniform(2, 8)),
        muscle_floor_uv=3.0,
        sleep_effort_uv=40.0,
        twitches_hz=0.01,
        # brief awakenings of 4 to 12 s: Franken et al. 1999 count some tens an hour
        awakenings=float(rng.uniform(15, 45)),
        drowsy=float(rng.uniform(15, 40)),
        half_rem=float(rng.uniform(10, 25)),
        alert=float(rng.uniform(6, 20)),
        rest=15.0,
        grooming=float(rng.uniform(6, 15)),
    )
    return replace(drawn, **CHARACTERS[animal_number % len(CHARACTERS)])  # type: ignore[arg-type]


def montage_of(rig: Rig, traits: Traits) -> Montage:
    """Where an animal's channels lie: the rig's regions less those that it lacks."""
    present = tuple(r for r in rig.regions if r not in traits.lacks)
    return lay_out_channels(rig.channels, present or rig.regions)
