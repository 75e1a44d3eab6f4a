"""Where the seizures of a recording begin and how they spread: the rows of its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vigil.downsample.files import Lfp
from vigil.seizures.files import SeizureEvent
from vigil.seizures.observe import Channels
from vigil.seizures.onset.channels import channel_onsets, consensus_row, onset_rows, region_of_onset
from vigil.seizures.onset.excerpt import around_onset
from vigil.seizures.onset.spread import spread_rows
from vigil.seizures.settings import Settings

Rows = list[tuple[object, ...]]


@dataclass(frozen=True)
class Placed:
    """Rows of onset.tsv, consensus.tsv and spread.tsv."""

    onset: Rows = field(default_factory=list)
    consensus: Rows = field(default_factory=list)
    spread: Rows = field(default_factory=list)


def place_seizures(
    lfp: Lfp,
    channels: Channels,
    events: Sequence[SeizureEvent],
    spread_ln: npt.NDArray[np.float32],
    settings: Settings,
) -> Placed:
    """Look at the signals around the onset of each seizure, one after the other.

    Parameters
    ----------
    lfp : Lfp
    channels : Channels
        Those of the brain are looked at.
    events : sequence of SeizureEvent
        In the order of time.
    spread_ln : ndarray, (channel,)
        Usual spread of each channel's log line length.
    settings : Settings
    """
    placed = Placed()
    for number, event in enumerate(events, start=1):
        signal, pieces = around_onset(
            lfp, channels.brain, event, settings.onset_before_s, settings.onset_after_s
        )
        part = np.isin(channels.names, event.channels)
        found = channel_onsets(
            signal, lfp.rate_hz, event.onset_s, spread_ln, part, settings, pieces
        )
        step_s, names, regions = settings.onset_step_s, channels.names, channels.regions
        placed.onset.extend(onset_rows(number, found, part, names, regions, step_s))
        region = region_of_onset(number, found, part, regions, settings)
        placed.consensus.append(consensus_row(number, region))
        placed.spread.extend(spread_rows(number, found.latency_s, part, regions, step_s))
    return placed
