"""What a simulated rig is made of: animals, channels, length, camera, seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from vigil.recording import Montage

RATE_HZ = 32_000
PAGE_S = 1
"""Random numbers are drawn for stretches of this length, whatever the block size."""


@dataclass(frozen=True)
class Rig:
    """Settings of a simulated rig.

    Parameters
    ----------
    animals : int
        Every second animal, and always the last one, is a mutant that has seizures.
    labelled : int
        The first so many animals come with an expert's sleep labels.
    recordings_per_animal : int
        Recordings of an animal are a day apart.
    minutes : float
        Length of each recording.
    channels : int
        From three channels on, the last one is the EMG.
    seed : int
        Same seed, same bytes.
    video : bool
        Whether there is a camera.
    natural : bool
        Bouts as long as those of a real mouse; otherwise a few minutes hold several of each.
    varied : bool
        Animals that differ on purpose, and states that are less clear, see
        `vigil.simulate.traits` and `vigil.simulate.nuance`.
    epileptic : bool
        Seizures that differ on purpose, artefacts that look like them and spikes between them,
        see `vigil.simulate.epilepsy`, `courses`, `disturbances` and `interictal`.
    preictal_min : float
        In an epileptic rig, minutes over which spikes, theta, gamma and movement change before
        each lead seizure; 0: nothing changes before a seizure.
    seizures_per_h : float
        In an epileptic rig, how many a mutant has per hour in recordings of half an hour or more.
    regions : tuple of str
        Brain regions, in the order of the channels; up to as many as there are LFP channels.
    frame_rate_hz, arena_cm, px_per_cm
        Camera and arena; the image is as large as the arena.
    mains_hz : float
        Frequency of the hum.
    start : str
        ISO 8601 start of the first recording of each animal, with offset.
    lights_on : str
        HH:MM; the light phase is 12 h long.
    block_s : int
        How much is held in memory at once; does not change a byte.
    """

    animals: int = 5
    labelled: int = 3
    recordings_per_animal: int = 1
    minutes: float = 8.0
    channels: int = 8
    seed: int = 1
    video: bool = True
    natural: bool = False
    varied: bool = False
    epileptic: bool = False
    preictal_min: float = 0.0
    seizures_per_h: float = 1.0
    regions: tuple[str, ...] = ("hippocampus", "cortex", "amygdala", "thalamus")
    frame_rate_hz: float = 30.0
    arena_cm: float = 30.0
    px_per_cm: float = 4.2
    mains_hz: float = 50.0
    start: str = "2026-03-02T09:00:00+01:00"
    lights_on: str = "07:00"
    block_s: int = 8

    def __post_init__(self) -> None:
        for name in ("animals", "recordings_per_animal", "channels", "block_s"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; it has to be at least 1.")
        if self.minutes < 1:
            raise ValueError(f"minutes is {self.minutes:g}; a recording needs at least 1.")
        if not 0 <= self.labelled <= self.animals:
            raise ValueError(f"labelled is {self.labelled}; allowed are 0 to {self.animals}.")
        if self.preictal_min < 0 or self.seizures_per_h < 0:
            raise ValueError("preictal_min and seizures_per_h cannot be below 0.")
        if self.preictal_min > 0 and not self.epileptic:
            raise ValueError("preictal_min needs a rig that is epileptic.")
        if datetime.fromisoformat(self.start).tzinfo is None:
            raise ValueError(f"start is {self.start}; it needs an offset such as +01:00.")

    @property
    def montage(self) -> Montage:
        """Where the channels lie: neighbouring channels share a region, the last is the EMG.

        An animal of a varied rig may lack regions, see its plan.
        """
        return lay_out_channels(self.channels, self.regions)

    @property
    def frame_px(self) -> int:
        """Width and height of the image; even, as the video's codec needs it."""
        return 2 * int(np.ceil((self.arena_cm * self.px_per_cm + 1) / 2))


def lay_out_channels(channels: int, regions: Sequence[str]) -> Montage:
    """Spread channels over regions as evenly as they go; from three on, the last is the EMG."""
    n_lfp = channels - 1 if channels >= 3 else channels
    used = list(regions)[:n_lfp]
    rows: list[tuple[str, str, str]] = []
    for region, members in zip(used, np.array_split(np.arange(n_lfp), len(used)), strict=True):
        rows += [(region, "LR"[k % 2], "lfp") for k in range(len(members))]
    if channels > n_lfp:
        rows.append(("neck", "", "emg"))
    region_of, hemisphere, kind = zip(*rows, strict=True)
    names = tuple(f"CSC{n + 1}" for n in range(channels))
    return Montage(names, tuple(region_of), tuple(hemisphere), tuple(kind))
