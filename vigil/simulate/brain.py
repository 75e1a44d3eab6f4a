"""Signals of all channels at 2 kHz, in microvolts, block by block.

Each region's field is background noise that falls with frequency, and rhythms whose strength
follows state and movement; part of it is common to all regions and part is each channel's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.simulate.artefacts import Artefacts
from vigil.simulate.behaviour import STEP_HZ, Movement
from vigil.simulate.bouts import WAKE
from vigil.simulate.electrodes import Electrodes
from vigil.simulate.epileptic_brain import EpilepticBrain
from vigil.simulate.ictal import discharge_phase, envelopes, leak, ragged, spike_and_wave
from vigil.simulate.physiology import MOODS, physiology_of
from vigil.simulate.plan import RecordingPlan
from vigil.simulate.rhythms import Oscillator, ripples, slow_wave, spindles, theta_wave
from vigil.simulate.settings import PAGE_S, Rig
from vigil.simulate.streams import (
    CarriedFilter,
    PagedNoise,
    band,
    generator,
    low_pass,
    power_law,
    upsample_linear,
)

FloatArray = npt.NDArray[np.float64]

BRAIN_HZ = 2000
UP = BRAIN_HZ // STEP_HZ
SETTLE_S = 0.7
LAG = 0.02
"""Cycles by which a region's discharges follow those of the region before it in the list."""
PICKUP = 0.03
"""Share of the EMG in every brain channel."""
ARTEFACT_UV = 10.0
SLACK = 0.3
"""Muscles in a seizure that is not convulsive, against one that is."""


@dataclass(frozen=True)
class Field:
    """A block of signals: microvolts (channel, sample), and how much neurons fire (sample,)."""

    signal_uv: npt.NDArray[np.float32]
    spiking: npt.NDArray[np.float32]


