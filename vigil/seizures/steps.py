"""The evidence step by step, the channels summed up: what pages and the cohort read of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.recording import FloatArray
from vigil.seizures.baseline import row_median
from vigil.seizures.detection import speaking
from vigil.seizures.evidence import Evidence
from vigil.seizures.evidence_files import EvidenceFile
from vigil.seizures.files import WHOLE_BRAIN
from vigil.seizures.postictal import Quiet, quiet_regions
from vigil.seizures.settings import Settings

SECTION_STEPS = 8192


@dataclass(frozen=True)
class Steps:
    """What is kept of every step.

    Parameters
    ----------
    table : DataFrame
        `time_s`, `line_length_z` (median of the channels), `n_channels` that speak for a
        seizure, `suppressed`, `artefact`, and `<region>.spikes_per_s` (mean of its channels).
    quiet : dict
        By region, and `all` for the whole brain: where it is suppressed, and where it is lost.
    """

    table: pd.DataFrame
    quiet: dict[str, Quiet]


def sum_up(store: EvidenceFile, settings: Settings) -> Steps:
    """Read the evidence of a recording section by section and sum its channels up."""
    tables: list[pd.DataFrame] = []
    quiet: list[dict[str, Quiet]] = []
    for first in range(0, store.n_steps, SECTION_STEPS):
        evidence = store.read(first, min(first + SECTION_STEPS, store.n_steps))
        tables.append(_table(evidence, store, settings))
        lost = np.isnan(row_median(evidence.quiet_ln))
        share = settings.suppression_share
        quiet.append(
            {
                WHOLE_BRAIN: Quiet(evidence.suppressed, lost),
                **quiet_regions(evidence.quiet_ln, store.regions, share),
            }
        )
    table = pd.concat(tables, ignore_index=True)
    table.insert(0, "time_s", np.arange(store.n_steps) * store.step_s)
    table["artefact"] = pd.Categorical(table["artefact"])
    joined = {
        region: Quiet(
            np.concatenate([part[region].suppressed for part in quiet]),
            np.concatenate([part[region].lost for part in quiet]),
        )
        for region in quiet[0]
    }
    return Steps(table, joined)


def _table(evidence: Evidence, store: EvidenceFile, settings: Settings) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "line_length_z": row_median(evidence.line_length_z),
            "n_channels": speaking(evidence, settings).sum(axis=1).astype(np.int16),
            "suppressed": evidence.suppressed,
            "artefact": evidence.artefact,
            **region_means(evidence.spikes_per_s, store.regions),
        }
    )


def region_means(
    spikes_per_s: npt.NDArray[np.float32], regions: Sequence[str]
) -> dict[str, FloatArray]:
    """Mean over the channels of each region, NaN where none is any good.

    Parameters
    ----------
    spikes_per_s : ndarray, (step, channel)
        NaN where a channel is no good.
    regions : sequence of str
        Region of each channel.
    """
    known = np.isfinite(spikes_per_s)
    found = {}
    for region in dict.fromkeys(regions):
        mine = np.asarray(regions) == region
        n = known[:, mine].sum(axis=1)
        total = np.where(known[:, mine], spikes_per_s[:, mine], 0.0).sum(axis=1)
        mean = np.divide(total, n, where=n > 0, out=np.full(len(n), np.nan))
        found[f"{region}.spikes_per_s"] = mean.astype(np.float32)
    return found
