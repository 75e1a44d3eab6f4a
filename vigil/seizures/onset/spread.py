"""How a seizure spreads: the order of the regions, their delays, and how fast it goes.

A montage knows regions and hemispheres but no positions, so that speed is in regions and contacts
per second and not in millimetres.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vigil.recording import FloatArray
from vigil.seizures.files import ALL_CONTACTS
from vigil.seizures.onset.consensus import over_methods, ranks, region_latencies_s

Row = tuple[int, str, float, float, int, int, float, float, float]


def spread_rows(
    seizure: int,
    latency_s: FloatArray,
    taking_part: npt.NDArray[np.bool_],
    regions: Sequence[str],
    step_s: float,
) -> list[Row]:
    """Rows of spread.tsv of one seizure: its regions, then all of them together.

    Parameters
    ----------
    seizure : int
        Number of the seizure.
    latency_s : ndarray
        (method, channel), NaN where there is no onset.
    taking_part : ndarray of bool
        Channels that take part in the event; a chance rise of the others does not count.
    regions : sequence of str
        Region of each channel.
    step_s : float
        Regions closer than this share a place in the order.

    Returns
    -------
    list of tuple
        seizure, region, order (1 for the first, ties share a place), delay_s (behind the
        first region), contacts, contacts_joined, regions_joined, regions_per_s,
        contacts_per_s. NaN for a region that the seizure does not reach; the last three
        stand only in the row `all`, whose delay is that of the last region. A speed is how
        many regions (contacts) follow the first, over the time until the last one joins;
        NaN where none follows or all join within one step.
    """
    known = np.where(taking_part, latency_s, np.nan)
    names, by_method = region_latencies_s(known, regions)
    latency = over_methods(by_method)
    contact = over_methods(known)
    delay = latency - np.nanmin(latency) if np.isfinite(latency).any() else latency
    order = ranks(latency, step_s)
    of = np.asarray(regions)
    rows: list[Row] = []
    nothing = float("nan")
    for i in np.argsort(np.where(np.isfinite(delay), delay, np.inf), kind="stable"):
        mine = of == names[i]
        joined = int(np.isfinite(contact[mine]).sum())
        place = (seizure, names[i], order[i], delay[i], int(mine.sum()), joined)
        rows.append((*place, nothing, nothing, nothing))
    n_regions = int(np.isfinite(delay).sum())
    whole = float(np.nanmax(delay)) if n_regions else nothing
    total = int(np.isfinite(contact).sum())
    row = (seizure, ALL_CONTACTS, nothing, whole, len(of), total, float(n_regions))
    rows.append((*row, per_second(delay, step_s), per_second(contact, step_s)))
    return rows


def per_second(latency_s: FloatArray, step_s: float) -> float:
    """How many follow the first, over the time until the last; NaN if that is below a step."""
    known = latency_s[np.isfinite(latency_s)]
    if len(known) < 2 or np.ptp(known) < step_s - 1e-9:
        return float("nan")
    return float((len(known) - 1) / np.ptp(known))
