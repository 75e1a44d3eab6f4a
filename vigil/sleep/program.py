"""The commands `vigil sleep ...`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

SHEET = "sleep_labels_to_fill.csv"
LABELS = "sleep_labels.csv"
RULE = """\
Lists the places of hypnograms where an expert's look would correct most epochs. Doubtful are
epochs that are unclassified, whose state has a probability below 0.8, bouts of NREM or REM of at
most two epochs, REM straight after wakefulness, and labels that the scorer contradicts.
Neighbouring doubtful epochs are one place. Places are ranked by how many of their epochs are
expected to be wrong: the sum of 1 - p of their states. A scorer without probabilities counts 2/3
for an unclassified epoch and 1/2 for another doubtful one. Labelled epochs are settled, and
epochs without signal or after death are left out."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the commands of the group."""
    commands = parser.add_subparsers(dest="sleep_command", metavar="COMMAND", required=True)
    review = commands.add_parser(
        "review",
        help="list the epochs and bouts whose correction would help most",
        description=RULE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    review.add_argument(
        "recordings", type=Path, nargs="+", metavar="results/RECORDING", help="folders of results"
    )
    review.add_argument(
        "--count", type=_positive, default=20, help="places to list (default %(default)s)"
    )
    review.add_argument("--out", type=Path, help="table of the listed places to write (.tsv)")
    review.add_argument(
        "--write",
        action="store_true",
        help=f"lay {SHEET} into each recording's folder, to fill in and save as {LABELS}",
    )
    review.set_defaults(run=main)


def main(args: argparse.Namespace) -> int:
    """List what to review; 1 where a recording could not be looked at."""
    import pandas as pd

    from vigil.recording import RecordingError
    from vigil.sleep.review import BRIEF_EPOCHS, PLACE_COLUMNS, doubts, find_places, make_sheet

    looked: dict[Path, tuple[pd.DataFrame, pd.DataFrame]] = {}
    found = []
    faults: list[str] = []
    for folder in dict.fromkeys(args.recordings):
        try:
            hypnogram, to_see = _read(folder)
        except RecordingError as error:
            faults.append(str(error))
            continue
        settings = _about(folder).get("settings", {})
        brief_epochs = settings.get("brief_awakening_epochs", BRIEF_EPOCHS)
        doubt = doubts(hypnogram, to_see, brief_epochs)
        places = find_places(hypnogram, doubt)
        looked[folder] = (hypnogram, doubt)
        found.append(places.assign(recording=folder.resolve().name, folder=str(folder)))
        print(_overview(folder, hypnogram, doubt, places))
    if looked:
        # an empty table has no numbers to agree with the others
        ranked = pd.concat([f for f in found if len(f)] or found[:1]).sort_values(
            "expected_wrong", ascending=False, kind="stable"
        )
        listed = ranked.head(args.count)
        table = listed[["recording", *PLACE_COLUMNS]]
        if len(table):
            print("\n" + _as_text(table) + "\n")
        if args.out:
            try:
                table.to_csv(args.out, sep="\t", index=False, float_format="%.4f")
            except OSError as error:
                faults.append(f"{args.out} cannot be written ({error}).")
        laid = False
        for folder, (hypnogram, doubt) in looked.items():
            own = listed[listed["folder"] == str(folder)]
            if args.write and len(own):
                try:
                    _lay_sheet(folder, make_sheet(hypnogram, doubt, own))
                    laid = True
                except RecordingError as error:
                    faults.append(str(error))
        if len(table):
            print(_advice(laid))
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def _read(folder: Path) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """Hypnogram of a recording, and in which of its epochs there is something to look at."""
    import numpy as np

    from vigil.recording import RecordingError
    from vigil.sleep.files import read_hypnogram
    from vigil.spectra.files import read_features
    from vigil.stage import not_analysed

    path = folder / "sleep" / "hypnogram.parquet"
    if not path.is_file():
        raise RecordingError(
            f"There is no {path}; name a recording's folder of results (results/<recording>) "
            "after the workflow has scored its sleep."
        )
    mark = not_analysed(path)
    if mark is not None:
        raise RecordingError(
            f"{folder.resolve().name} has no hypnogram; it could not be analysed ({mark.stage}): "
            f"{mark.reason}"
        )
    hypnogram = read_hypnogram(path)
    to_see = np.ones(len(hypnogram), dtype=bool)
    features = folder / "spectra" / "features.parquet"
    if features.is_file() and not_analysed(features) is None:
        valid = read_features(features)[["start_s", "valid"]]
        share = hypnogram[["start_s"]].merge(valid, on="start_s", how="left")["valid"]
        to_see &= share.fillna(1.0).to_numpy() >= 0.5
    if _about(folder).get("row", {}).get("died"):
        # what is unclassified up to the end is after the death
        scored = np.flatnonzero(hypnogram["state"] != "unclassified")
        to_see[int(scored[-1]) + 1 if len(scored) else 0 :] = False
    return hypnogram, to_see


def _about(folder: Path) -> dict[str, Any]:
    """What the provenance of a recording's sleep scores tells; nothing without one."""
    provenance = folder / "sleep" / "provenance.json"
    about: dict[str, Any] = json.loads(provenance.read_text()) if provenance.is_file() else {}
    return about


def _overview(
    folder: Path, hypnogram: pd.DataFrame, doubt: pd.DataFrame, places: pd.DataFrame
) -> str:
    n = int(doubt["doubtful"].sum())
    name = folder.resolve().name
    if not n:
        return f"{name}: none of {len(hypnogram)} epochs is doubtful."
    text = (
        f"{name}: {n} of {len(hypnogram)} epochs are doubtful, in {len(places)} place"
        f"{'s' if len(places) > 1 else ''}; about {places['expected_wrong'].sum():.0f} of them are "
        "expected to be wrong."
    )
    if not hypnogram[["p_wake", "p_nrem", "p_rem"]].notna().any(axis=None):
        text += " The scorer gave no probabilities: the order follows fixed rules (see --help)."
    labels = folder / LABELS
    if _is_newer(labels, folder):
        text += f" {labels} was edited after this hypnogram was made: run the workflow first."
    return text


def _is_newer(labels: Path, folder: Path) -> bool:
    made_s = (folder / "sleep" / "hypnogram.parquet").stat().st_mtime
    return labels.is_file() and labels.stat().st_mtime > made_s


def _as_text(table: pd.DataFrame) -> str:
    shown = table.copy()
    shown["start_s"] = shown["start_s"].map("{:g}".format)
    shown["duration_s"] = shown["duration_s"].map("{:g}".format)
    shown["expected_wrong"] = shown["expected_wrong"].map("{:.1f}".format)
    shown["p_candidate"] = [f"{p:.2f}" if p == p else "-" for p in shown["p_candidate"]]
    shown["candidate"] = shown["candidate"].replace("", "-")
    cells = [list(shown.columns), *shown.astype(str).to_numpy().tolist()]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def _lay_sheet(folder: Path, sheet: pd.DataFrame) -> None:
    from vigil.recording import RecordingError

    path = folder / SHEET
    if path.exists():
        raise RecordingError(
            f"{path} is there already and is left as it is; fill it in and save it as "
            f"{folder / LABELS}, or remove it."
        )
    if _is_newer(folder / LABELS, folder):
        raise RecordingError(
            f"{path} is not written: {folder / LABELS} was edited after the hypnogram was made; "
            "run the workflow first."
        )
    beside = path.with_name(f".partial.{path.name}")
    sheet.to_csv(beside, index=False, float_format="%.4f")
    beside.rename(path)
    print(f"{path} is written.")


def _advice(written: bool) -> str:
    if written:
        text = (
            f"Fill in the column state of {SHEET} (wake, nrem, rem or unclassified) and save it as "
            f"{LABELS} in the same folder. Rows left empty label nothing. Labels that are there "
            "already are in it."
        )
    else:
        text = (
            f"To correct: --write lays {SHEET} with these epochs into the recording's folder; or "
            f"copy sleep/hypnogram.csv to results/<recording>/{LABELS} and edit its column state. "
            "Every row of that file becomes a label: delete rows that you did not look at, or "
            "empty their state."
        )
    return (
        f"{text}\n{LABELS} takes the place of the labels that the table names. The next run of "
        "the workflow uses it."
    )


def _positive(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{word} is not above 0")
    return number
