"""The signals of disturbances, added to all channels at 2 kHz."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import signal

from vigil.simulate.disturbances import Disturbance
from vigil.simulate.plan import RecordingPlan
from vigil.simulate.settings import Rig
from vigil.simulate.streams import PagedNoise, band, generator

FloatArray = npt.NDArray[np.float64]
Signals = npt.NDArray[np.float32]

LIMIT_UV = 3050.0
"""A little over the converter's range, so that noise does not bring it back."""
CHEW_HZ = (5.0, 8.0)
CHEW_UV, CHEW_EMG_UV, CHEW_SWING_UV = (20.0, 200.0), (250.0, 600.0), 120.0
CABLE_UV, CABLE_STEP_UV, CABLE_NOISE_UV = (150.0, 700.0), (200.0, 1800.0), (15.0, 80.0)
SWINGS_HZ, RHYTHMIC = (0.3, 3.0), 0.4
HUM_FACTOR = (10.0, 50.0)
OPEN_UV, OPEN_HUM_UV = (0.5, 8.0), (0.0, 15.0)
JUMP_UV, JUMP_S = (300.0, 2800.0), 0.12
RECONNECTS_S = 0.5


class Artefacts:
    """Adds the disturbances of one recording, block by block.

    What is random is drawn for a whole disturbance, or for whole pages, so that blocks do not
    matter.
    """

    def __init__(self, rig: Rig, plan: RecordingPlan, rate_hz: int, hum_uv: FloatArray) -> None:
        self._seed, self._plan, self._rate_hz = rig.seed, plan, rate_hz
        self._hum_uv = hum_uv
        montage = plan.montage
        self._emg = len(montage.of_kind("lfp"))
        self._noise = PagedNoise(
            rig.seed, ("open inputs", plan.recording), len(montage.channel), rate_hz
        )
        self._drawn: dict[int, FloatArray] = {}

    def add(
        self, signal_uv: Signals, time_s: FloatArray, hum: FloatArray, first_page: int, pages: int
    ) -> None:
        """Change signals (channel, sample) in place; `hum` is the mains with unit amplitude."""
        for number, d in enumerate(self._plan.disturbances):
            if d.stop_s <= time_s[0] or d.start_s > time_s[-1]:
                self._drawn.pop(number, None)
                continue
            a, b = np.searchsorted(time_s, (d.start_s, d.stop_s))
            since = time_s[a:b] - d.start_s
            rng = generator(self._seed, "disturbance", self._plan.recording, number)
            piece = signal_uv[:, a:b]
            if d.kind == "mains":
                self._hum(piece, d, since, hum[a:b], rng)
            elif d.kind == "unplugged":
                noise = self._noise.normal(first_page, pages)[:, a:b]
                self._unplug(piece, d, since, noise, hum[a:b], rng)
            else:
                length = int((d.stop_s - d.start_s) * self._rate_hz) + 2
                seeds = rng.spawn(2)
                if number not in self._drawn:
                    draw = {"chewing": _chew, "cable": _shake, "saturation": _stick}[d.kind]
                    self._drawn[number] = draw(seeds[0], length, self._rate_hz)
                # times are whole milliseconds: they lie on samples
                first = round((time_s[a] - d.start_s) * self._rate_hz) if b > a else 0
                source = self._drawn[number][:, first : first + b - a]
                mix = {"chewing": self._chew, "cable": self._shake, "saturation": self._stick}
                mix[d.kind](piece, d, source, seeds[1])

    def _hum(
        self,
        x: Signals,
        d: Disturbance,
        since: FloatArray,
        hum: FloatArray,
        rng: np.random.Generator,
    ) -> None:
        lasts_s = d.stop_s - d.start_s
        swell = 1 + 0.15 * np.sin(2 * np.pi * rng.uniform(0.1, 0.5) * since + rng.uniform(0, 6))
        on = np.clip(since / 0.05, 0, 1) * np.clip((lasts_s - since) / 0.05, 0, 1) * swell
        factor = np.exp(rng.uniform(*np.log(HUM_FACTOR))) - 1
        for c in d.channels:
            x[c] += (factor * self._hum_uv[c] * hum * on).astype(np.float32)

    def _unplug(
        self,
        x: Signals,
        d: Disturbance,
        since: FloatArray,
        noise: FloatArray,
        hum: FloatArray,
        rng: np.random.Generator,
    ) -> None:
        flat = rng.random() < 0.3
        back_s = d.stop_s - d.start_s - RECONNECTS_S
        after = since - back_s
        jump = np.exp(-since / JUMP_S)
        again = np.where(after > 0, np.exp(-np.maximum(after, 0) / JUMP_S), 0.0)
        for c in d.channels:
            level_uv, hum_uv = rng.uniform(*OPEN_UV), rng.uniform(*OPEN_HUM_UV)
            first_uv, last_uv = rng.uniform(*JUMP_UV, 2) * rng.choice((-1, 1), 2)
            silent = 0.0 if flat else level_uv * noise[c] + hum_uv * hum
            x[c] = silent + first_uv * jump + last_uv * again

    def _chew(
        self, x: Signals, d: Disturbance, source: FloatArray, rng: np.random.Generator
    ) -> None:
        loud = rng.uniform(0.5, 1.0)
        for c in d.channels:
            low, high = CHEW_EMG_UV if c >= self._emg else CHEW_UV
            uv = loud * np.exp(rng.uniform(np.log(low), np.log(high)))
            own = rng.uniform(0, 0.8)
            swing_uv = CHEW_SWING_UV * rng.uniform(-1, 1)
            muscle = np.sqrt(1 - own**2) * source[0] + own * source[1]
            x[c] += (uv * muscle + loud * swing_uv * source[2]).astype(np.float32)

    def _shake(
        self, x: Signals, d: Disturbance, source: FloatArray, rng: np.random.Generator
    ) -> None:
        swing_uv, noise_uv = (
            np.exp(rng.uniform(*np.log(span))) for span in (CABLE_UV, CABLE_NOISE_UV)
        )
        step_uv = rng.uniform(*CABLE_STEP_UV)
        for c in d.channels:
            gain = rng.uniform(0.7, 1.3)
            swings = swing_uv * source[0] + step_uv * source[1]
            x[c] += (gain * (swings + noise_uv * source[2])).astype(np.float32)

    def _stick(
        self, x: Signals, d: Disturbance, source: FloatArray, rng: np.random.Generator
    ) -> None:
        for c in d.channels:
            sign = rng.choice((-1, 1))
            stuck = source[0] != 0
            x[c] += (sign * rng.uniform(300, 1500) * source[1]).astype(np.float32)
            x[c, stuck] = (sign * LIMIT_UV * source[0, stuck]).astype(np.float32)


