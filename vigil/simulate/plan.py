"""The plan of each recording: what happens when, before any sample is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from vigil.recording import Montage
from vigil.simulate.bouts import Bouts, draw_bouts, roughen
from vigil.simulate.disturbances import Disturbance, draw_disturbances
from vigil.simulate.epilepsy import dies, draw_epilepsy, focus_of, is_mutant
from vigil.simulate.interictal import Interictal, Ramps, draw_interictal, draw_ramps
from vigil.simulate.nuance import Nuance, draw_nuance
from vigil.simulate.seizure import Seizure as Seizure
from vigil.simulate.settings import RATE_HZ, Rig
from vigil.simulate.streams import generator
from vigil.simulate.traits import Traits, montage_of, traits_of

RECORD_SAMPLES = 512


@dataclass(frozen=True)
class Interruption:
    """Samples that were not recorded: [stop, restart), and whether acquisition was stopped.

    Where it was not, the system lost the rest of a record and went on: a short record.
    """

    stop: int
    restart: int
    acquisition_stopped: bool


@dataclass(frozen=True)
class CameraClock:
    """Exposure k is at `camera_s` = k / rate on the camera's clock.

    On the recording's clock it is at offset_s + camera_s * (1 + drift_ppm * 1e-6).
    """

    offset_s: float
    drift_ppm: float
    exposures: int
    lost: tuple[int, ...]


@dataclass(frozen=True)
class RecordingPlan:
    """All that is decided about a recording beforehand.

    Disturbances, spikes between seizures and what grows before them are those of an epileptic
    rig, see `vigil.simulate.disturbances` and `vigil.simulate.interictal`.
    """

    recording: str
    animal: str
    animal_number: int
    group: str
    start: datetime
    labelled: bool
    n_samples: int
    bouts: Bouts
    seizures: tuple[Seizure, ...]
    interruptions: tuple[Interruption, ...]
    camera: CameraClock | None
    died: datetime | None
    traits: Traits
    montage: Montage
    nuance: Nuance | None
    disturbances: tuple[Disturbance, ...] = ()
    interictal: Interictal | None = None
    ramps: Ramps | None = None

    @property
    def duration_s(self) -> float:
        """From the first to the end of the last sample."""
        return self.n_samples / RATE_HZ

    @property
    def stretches(self) -> list[tuple[int, int]]:
        """Samples that were recorded, one half-open range per gapless stretch."""
        starts = [0] + [i.restart for i in self.interruptions]
        stops = [i.stop for i in self.interruptions] + [self.n_samples]
        return list(zip(starts, stops, strict=True))


def plan_rig(rig: Rig) -> list[RecordingPlan]:
    """Plan all recordings of a rig, animal by animal."""
    return [
        _plan_recording(rig, animal, number)
        for animal in range(rig.animals)
        for number in range(rig.recordings_per_animal)
    ]


def _plan_recording(rig: Rig, animal: int, number: int) -> RecordingPlan:
    name = f"mouse{animal + 1}"
    recording = f"{name}-{number + 1:02d}"
    last_animal = animal == rig.animals - 1
    mutant = animal % 2 == 1 or last_animal
    deadly = last_animal
    if rig.epileptic:
        mutant, deadly = is_mutant(rig, animal), dies(rig, animal)
    fatal = deadly and number == rig.recordings_per_animal - 1
    rng = generator(rig.seed, "plan", recording)
    # stopped by hand: the last record is not full
    n_samples = round(rig.minutes * 60 * RATE_HZ) + int(rng.integers(40, RECORD_SAMPLES - 40))
    duration_s = n_samples / RATE_HZ
    traits = traits_of(rig, animal)
    montage = montage_of(rig, traits)
    start = datetime.fromisoformat(rig.start) + timedelta(days=number)
    seizures: tuple[Seizure, ...] = ()
    if mutant and rig.epileptic:
        seizures = draw_epilepsy(rig, animal, recording, montage.regions, duration_s, fatal)
    elif mutant:
        seizures = _draw_seizures(rng, rig, montage.regions, name, duration_s, fatal)
    lights_on_h = int(rig.lights_on[:2]) + int(rig.lights_on[3:]) / 60
    zeitgeber_h = start.hour + start.minute / 60 - lights_on_h
    spells = [(s.onset_s, s.end_s, s.recovered_s, s.fatal) for s in seizures]
    died = start + timedelta(seconds=round(seizures[-1].end_s)) if fatal else None
    bouts = draw_bouts(rng, duration_s, spells, rig.natural, zeitgeber_h)
    nuance = None
    if rig.varied:
        unclear = generator(rig.seed, "nuance", recording)
        bouts = roughen(unclear, bouts, traits.awakenings)
        nuance = draw_nuance(unclear, bouts, traits)
    plan = RecordingPlan(
        recording=recording,
        animal=name,
        animal_number=animal,
        group="mutant" if mutant else "wildtype",
        start=start,
        labelled=animal < rig.labelled,
        n_samples=n_samples,
        bouts=bouts,
        seizures=seizures,
        interruptions=_draw_interruptions(rng, n_samples, seizures),
        camera=_draw_clock(rng, rig.frame_rate_hz, duration_s) if rig.video else None,
        died=died,
        traits=traits,
        montage=montage,
        nuance=nuance,
    )
    return _add_epilepsy(rig, plan) if rig.epileptic else plan


def _add_epilepsy(rig: Rig, plan: RecordingPlan) -> RecordingPlan:
    """Add what an epileptic rig holds beside its seizures."""
    regions, seizures, length_s = plan.montage.regions, plan.seizures, plan.duration_s
    mutant = plan.group == "mutant"
    focus = focus_of(rig, plan.animal_number, regions) if mutant else None
    who, n = (plan.animal, plan.recording), len(plan.montage.channel)
    ramps = draw_ramps(rig, seizures)
    return replace(
        plan,
        disturbances=draw_disturbances(rig, *who, length_s, n, plan.bouts, seizures),
        interictal=draw_interictal(rig, *who, regions, focus, length_s, seizures, ramps),
        ramps=ramps,
    )


def _draw_seizures(
    rng: np.random.Generator,
    rig: Rig,
    regions: tuple[str, ...],
    animal: str,
    duration_s: float,
    fatal: bool,
) -> tuple[Seizure, ...]:
    """Draw about one seizure an hour, at least one; the fatal one is the last."""
    # the focus belongs to the animal: its seizures begin where they began before
    focus = regions[generator(rig.seed, "focus", animal).integers(len(regions))]
    short = duration_s < 300
    count = max(1, round(duration_s / 3600))
    room_s = duration_s / count
    seizures = []
    for k in range(count):
        lasts_s = 20.0 if short else float(rng.uniform(20, min(60, 0.1 * room_s)))
        silent_s = 10.0 if short else float(rng.uniform(10, min(60, 0.1 * room_s)))
        onset_s = (k + float(rng.uniform(0.42, 0.65))) * room_s
        dies = fatal and k == count - 1
        if dies:
            onset_s = duration_s - lasts_s - min(90.0, 0.2 * duration_s)
            silent_s = duration_s - onset_s - lasts_s
        # closer than half a second the order of regions is a matter of taste
        drawn = rng.uniform(0.5, 6.0, len(regions)).round(3)
        delays = {r: 0.0 if r == focus else float(d) for r, d in zip(regions, drawn, strict=True)}
        seizures.append(
            Seizure(round(onset_s, 3), round(lasts_s, 3), round(silent_s, 3), focus, delays, dies)
        )
    return tuple(seizures)


def _draw_interruptions(
    rng: np.random.Generator, n_samples: int, seizures: tuple[Seizure, ...]
) -> tuple[Interruption, ...]:
    """Draw one stop of the acquisition every two hours and one short record, away from seizures."""
    count = 1 + int(n_samples / RATE_HZ / 7200)
    longest_s = min(12.0, 0.05 * n_samples / RATE_HZ)
    found: list[Interruption] = []
    while len(found) < 2 * count:
        stopped = len(found) < count
        stop = int(rng.uniform(0.1, 0.9) * n_samples)
        length_s = rng.uniform(0.25, 1.0) * longest_s
        # whole microseconds: four samples are 125 us
        restart = 4 * round((stop + length_s * RATE_HZ) / 4)
        near = [(i.stop, i.restart) for i in found]
        near += [(round(s.onset_s * RATE_HZ), round(s.recovered_s * RATE_HZ)) for s in seizures]
        margin = min(10.0, 0.04 * n_samples / RATE_HZ) * RATE_HZ
        if all(restart + margin < a or stop - margin > b for a, b in near):
            found.append(Interruption(stop, restart, stopped))
    return _as_records(sorted(found, key=lambda i: i.stop), rng)


def _as_records(found: list[Interruption], rng: np.random.Generator) -> tuple[Interruption, ...]:
    """Place short records on the grid of records of their stretch."""
    placed: list[Interruption] = []
    stretch = 0
    for i in found:
        if not i.acquisition_stopped:
            record = stretch + (i.stop - stretch) // RECORD_SAMPLES * RECORD_SAMPLES
            kept = int(rng.integers(100, 400))
            i = Interruption(record + kept, record + RECORD_SAMPLES, False)
        elif (i.stop - stretch) % RECORD_SAMPLES == 0:
            i = Interruption(i.stop + 100, i.restart, True)
        placed.append(i)
        stretch = i.restart
    return tuple(placed)


def _draw_clock(rng: np.random.Generator, rate_hz: float, duration_s: float) -> CameraClock:
    """Draw the camera's offset, drift and lost frames."""
    offset_s = round(float(rng.uniform(1, 3)), 6)
    drift_ppm = round(float(rng.choice((-1, 1)) * rng.uniform(20, 150)), 3)
    exposures = int((duration_s - 0.5 - offset_s) / (1 + drift_ppm * 1e-6) * rate_hz)
    # one frame in 3000 is lost, but neither the first nor the last ones
    count = max(2, exposures // 3000)
    lost = rng.choice(np.arange(10, exposures - 10), count, replace=False)
    return CameraClock(offset_s, drift_ppm, exposures, tuple(int(k) for k in np.sort(lost)))
