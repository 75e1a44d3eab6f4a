"""What is drawn for an animal of an epileptic rig: its focus, and seizures that differ on purpose.

The numbers were written down before any detector was measured on them. Seizures of epileptic mice
last 20 to 60 s, some less or more, come in clusters or alone, and are not all convulsive.
"""

from __future__ import annotations

import numpy as np

from vigil.simulate.courses import draw_course
from vigil.simulate.seizure import PATTERNS, Seizure
from vigil.simulate.settings import Rig
from vigil.simulate.streams import generator

LENGTH_S = (12.0, 90.0)
MEDIAN_LENGTH_S, LENGTH_SPREAD = 35.0, 0.5
GAIN = (0.55, 2.0)
"""The weakest are hardly two to three times the background of wake, and less than that in NREM."""
RATE_FACTOR = (0.75, 1.25)
APART_S = 300.0
"""From the end of one seizure to the onset of the next."""
FAVOURED = 0.5
"""Share of an animal's seizures that have its own pattern; the others have any."""
ELSEWHERE = 0.1
"""Share of the seizures that do not begin in the animal's focus."""
EVERYWHERE = 0.6
AT_ONCE, AT_ONCE_S = 0.125, 0.25
DELAY_S = (0.6, 12.0)
SILENT, SILENT_S = 0.67, (8.0, 75.0)
FOCAL_CONVULSIVE = 0.4
SHORT_S = 1800.0
"""Below this length a recording holds one seizure, in its middle."""


def is_mutant(rig: Rig, animal: int) -> bool:
    """Three animals of four, and always the last one."""
    return animal % 4 != 0 or animal == rig.animals - 1


def dies(rig: Rig, animal: int) -> bool:
    """Every fourth animal, and always the last one."""
    return animal % 4 == 3 or animal == rig.animals - 1


def _mutant_number(animal: int) -> int:
    """How many mutants come before it, as far as every fourth animal is a wildtype."""
    return max(0, animal - animal // 4 - 1)


def focus_of(rig: Rig, animal: int, regions: tuple[str, ...]) -> str:
    """Where a mutant's seizures begin: in turn in each region."""
    first = int(generator(rig.seed, "foci").integers(len(regions)))
    return regions[(first + _mutant_number(animal)) % len(regions)]


def pattern_of(rig: Rig, animal: int) -> str:
    """The pattern that an animal's seizures have most often."""
    turn, place = divmod(_mutant_number(animal), len(PATTERNS))
    order = generator(rig.seed, "patterns", turn).permutation(len(PATTERNS))
    return PATTERNS[order[place]]


def draw_epilepsy(
    rig: Rig, animal: int, recording: str, regions: tuple[str, ...], duration_s: float, fatal: bool
) -> tuple[Seizure, ...]:
    """Draw the seizures of a recording of a mutant, in their order."""
    rng = generator(rig.seed, "epilepsy", recording)
    focus, favoured = focus_of(rig, animal, regions), pattern_of(rig, animal)
    found = []
    rate_per_h = rig.seizures_per_h * float(
        generator(rig.seed, "rate", animal).uniform(*RATE_FACTOR)
    )
    for onset_s, room_s, last in _onsets(rng, rate_per_h, duration_s, fatal):
        dying = fatal and last
        draw = float(np.clip(MEDIAN_LENGTH_S * rng.lognormal(0, LENGTH_SPREAD), *LENGTH_S))
        lasts_s = min(draw, 0.5 * room_s)
        pattern = favoured if rng.random() < FAVOURED else PATTERNS[rng.integers(len(PATTERNS))]
        gain = float(np.exp(rng.uniform(*np.log(GAIN))))
        region = focus
        if rng.random() < ELSEWHERE:
            region = regions[rng.integers(len(regions))]
        at_once = bool(rng.random() < AT_ONCE) and not dying
        delay_s = _spread(rng, regions, region, lasts_s, at_once, dying)
        reach = {r: 1.0 if r == region else float(rng.uniform(0.4, 1.0)) for r in delay_s}
        whole = len(delay_s) == len(regions)
        convulsive = dying or whole or bool(rng.random() < FOCAL_CONVULSIVE)
        silent_s = min(float(rng.uniform(*SILENT_S)), 0.4 * room_s)
        silent_s *= float(rng.random() < SILENT)
        if dying:
            onset_s = duration_s - lasts_s - min(90.0, 0.2 * duration_s)
            silent_s = duration_s - onset_s - lasts_s
        found.append(
            Seizure(
                round(onset_s, 3),
                round(lasts_s, 3),
                round(silent_s, 3),
                region,
                delay_s,
                dying,
                pattern,
                round(gain, 3),
                convulsive,
                draw_course(rng, pattern, round(lasts_s, 3), round(gain, 3), reach, at_once),
            )
        )
    return tuple(found)


def _onsets(
    rng: np.random.Generator, rate_per_h: float, duration_s: float, fatal: bool
) -> list[tuple[float, float, bool]]:
    """Onset of each seizure, the room that it has, and whether it is the last."""
    if duration_s < SHORT_S:
        onset_s = float(rng.uniform(0.3, 0.65)) * duration_s
        return [(onset_s, 0.3 * duration_s, True)]
    longest_s = LENGTH_S[1] + SILENT_S[1]
    first_s, last_s = 120.0, duration_s - longest_s - 60.0
    if fatal:
        last_s -= 90.0 + LENGTH_S[1] + APART_S
    # the number differs little, the times do
    count = int(rate_per_h * duration_s / 3600 + rng.random())
    count = min(count - fatal, int(0.6 * (last_s - first_s) / (APART_S + longest_s)))
    # times at chance with room between: draw without the room, then put it in
    room_s = APART_S + longest_s
    free_s = last_s - first_s - max(count - 1, 0) * room_s
    drawn = np.sort(rng.uniform(0, free_s, max(count, 0)))
    found = [(first_s + float(t) + k * room_s, 300.0, False) for k, t in enumerate(drawn)]
    if fatal:
        found.append((duration_s, 300.0, True))
    return found


def _spread(
    rng: np.random.Generator,
    regions: tuple[str, ...],
    focus: str,
    lasts_s: float,
    at_once: bool,
    dying: bool,
) -> dict[str, float]:
    """Seconds until each region that the seizure reaches; two at least, where there are two."""
    others = [r for r in regions if r != focus]
    everywhere = bool(rng.random() < EVERYWHERE) or at_once or dying or len(others) < 2
    count = len(others) if everywhere else int(rng.integers(1, len(others)))
    reached = [others[k] for k in np.sort(rng.permutation(len(others))[:count])]
    low_s, high_s = (0.0, AT_ONCE_S) if at_once else DELAY_S
    delay_s = {focus: 0.0}
    for region in reached:
        if at_once:
            drawn_s = float(rng.uniform(low_s, high_s))
        else:
            drawn_s = float(np.exp(rng.uniform(np.log(low_s), np.log(min(high_s, 0.5 * lasts_s)))))
        delay_s[region] = round(drawn_s, 3)
    return delay_s