def _chew(rng: np.random.Generator, n: int, rate_hz: int) -> FloatArray:
    """Two muscles and a slow swing, (3, sample): bursts at 5 to 8 Hz in bouts of seconds."""
    time_s = np.arange(n) / rate_hz
    hz = np.interp(time_s, *_points(rng, time_s[-1], 1.5, *CHEW_HZ))
    turn = 2 * np.pi * np.cumsum(hz) / rate_hz
    height = np.interp(time_s, *_points(rng, time_s[-1], 6.0, 0.4, 1.3))
    burst = height * np.maximum(np.sin(turn), 0.0) ** 1.5
    gate = _gate(rng, time_s, (1.0, 6.0), (0.3, 3.0))
    sos = band(30, 400, rate_hz)
    noise = signal.sosfilt(sos, rng.standard_normal((2, n)))
    muscle = noise / noise.std(axis=1, keepdims=True) * (0.15 + burst) * gate
    swing = (np.sin(turn - 0.5) + 0.3 * np.sin(2 * turn)) * height * gate
    return np.vstack([muscle, swing]) * _fades(time_s, 0.1)


def _shake(rng: np.random.Generator, n: int, rate_hz: int) -> FloatArray:
    """Slow swings, steps that decay, and broadband noise, (3, sample)."""
    time_s = np.arange(n) / rate_hz
    gate = _gate(rng, time_s, (0.5, 5.0), (0.2, 4.0))
    noise = rng.standard_normal((2, n))
    low_hz, high_hz = SWINGS_HZ
    if rng.random() < RHYTHMIC:
        # an animal that scratches or shakes swings its cable at its own pace
        low_hz = float(rng.uniform(2, 6))
        high_hz = 1.3 * low_hz
    swings = signal.sosfilt(band(low_hz, high_hz, rate_hz, 1), noise[0])
    swings *= np.interp(time_s, *_points(rng, time_s[-1], 1.0, 0.2, 1.6)) / swings.std()
    kicks = np.zeros(n)
    places = rng.integers(0, n, max(2, int(rng.poisson(0.5 * time_s[-1]))))
    kicks[places] = rng.uniform(0.2, 1.0, len(places)) * rng.choice((-1, 1), len(places))
    # an amplifier with a lower corner of half a hertz lets steps decay
    decay = np.exp(-1 / (0.3 * rate_hz))
    steps = signal.lfilter([1.0], [1.0, -decay], kicks)
    rustle = noise[1] * (0.2 + gate)
    return np.vstack([swings * gate, steps, rustle]) * _fades(time_s, 0.1)


def _stick(rng: np.random.Generator, n: int, rate_hz: int) -> FloatArray:
    """Which limit the signal sticks at (0: none), and swings between, (2, sample)."""
    time_s = np.arange(n) / rate_hz
    out = np.zeros((2, n))
    at_s = 0.0
    while at_s < time_s[-1]:
        stuck_s, free_s = np.exp(rng.uniform(np.log(0.05), np.log(2.0))), rng.uniform(0.05, 1.0)
        a, b, c = (int(t * rate_hz) for t in (at_s, at_s + stuck_s, at_s + stuck_s + free_s))
        sign = rng.choice((-1, 1))
        out[0, a:b] = sign
        rest_s = np.arange(len(out[1, b:c])) / rate_hz
        out[1, b:c] = sign * np.exp(-rest_s / 0.15)
        at_s += stuck_s + free_s
    return out


def _points(
    rng: np.random.Generator, lasts_s: float, per_s: float, low: float, high: float
) -> tuple[FloatArray, FloatArray]:
    """Places and heights of draws between which lines run."""
    count = int(lasts_s * per_s) + 2
    return np.arange(count) / per_s, rng.uniform(low, high, count)


def _gate(
    rng: np.random.Generator,
    time_s: FloatArray,
    on_s: tuple[float, float],
    off_s: tuple[float, float],
) -> FloatArray:
    """1 in bouts, 0 between them, with edges of a tenth of a second."""
    places, heights = [0.0], [1.0]
    while places[-1] < time_s[-1]:
        stays_s, leaves_s = rng.uniform(*on_s), rng.uniform(*off_s)
        at = places[-1]
        places += [at + stays_s, at + stays_s + 0.1]
        places += [at + stays_s + 0.1 + leaves_s, at + stays_s + 0.2 + leaves_s]
        heights += [1.0, 0.0, 0.0, 1.0]
    return np.interp(time_s, places, heights)


def _fades(time_s: FloatArray, edge_s: float) -> FloatArray:
    return np.asarray(np.clip(np.minimum(time_s, time_s[-1] - time_s) / edge_s, 0, 1))
