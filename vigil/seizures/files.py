"""What seizures leaves: tables of events, onsets, suppression and rates, and the evidence.

In tables of onsets 'none' stands where there is no detection; readers give NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

NONE = "none"
UNKNOWN = "n/a"  # of SzCORE and BIDS
EVENT_COLUMNS = (
    "onset",
    "duration",
    "eventType",
    "confidence",
    "channels",
    "dateTime",
    "recordingDuration",
)
ONSET_COLUMNS = ("seizure", "region", "channel", "method", "latency_s", "rank")
EPILEPTOGENICITY = "epileptogenicity"  # the last column of onset.tsv
ALL_CONTACTS = "all"  # in the column channel: the median of a region's contacts
ALL_METHODS = "consensus"  # in the column method: the earliest of the methods
CONSENSUS_COLUMNS = ("seizure", "region", "confidence", "bootstrap", "status", "reason")
SPREAD_COLUMNS = (
    "seizure",
    "region",
    "order",
    "delay_s",
    "contacts",
    "contacts_joined",
    "regions_joined",
    "regions_per_s",
    "contacts_per_s",
)
POSTICTAL_COLUMNS = ("seizure", "region", "suppression_s", "recovered")
WHOLE_BRAIN = "all"  # in the column region of postictal.tsv
DISTURBANCE_COLUMNS = ("start_s", "duration_s", "reason")
RATES_COLUMNS = (
    "channel",
    "region",
    "hours",
    "spikes_per_min",
    "ripples_per_min",
    "fast_ripples_per_min",
)
TIMES = ("start_s", "duration_s", "suppression_s")
"""Columns that grow with the recording: four figures do not hold a day to the second."""
RESOLVED, UNRESOLVED = "resolved", "unresolved"  # in the column status, beside NONE
SEPARATOR = "+"  # between regions that begin together


@dataclass(frozen=True)
class SeizureEvent:
    """A seizure on the recording's clock."""

    onset_s: float
    duration_s: float
    confidence: float
    channels: tuple[str, ...]


def write_events(
    path: str | Path, events: Sequence[SeizureEvent], duration_s: float, start_time: str
) -> None:
    """Write events as SzCORE does (Dan et al. 2024), readable by epilepsy2bids and timescoring.

    One row `sz` per seizure in the order of time, so that the number of the row is the
    number of the seizure. A recording without a seizure has the single row `bckg` over its
    whole length. `dateTime` is the start of the recording in its own time zone, to whole
    seconds, as the format has it.

    Parameters
    ----------
    duration_s : float
        Length of the recording, gaps included.
    start_time : str
        ISO 8601, or '' when it is not known.
    """
    start = _szcore_time(start_time)
    rows = [
        (
            f"{e.onset_s:.2f}",
            f"{e.duration_s:.2f}",
            "sz",
            f"{e.confidence:.2f}",
            ",".join(e.channels),
            start,
            f"{duration_s:.2f}",
        )
        for e in sorted(events, key=lambda e: e.onset_s)
    ]
    if not rows:
        rows = [("0.00", f"{duration_s:.2f}", "bckg", UNKNOWN, UNKNOWN, start, f"{duration_s:.2f}")]
    table = pd.DataFrame(rows, columns=list(EVENT_COLUMNS))
    table.to_csv(path, sep="\t", index=False)


def read_events(path: str | Path) -> pd.DataFrame:
    """Seizures of a SzCORE table, one row each, numbered from 1 in the column `seizure`.

    All types that begin with `sz` are seizures. A file with none gives an empty table.
    """
    table = pd.read_csv(path, sep="\t", dtype={"channels": str, "dateTime": str})
    seizures = table[table["eventType"].astype(str).str.startswith("sz")].reset_index(drop=True)
    seizures.insert(0, "seizure", range(1, len(seizures) + 1))
    return seizures


def read_length_and_start(path: str | Path) -> tuple[float, str]:
    """Length of the recording in seconds and its start, '' where it is not known."""
    # a table without seizures has its one background row, which `read_events` leaves out
    table = pd.read_csv(path, sep="\t", usecols=["recordingDuration", "dateTime"], dtype=str)
    if not len(table):
        return float("nan"), ""
    start = table["dateTime"].fillna("").iloc[0]
    return float(table["recordingDuration"].iloc[0]), "" if start == UNKNOWN else str(start)


