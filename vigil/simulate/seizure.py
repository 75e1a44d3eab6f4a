"""A seizure: when, where, how it spreads, and the course of its waves."""

from __future__ import annotations

from dataclasses import dataclass

PLAIN = "plain"
PATTERNS = ("low_voltage_fast", "rhythmic_theta", "hypersynchronous", "slow_build_up")
"""How seizures of an epileptic rig begin (Perucca et al. 2014, Avoli et al. 2016)."""


@dataclass(frozen=True)
class Course:
    """What the waves of one seizure do; curves are straight lines between their points.

    Parameters
    ----------
    hz : tuple of (float, float)
        Seconds since the onset, and discharges per second.
    level : tuple of (float, float)
        Seconds since the onset, and share of the largest amplitude.
    sharpness : tuple of (float, float)
        Seconds since the onset, and share of spikes and waves; the rest is sharp theta.
    joins_s : float
        A region that is reached later takes so long to be as high as the first one.
    reach : dict
        Amplitude of each region that is reached, against the first one's.
    clonic_s : float
        At the end discharges come in bursts with pauses between for so long.
    fast_s, fast_hz, fast_uv : float, (float, float), float
        Low-voltage fast activity: its length (0: none), from which to which frequency it falls,
        and its amplitude.
    herald : float
        Height of the one spike before the fast activity, in shares of the largest amplitude.
    """

    hz: tuple[tuple[float, float], ...]
    level: tuple[tuple[float, float], ...]
    sharpness: tuple[tuple[float, float], ...]
    joins_s: float
    reach: dict[str, float]
    clonic_s: float = 0.0
    fast_s: float = 0.0
    fast_hz: tuple[float, float] = (0.0, 0.0)
    fast_uv: float = 0.0
    herald: float = 0.0


@dataclass(frozen=True)
class Seizure:
    """A seizure: when, where it begins, and when it reaches each region.

    Parameters
    ----------
    onset_s, duration_s, suppression_s : float
        Begin, length, and how long the brain is silent afterwards (0: it is not).
    region : str
        Where it begins.
    delay_s : dict
        Seconds from the onset until it reaches each region; 0 in the first one. Regions that it
        does not reach are not in it; they are not suppressed afterwards either.
    fatal : bool
        Whether the animal dies of it.
    pattern : str
        One of `PATTERNS`, or 'plain' for the waveform of a rig that is not epileptic.
    gain : float
        Factor on its amplitude.
    convulsive : bool
        Whether muscles stiffen and jerk.
    course : Course or None
        What its waves do; None where the pattern is plain.
    """

    onset_s: float
    duration_s: float
    suppression_s: float
    region: str
    delay_s: dict[str, float]
    fatal: bool = False
    pattern: str = PLAIN
    gain: float = 1.0
    convulsive: bool = True
    course: Course | None = None

    @property
    def end_s(self) -> float:
        """When the seizure stops in all regions."""
        return self.onset_s + self.duration_s

    @property
    def recovered_s(self) -> float:
        """When the suppression ends."""
        return self.end_s + self.suppression_s
