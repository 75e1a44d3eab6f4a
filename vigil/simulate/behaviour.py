"""Where the head is: an animal that runs, pauses, looks around, sleeps, jerks and dies.

The trajectory is made at 100 Hz from forces that set in smoothly, so that position has finite
acceleration and jerk. The head sits on a neck in front of a body; what is reported is the
midpoint of the ears.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.compiled import compiled
from vigil.simulate.bouts import DEAD, ICTAL, NREM, REM, SUPPRESSED, WAKE
from vigil.simulate.interictal import MORE_REST, REST_S
from vigil.simulate.nuance import GROOMING, RESTING
from vigil.simulate.plan import RecordingPlan
from vigil.simulate.settings import PAGE_S, Rig
from vigil.simulate.streams import CarriedFilter, PagedNoise, generator, low_pass

FloatArray = npt.NDArray[np.float64]

STEP_HZ = 100
NECK_CM = 2.6
MARGIN_CM = 7.0
TONIC_S = 4.0


@dataclass(frozen=True)
class Movement:
    """A stretch of behaviour at 100 Hz, one entry per step.

    Parameters
    ----------
    time_s : ndarray
        On the recording's clock.
    code : ndarray of int
        State, see `vigil.simulate.bouts`.
    x_cm, y_cm, head_direction_rad : ndarray
        Midpoint of the ears (y down) and direction (unwrapped, counter-clockwise positive).
    bend_rad : ndarray
        Direction of the head against that of the body.
    running : ndarray
        0 at rest to 1 at 8 cm/s and more.
    effort : ndarray
        How hard muscles work to move, 0 at rest and about 1 when running.
    """

    time_s: FloatArray
    code: npt.NDArray[np.int8]
    x_cm: FloatArray
    y_cm: FloatArray
    head_direction_rad: FloatArray
    bend_rad: FloatArray
    running: FloatArray
    effort: FloatArray


class Behaviour:
    """The behaviour of the animal of one recording, block by block."""

    def __init__(self, rig: Rig, plan: RecordingPlan) -> None:
        self._plan = plan
        self._arena_cm = rig.arena_cm
        self._noise = PagedNoise(rig.seed, ("behaviour", plan.recording), 8, STEP_HZ)
        rng = generator(rig.seed, "posture", plan.recording)
        body = np.zeros(24)
        body[BODY_X : BODY_Y + 1] = rng.uniform(10, rig.arena_cm - 10, 2)
        body[HEADING] = rng.uniform(-np.pi, np.pi)
        body[LAST_CODE] = -1
        self._body = body
        vigour = generator(rig.seed, "vigour", plan.animal).uniform(0.85, 1.15)
        self._top_speed_cm_s = 18.0 * vigour * plan.traits.vigour
        slots = int(plan.duration_s / REST_S) + 2
        self._rests = generator(rig.seed, "rests", plan.recording).random(slots)
        self._ease = CarriedFilter(low_pass(2.0, STEP_HZ), 2)

    def advance(self, first_page: int, pages: int) -> Movement:
        """Behaviour of the next pages; pages have to follow each other."""
        first = first_page * PAGE_S * STEP_HZ
        time_s = np.arange(first, first + pages * PAGE_S * STEP_HZ) / STEP_HZ
        code = self._plan.bouts.at(time_s)
        jerks = np.zeros(len(time_s))
        for s in self._plan.seizures:
            inside = (time_s >= s.onset_s) & (time_s < s.end_s) & s.convulsive
            jerks[inside] = np.clip((time_s[inside] - s.onset_s - TONIC_S) / 6, 0, 1)
        draws = np.ascontiguousarray(self._noise.uniform(first_page, pages).T)
        out = np.empty((len(time_s), 6))
        traits, nuance = self._plan.traits, self._plan.nuance
        _move(
            self._body,
            self._rest(time_s, code if nuance is None else nuance.acts(time_s, code)),
            jerks,
            draws,
            self._arena_cm,
            self._top_speed_cm_s,
            traits.pause,
            traits.twitches_hz,
            out,
        )
        running, effort = self._ease(np.ascontiguousarray(out[:, 4:].T))
        return Movement(time_s, code, out[:, 0], out[:, 1], out[:, 2], out[:, 3], running, effort)

    def _rest(self, time_s: FloatArray, acts: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
        """Rest more often while something grows before a seizure."""
        ramps = self._plan.ramps
        if ramps is None or not len(ramps.onset_s):
            return acts
        slot = np.maximum(time_s / REST_S, 0).astype(np.int64)
        rests = self._rests[slot] < MORE_REST * ramps.at(time_s)
        return np.where(rests & (acts == WAKE), RESTING, acts).astype(np.int8)


# places in the vector that carries the animal from step to step
(
    BODY_X,
    BODY_Y,
    HEADING,
    SPEED,
    SPEED_RATE,
    TURN,
    TURN_RATE,
    NECK,
    NECK_RATE,
    NECK_PULL,
    NECK_GOAL,
    GOAL_X,
    GOAL_Y,
    RUNS,
    TIMER,
    PACE,
    JERK,
    JERK_RATE,
    TWIST,
    TWIST_RATE,
    BREATH,
    DEPTH,
    LAST_CODE,
) = range(23)


@compiled()
def _move(
    b: FloatArray,
    code: npt.NDArray[np.int8],
    jerks: FloatArray,
    draws: FloatArray,
    arena_cm: float,
    top_speed_cm_s: float,
    pause: float,
    twitches_hz: float,
    out: FloatArray,
) -> None:  # pragma: no cover - compiled
    dt = 1.0 / STEP_HZ
    for n in range(len(code)):
        u = draws[n]
        state = code[n]
        speed_goal = 0.0
        turn_goal = 0.0
        depth_goal = 0.012
        breaths_hz = 2.5
        if state == WAKE:
            if b[LAST_CODE] != WAKE:
                # it wakes up with a look around
                b[RUNS] = 0.0
                b[TIMER] = 0.8 + 2.0 * u[0]
                b[NECK_GOAL] = 1.6 * u[1] - 0.8
            b[TIMER] -= dt
            breaths_hz = 3.5
            if b[RUNS] > 0.5:
                ahead_x = b[GOAL_X] - b[BODY_X]
                ahead_y = b[GOAL_Y] - b[BODY_Y]
                off = np.arctan2(-ahead_y, ahead_x) - b[HEADING]
                off = (off + np.pi) % (2 * np.pi) - np.pi
                speed_goal = b[PACE] * max(0.08, np.cos(off))
                turn_goal = min(6.0, max(-6.0, 5.0 * off))
                b[NECK_GOAL] = min(0.6, max(-0.6, 0.5 * off))
                if ahead_x**2 + ahead_y**2 < 2.5**2 or b[TIMER] < 0:
                    # two legs out of three are followed by another one
                    b[RUNS] = 1.0 if u[6] < 0.65 else 0.0
                    b[TIMER] = 6.0 if b[RUNS] > 0.5 else 0.4 + 9.0 * pause * u[0] ** 2
                    b[GOAL_X] = MARGIN_CM + (arena_cm - 2 * MARGIN_CM) * u[3]
                    b[GOAL_Y] = MARGIN_CM + (arena_cm - 2 * MARGIN_CM) * u[4]
            else:
                if u[1] < 1.3 * dt:
                    b[NECK_GOAL] = 2.0 * u[2] - 1.0
                if b[TIMER] < 0:
                    b[RUNS] = 1.0
                    b[TIMER] = 6.0
                    b[GOAL_X] = MARGIN_CM + (arena_cm - 2 * MARGIN_CM) * u[3]
                    b[GOAL_Y] = MARGIN_CM + (arena_cm - 2 * MARGIN_CM) * u[4]
                    b[PACE] = top_speed_cm_s * (0.35 + 0.65 * u[5])
        elif state == NREM:
            b[NECK_GOAL] *= 1 - dt
            if u[1] < twitches_hz * dt:
                b[TWIST_RATE] += 8.0 * (u[2] - 0.5)
                b[JERK_RATE] += 10.0 * (u[3] - 0.5)
        elif state == REM:
            breaths_hz = 2.5 + 1.5 * u[0]
            if u[1] < 0.9 * dt:
                b[TWIST_RATE] += 3.0 * (u[2] - 0.5)
                b[JERK_RATE] += 2.0 * (u[3] - 0.5)
        elif state == GROOMING:
            # strokes over the head, in place
            breaths_hz = 3.5
            if u[1] < 10.0 * dt:
                b[TWIST_RATE] += 6.0 * (u[2] - 0.5)
                b[JERK_RATE] += 14.0 * (u[3] - 0.5)
        elif state == ICTAL:
            depth_goal = 0.0
            if u[1] < 6.0 * dt and jerks[n] > 0:
                b[TWIST_RATE] += 14.0 * (u[2] - 0.5) * jerks[n]
                b[JERK_RATE] += 45.0 * (u[3] - 0.4) * jerks[n]
        elif state == SUPPRESSED:
            depth_goal = 0.006
            breaths_hz = 1.2
        elif state == DEAD:
            depth_goal = 0.0
        b[LAST_CODE] = state

        # forces set in over a tenth of a second, so that jerk stays finite
        b[SPEED_RATE] += dt / 0.08 * ((speed_goal - b[SPEED]) / 0.2 - b[SPEED_RATE])
        b[SPEED] += dt * b[SPEED_RATE]
        b[TURN_RATE] += dt / 0.05 * ((turn_goal - b[TURN]) / 0.12 - b[TURN_RATE])
        b[TURN] += dt * b[TURN_RATE]
        b[HEADING] += dt * b[TURN]
        b[BODY_X] += dt * b[SPEED] * np.cos(b[HEADING])
        b[BODY_Y] -= dt * b[SPEED] * np.sin(b[HEADING])
        b[NECK_PULL] += dt / 0.06 * (b[NECK_GOAL] - b[NECK_PULL])
        b[NECK_RATE] += dt * (100.0 * (b[NECK_PULL] - b[NECK]) - 20.0 * b[NECK_RATE])
        b[NECK] += dt * b[NECK_RATE]
        b[JERK_RATE] += dt * (-625.0 * b[JERK] - 22.0 * b[JERK_RATE])
        b[JERK] += dt * b[JERK_RATE]
        b[TWIST_RATE] += dt * (-400.0 * b[TWIST] - 20.0 * b[TWIST_RATE])
        b[TWIST] += dt * b[TWIST_RATE]
        b[DEPTH] += dt * (depth_goal - b[DEPTH])
        b[BREATH] = (b[BREATH] + 2 * np.pi * breaths_hz * dt) % (2 * np.pi)

        head = b[HEADING] + b[NECK] + b[TWIST]
        reach_cm = NECK_CM + b[JERK] + b[DEPTH] * np.sin(b[BREATH])
        out[n, 0] = b[BODY_X] + reach_cm * np.cos(head)
        out[n, 1] = b[BODY_Y] - reach_cm * np.sin(head)
        out[n, 2] = head
        out[n, 3] = b[NECK] + b[TWIST]
        out[n, 4] = min(1.0, abs(b[SPEED]) / 8.0)
        out[n, 5] = (
            abs(b[SPEED]) / 12.0
            + 0.25 * min(4.0, abs(b[NECK_RATE]))
            + min(1.5, abs(b[JERK_RATE]) / 6.0 + abs(b[TWIST_RATE]) / 4.0)
        )