def write_table(
    path: str | Path, rows: Sequence[tuple[object, ...]], columns: Sequence[str]
) -> None:
    """Write rows of a table; missing values become 'none'.

    Times on the recording's clock are written to hundredths of a second, as events.tsv has them,
    other numbers with four figures.
    """
    table = pd.DataFrame(list(rows), columns=list(columns))
    for column in (c for c in TIMES if c in table):
        table[column] = [NONE if pd.isna(t) else f"{float(t):.2f}" for t in table[column]]
    table.to_csv(path, sep="\t", index=False, na_rep=NONE, float_format="%.4g")


def read_onset(path: str | Path) -> pd.DataFrame:
    """Latencies and ranks: seizure, region, channel, method, latency_s, rank, epileptogenicity.

    `latency_s` counts from the seizure's onset in events.tsv and can be negative. Rows with
    channel `all` are of the region (median of its contacts), ranked among the regions, with
    method `consensus` over all methods; others are of one contact, ranked among the contacts.
    `epileptogenicity` (0 to 1) stands in the rows of method `epileptogenicity_index` and is
    NaN elsewhere; a table may lack the column.
    """
    kinds = {"region": str, "channel": str, "method": str}
    return _read(path, kinds, ("latency_s", "rank"), (EPILEPTOGENICITY,))


def read_region_order(path: str | Path) -> pd.DataFrame:
    """The regions' order in each seizure over all methods: seizure, region, latency_s, rank."""
    table = read_onset(path)
    order = table[(table["channel"] == ALL_CONTACTS) & (table["method"] == ALL_METHODS)]
    columns = ["seizure", "region", "latency_s", "rank"]
    return order[columns].sort_values(["seizure", "rank"], kind="stable").reset_index(drop=True)


def read_consensus(path: str | Path) -> pd.DataFrame:
    """One row per seizure: seizure, region, confidence, bootstrap, status, reason.

    Regions that begin together stand in one field with '+' between them. `status` is
    resolved, unresolved or none, `reason` says why it is not resolved. A table of an earlier
    version lacks `bootstrap` and `reason`.
    """
    kinds = {"region": str, "status": str, "reason": str}
    return _read(path, kinds, ("confidence",), ("bootstrap",))


def read_spread(path: str | Path) -> pd.DataFrame:
    """One row per seizure and region, and one of all regions: see `SPREAD_COLUMNS`.

    The row of region `all` holds how many regions and contacts the seizure reaches, the delay
    of the last region, and the speeds; these are NaN in the rows of single regions.
    """
    numbers = ("order", "delay_s", "regions_joined", "regions_per_s", "contacts_per_s")
    return _read(path, {"region": str}, numbers)


def read_postictal(path: str | Path) -> pd.DataFrame:
    """One row per seizure and region, `all` for the whole brain: suppression_s, recovered.

    Where the brain was not heard after a seizure, `suppression_s` is NaN, and `recovered`, which
    is True or False elsewhere, is None.
    """
    table = _read(path, {"region": str, "recovered": str}, ("suppression_s",))
    words = {"true": True, "false": False}
    recovered = [words.get(word.lower()) for word in table["recovered"]]
    return table.assign(recovered=pd.Series(recovered, index=table.index, dtype=object))


def read_rates(path: str | Path) -> pd.DataFrame:
    """Rates of each channel between seizures; NaN where a rate is not known."""
    return _read(path, {"channel": str, "region": str}, RATES_COLUMNS[2:])


def write_evidence(path: str | Path, table: pd.DataFrame) -> None:
    """Write the evidence over time, one row per step."""
    table.to_parquet(path, index=False)


def read_evidence(path: str | Path) -> pd.DataFrame:
    """Evidence per step: time_s (start), line_length_z, n_channels, suppressed, artefact.

    `line_length_z` is the median over the channels, `n_channels` how many speak for a
    seizure, `artefact` the name of what disturbs most channels or ''.
    """
    return pd.read_parquet(path)


def _read(
    path: str | Path,
    kinds: Mapping[str, type],
    numbers: Sequence[str],
    optional_numbers: Sequence[str] = (),
) -> pd.DataFrame:
    """Read a table whose columns of numbers may hold 'none'; a region may be called NA."""
    table = pd.read_csv(
        path,
        sep="\t",
        dtype=kinds,
        keep_default_na=False,
        na_values={column: [NONE] for column in (*numbers, *optional_numbers)},
    )
    there = [column for column in optional_numbers if column in table]
    return table.astype(dict.fromkeys((*numbers, *there), float))


def _szcore_time(start_time: str) -> str:
    if not start_time:
        return UNKNOWN
    return datetime.fromisoformat(start_time).strftime("%Y-%m-%d %H:%M:%S")
