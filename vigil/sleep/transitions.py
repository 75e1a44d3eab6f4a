"""From which state to which: epoch by epoch, and bout by bout."""

from __future__ import annotations

import numpy as np
import pandas as pd

from vigil.recording import SCORED
from vigil.sleep.bouts import epoch_length_s, states_in_line
from vigil.sleep.statistics import YASA_STAGES, yasa_hypnogram


def transition_table(hypnogram: pd.DataFrame) -> pd.DataFrame:
    """How often each state follows each state, counted by YASA.

    Only pairs of neighbouring classified epochs count; what an unclassified epoch follows or
    precedes is not known.

    Parameters
    ----------
    hypnogram : DataFrame
        As of `make_hypnogram`.

    Returns
    -------
    DataFrame
        `step`, `from`, `to`, `count`, `probability` (of all with the same `from`; NaN where there
        are none). Step `epoch`: from an epoch to the next one. Step `bout`: to what a bout that
        ends in a classified epoch gives way.
    """
    states = states_in_line(hypnogram)
    names = [YASA_STAGES[s] for s in SCORED]
    counts = np.zeros((len(SCORED), len(SCORED)), dtype=np.int64)
    if len(states):
        table, _ = yasa_hypnogram(states, epoch_length_s(hypnogram)).transition_matrix()
        counts = table.reindex(index=names, columns=names, fill_value=0).to_numpy(np.int64)
    changes = counts * ~np.eye(len(SCORED), dtype=bool)
    rows = []
    for step, matrix in (("epoch", counts), ("bout", changes)):
        for i, j in np.ndindex(matrix.shape):
            if step == "bout" and i == j:
                continue
            of = matrix[i].sum()
            share = matrix[i, j] / of if of else np.nan
            rows.append((step, SCORED[i], SCORED[j], int(matrix[i, j]), share))
    return pd.DataFrame(rows, columns=["step", "from", "to", "count", "probability"])
