"""A whole rig: what Cheetah and the camera write, the table of recordings, the truth."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from vigil.recording import Montage
from vigil.simulate.amplifier import LEAD, Amplifier
from vigil.simulate.behaviour import Behaviour
from vigil.simulate.brain import Brain
from vigil.simulate.camera import Camera
from vigil.simulate.cheetah import EventsFile, NcsFiles
from vigil.simulate.plan import RecordingPlan, plan_rig
from vigil.simulate.settings import PAGE_S, RATE_HZ, Rig
from vigil.simulate.truth import HeadFile, label_epochs, write_truth

WARM_UP_PAGES = 4
"""Seconds before the first sample in which filters settle."""

Progress = Callable[[str], None]


def simulate_rig(folder: Path, rig: Rig, progress: Progress | None = None) -> Path:
    """Write all recordings of a rig.

    Parameters
    ----------
    folder : Path
        Made where it does not exist; files of the same name are replaced.
    rig : Rig
        What to simulate.
    progress : callable, optional
        Gets a line now and then.

    Returns
    -------
    Path
        recordings.tsv.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plans = plan_rig(rig)
    for plan in plans:
        _write_montage(folder / _montage_name(rig, plan), plan.montage)
    for number, plan in enumerate(plans):
        began = time.monotonic()
        title = f"{plan.recording} ({number + 1} of {len(plans)})"
        told = 0
        for share in simulate_recording(folder, rig, plan):
            if progress is not None and told < int(share * 4) < 4:
                told = int(share * 4)
                progress(f"{title}: {told / 4:.0%}")
        if progress is not None:
            seconds = time.monotonic() - began
            speed = plan.duration_s / seconds
            progress(f"{title}: done in {seconds:.0f} s, {speed:.0f} times real time")
    return _write_table(folder / "recordings.tsv", rig, plans)


def simulate_recording(folder: Path, rig: Rig, plan: RecordingPlan) -> Iterator[float]:
    """Write one recording, block by block; yields the share that is done."""
    raw, truth = folder / plan.recording, folder / "truth" / plan.recording
    raw.mkdir(parents=True, exist_ok=True)
    write_truth(truth, plan)
    if plan.labelled:
        (folder / "labels").mkdir(exist_ok=True)
        label_epochs(rig, plan).to_csv(folder / "labels" / f"{plan.recording}.csv", index=False)

    behaviour = Behaviour(rig, plan)
    brain, amplifier = Brain(rig, plan, lead=LEAD), Amplifier(rig, plan)
    ncs = NcsFiles(raw, plan, rig.seed, rig.montage.channel)
    events = EventsFile(raw / "Events.nev", plan, rig.seed)
    camera = Camera(raw, rig, plan, plan.camera) if plan.camera is not None else None
    head = HeadFile(truth / "head.parquet") if camera is not None else None
    try:
        for first, pages in _blocks(plan, rig.block_s):
            movement = behaviour.advance(first, pages)
            field = brain.advance(movement, first, pages)
            samples = amplifier.convert(field, first, pages)
            if first < 0:
                continue
            left = plan.n_samples - first * PAGE_S * RATE_HZ
            ncs.append(samples[:, : max(0, left)])
            exposures_s = np.empty(0)
            if camera is not None and head is not None:
                exposures_s, frames = camera.advance(movement)
                head.append(frames)
            # the camera runs one step of behaviour behind
            events.append(exposures_s, (first + pages) * PAGE_S - 0.1)
            yield min(1.0, (first + pages) * PAGE_S / plan.duration_s)
    finally:
        for file in (ncs, events, camera, head):
            if file is not None:
                file.close()


def _blocks(plan: RecordingPlan, block_s: int) -> Iterator[tuple[int, int]]:
    """First page and number of pages of each block; the first one is the warm-up."""
    yield -WARM_UP_PAGES, WARM_UP_PAGES
    pages = int(np.ceil(plan.n_samples / (PAGE_S * RATE_HZ)))
    for first in range(0, pages, block_s):
        yield first, min(block_s, pages - first)


def _montage_name(rig: Rig, plan: RecordingPlan) -> str:
    """One file for all, or where animals differ on purpose one for each."""
    return f"montage_{plan.animal}.tsv" if rig.varied else "montage.tsv"


def _write_montage(path: Path, montage: Montage) -> None:
    table = pd.DataFrame(
        {
            "channel": montage.channel,
            "region": montage.region,
            "hemisphere": montage.hemisphere,
            "kind": montage.kind,
        }
    )
    table.to_csv(path, sep="\t", index=False)


def _write_table(path: Path, rig: Rig, plans: list[RecordingPlan]) -> Path:
    rows = []
    for plan in plans:
        video = plan.camera is not None
        rows.append(
            {
                "recording": plan.recording,
                "animal": plan.animal,
                "group": plan.group,
                "source": plan.recording,
                "start": plan.start.isoformat(),
                "video": f"{plan.recording}/video.mp4" if video else "",
                "video_times": f"{plan.recording}/video_times.csv" if video else "",
                "montage": _montage_name(rig, plan),
                "lights_on": rig.lights_on,
                "px_per_cm": f"{rig.px_per_cm:g}" if video else "",
                "sleep_labels": f"labels/{plan.recording}.csv" if plan.labelled else "",
                "died": plan.died.isoformat() if plan.died is not None else "",
            }
        )
    pd.DataFrame(rows).to_csv(path, sep="\t", index=False)
    return path