class Brain:
    """The signals of one recording.

    Parameters
    ----------
    lead : int
        Samples by which the signals run ahead of the block, for filters that follow.
    """

    def __init__(self, rig: Rig, plan: RecordingPlan, lead: int = 0) -> None:
        montage, traits = plan.montage, plan.traits
        self._rig, self._plan, self._lead = rig, plan, lead
        self._regions = regions = montage.regions
        self._region_of = [regions.index(montage.region[c]) for c in montage.of_kind("lfp")]
        self._has_emg = bool(montage.of_kind("emg"))
        self._body = physiology_of(plan.animal, regions, rig.seed, traits)
        n, n_lfp = len(regions), len(self._region_of)

        wiring = generator(rig.seed, "wiring", plan.animal)
        self._channel_gain = 1 + 0.08 * wiring.standard_normal(n_lfp)
        self._hum_uv = traits.hum_gain * wiring.uniform(1, 4, n_lfp + 1)
        self._artefact_uv = ARTEFACT_UV * traits.shake_gain
        self._theta_lag = np.concatenate([[0.0], wiring.uniform(-0.5, 0.5, n - 1)])

        def noise(name: str, rows: int, rate_hz: int = BRAIN_HZ) -> PagedNoise:
            return PagedNoise(rig.seed, (name, plan.recording), rows, rate_hz)

        self._slow_noise = noise("slow", 4, STEP_HZ)
        self._wide_noise = noise("wide", 1 + n + n_lfp)
        self._band_noise = noise("bands", 1 + 2 * n + 2)

        smooth = low_pass(1 / (2 * np.pi * SETTLE_S), STEP_HZ)
        self._settle = CarriedFilter(smooth, len(MOODS))
        self._slow = [
            CarriedFilter(low_pass(f, STEP_HZ, 2), 1, unit_variance=True)
            for f in (0.05, 0.7, 1.0, 1.5)
        ]
        pink = power_law(traits.slope, 0.5, 600, BRAIN_HZ)
        self._pink = CarriedFilter(pink, 1 + n + n_lfp, unit_variance=True)
        self._delta = CarriedFilter(band(*traits.delta_hz, BRAIN_HZ), 1 + n, unit_variance=True)
        self._gamma = CarriedFilter(band(30, 90, BRAIN_HZ), n, unit_variance=True)
        self._shake = CarriedFilter(band(0.5, 3, BRAIN_HZ, 1), 1, unit_variance=True)
        self._muscle = CarriedFilter(band(100, 500, BRAIN_HZ), 1, unit_variance=True)
        self._theta = Oscillator(BRAIN_HZ, float(wiring.uniform(0, 6)))
        self._last: FloatArray | None = None
        self._electrodes = Electrodes(rig, plan, n_lfp, BRAIN_HZ) if plan.nuance else None
        self._epilepsy, self._artefacts = None, None
        if rig.epileptic:
            self._epilepsy = EpilepticBrain(rig, plan, self._body.ictal_uv, n_lfp)
            self._artefacts = Artefacts(rig, plan, BRAIN_HZ, self._hum_uv)

    def advance(self, movement: Movement, first_page: int, pages: int) -> Field:
        """Signals of the next pages; pages have to follow each other."""
        body, n = self._body, len(self._regions)
        count = pages * PAGE_S * BRAIN_HZ
        start = first_page * PAGE_S * BRAIN_HZ + self._lead
        time_s = np.arange(start, start + count) / BRAIN_HZ

        slow = self._gains(movement, first_page, pages)
        at_2khz = upsample_linear(slow, UP)
        mood = at_2khz[: len(MOODS)]
        theta_hz, theta_swing, delta_swing, emg_uv, effort, spiking = at_2khz[len(MOODS) :]

        wide = self._pink(self._wide_noise.normal(first_page, pages))
        bands = self._band_noise.normal(first_page, pages)
        delta = self._delta(bands[: 1 + n])
        gamma = self._gamma(bands[1 + n : 1 + 2 * n])
        muscle_uv = self._muscle(bands[-1:])[0] * emg_uv
        shake_uv = self._artefact_uv * effort * self._shake(bands[-2:-1])[0]
        phase = self._theta(theta_hz)
        who = (self._rig.seed, self._plan.recording)
        spindle = mood[MOODS.index("nrem")] * spindles(who, time_s, first_page, body.spindle_hz)
        calm = mood[MOODS.index("nrem")] + 0.3 * mood[MOODS.index("quiet")]
        ripple = calm * ripples(who, time_s, first_page)
        epilepsy = self._epilepsy
        ictal, seizures = np.zeros((n, 1)), None
        if epilepsy is None:
            ictal = self._ictal(time_s, gamma)
        else:
            seizures = epilepsy.fields(time_s, gamma)

        background_uv = np.empty((n, count))
        field = np.empty((n, count))
        for r, region in enumerate(self._regions):
            own_mood, theta, gain = mood, theta_swing, 1 + 0.5 * np.cos(phase)
            if epilepsy is not None:
                own_mood = epilepsy.mood(mood, region, time_s)
                before = epilepsy.before(region, time_s)
                if before is not None:
                    theta, gain = theta * before[0], gain * before[1]
            background_uv[r] = _by_mood(body.background_uv[r : r + 1], own_mood)[0]
            field[r] = (
                background_uv[r] * (0.55 * wide[0] + 0.74 * wide[1 + r])
                + _by_mood(body.delta_uv[r : r + 1], own_mood)[0]
                * delta_swing
                * slow_wave(0.6 * delta[0] + 0.8 * delta[1 + r])
                + _by_mood(body.theta_uv[r : r + 1], own_mood)[0]
                * theta
                * theta_wave(phase + self._theta_lag[r])
                + _by_mood(body.gamma_uv[r : r + 1], own_mood)[0] * gain * gamma[r]
                + body.spindle_uv[r] * spindle
                + body.ripple_uv[r] * ripple
                + ictal[r]
            )
        if epilepsy is not None:
            epilepsy.quieten(field, background_uv, time_s)
        n_lfp = len(self._region_of)
        out = np.empty((n_lfp + self._has_emg, count), dtype=np.float32)
        mains = 2 * np.pi * self._rig.mains_hz * time_s
        hum = np.sin(mains) + 0.3 * np.sin(3 * mains)
        for c, r in enumerate(self._region_of):
            own = 0.39 * background_uv[r] * wide[1 + n + c]
            out[c] = (
                self._channel_gain[c] * field[r]
                + own
                + PICKUP * muscle_uv
                + shake_uv
                + self._hum_uv[c] * hum
            )
            if epilepsy is not None and seizures is not None:
                out[c] += (epilepsy.contact_gain[c] * seizures[r]).astype(np.float32)
        if self._has_emg:
            out[-1] = muscle_uv + 3 * shake_uv + 5.0 * wide[0] + 2 * self._hum_uv[-1] * hum
        if self._electrodes is not None:
            self._electrodes.add(out, mood[0] + mood[1], first_page, pages)
        if self._artefacts is not None:
            self._artefacts.add(out, time_s, hum, first_page, pages)
        return Field(out, spiking.astype(np.float32))

    def _gains(self, movement: Movement, first_page: int, pages: int) -> FloatArray:
        """Moods and slow changes at 100 Hz, with the last step of the block before in front."""
        body = self._body
        code, running = movement.code, movement.running
        mood = np.zeros((len(MOODS), len(code)))
        nuance = self._plan.nuance
        if nuance is None:
            state = code == np.arange(len(MOODS) - 1)[:, None]
        else:
            state = nuance.weights(movement.time_s, len(MOODS) - 1)
            # at rest theta comes without running
            running = np.maximum(running, nuance.spells["alert"].weight(movement.time_s))
        mood[0] = state[WAKE] * running
        mood[1] = state[WAKE] * (1 - running)
        mood[2:] = state[1:]
        mood = self._settle(mood)
        noise = self._slow_noise.normal(first_page, pages)
        swing = np.concatenate([f(noise[k : k + 1]) for k, f in enumerate(self._slow)])
        rem = mood[MOODS.index("rem")]
        theta_hz = (
            rem * body.theta_rem_hz
            + (1 - rem) * (body.theta_run_hz - 0.9 * (1 - mood[0]))
            + 0.45 * swing[2]
        )
        emg_uv = (
            _by_mood(body.tone_uv[None], mood)[0]
            + _by_mood(body.effort_uv[None], mood)[0] * movement.effort
        ) * np.exp(0.3 * swing[3])
        for s in self._plan.seizures:
            if not s.convulsive:
                emg_uv[(movement.time_s >= s.onset_s) & (movement.time_s < s.end_s)] *= SLACK
        rows = np.vstack(
            [
                mood,
                theta_hz,
                np.exp(0.3 * swing[1]),
                np.exp(0.22 * swing[0]),
                emg_uv,
                movement.effort * (code >= 0),
                _by_mood(body.spiking[None], mood)[0],
            ]
        )
        before = rows[:, :1] if self._last is None else self._last
        self._last = rows[:, -1:].copy()
        return np.concatenate([before, rows], axis=1)

    def _ictal(self, time_s: FloatArray, noise: FloatArray) -> FloatArray:
        """Fields of seizures in microvolts, (region, sample)."""
        out = np.zeros((len(self._regions), len(time_s)))
        for number, s in enumerate(self._plan.seizures):
            if s.end_s < time_s[0] or s.onset_s > time_s[-1]:
                continue
            rng = generator(self._rig.seed, "discharges", self._plan.recording, number)
            cycles, heights = ragged(discharge_phase(s, time_s), rng)
            for r, region in enumerate(self._regions):
                fast_uv, discharge_uv = envelopes(s, region, time_s, self._body.ictal_uv[r])
                discharge_uv *= heights * (1 + 0.12 * noise[r])
                out[r] += fast_uv * noise[r] + discharge_uv * spike_and_wave(cycles - LAG * r)
        return leak(out)


def _by_mood(table: FloatArray, mood: FloatArray) -> FloatArray:
    """Sum of (row, mood) over moods with weights (mood, sample), always in the same order."""
    out = table[:, :1] * mood[0]
    for k in range(1, table.shape[1]):
        out = out + table[:, k : k + 1] * mood[k]
    return np.asarray(out)
