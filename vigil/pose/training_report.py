"""How far a trained network's points lie from a person's, on training and on test frames.

DeepLabCut predicts and draws its labelled images (a cross where the person clicked, a dot
or, where it is unsure, another cross where the network points); the errors per part are
counted here from its predictions, none of which is left out for being unsure. What DeepLabCut
calls rmse is the mean distance (`mean_px`), and so are the published errors; `rmse_px` is
the root of the mean square, which large errors weigh on more.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from vigil.recording import FloatArray

ERRORS, FRAMES = "errors.tsv", "frames.tsv"
ERRORS_FIGURE, CURVE_FIGURE = "errors.png", "learning_curve.png"
COLUMNS = ["part", "split", "frames", "missed", "rmse_px", "mean_px", "median_px", "p95_px"]
ALL_PARTS = "(all)"
SPLITS = ("train", "test")
COLOURS = {"train": "#888888", "test": "#c0392b"}


@dataclass(frozen=True)
class Measured:
    """What a network found in labelled frames.

    Parameters
    ----------
    parts, images : list of str
        Names; images with their folder.
    split : array of str, shape (frame,)
        'train' or 'test'.
    truth : array, shape (frame, part, 2)
        A person's points in px, NaN where a part cannot be seen.
    found : array, shape (frame, part, 3)
        The network's points in px and its likelihood.
    """

    parts: list[str]
    images: list[str]
    split: np.ndarray[Any, np.dtype[np.str_]]
    truth: FloatArray
    found: FloatArray

    @property
    def away_px(self) -> FloatArray:
        """Distances (frame, part)."""
        away: FloatArray = np.linalg.norm(self.found[..., :2] - self.truth, axis=2)
        return away


def measure(config: Path, device: str, pictures: bool = True) -> Measured:
    """Let DeepLabCut evaluate the last snapshot of a project.

    Parameters
    ----------
    pictures : bool
        Let it draw its labelled images, one for each frame.
    """
    import deeplabcut
    from deeplabcut.pose_estimation_pytorch.data import DLCLoader

    deeplabcut.evaluate_network(
        str(config), shuffles=[1], snapshotindex=-1, device=device, plotting=pictures
    )
    loader = DLCLoader(config=str(config), shuffle=1, trainset_index=0)
    written = max(loader.evaluation_folder.glob("*.h5"), key=lambda path: path.stat().st_mtime)
    labels = loader.df
    found = pd.DataFrame(pd.read_hdf(written)).reindex(labels.index)
    parts = list(loader.get_dataset_parameters().bodyparts)
    split = np.full(len(labels), "", dtype="<U5")
    for name in SPLITS:
        split[np.asarray(loader.split[name], dtype=int)] = name
    used = split != ""
    return Measured(
        parts,
        ["/".join(row[-2:]) for row, keep in zip(labels.index, used, strict=True) if keep],
        split[used],
        _points(labels, parts, ("x", "y"))[used],
        _points(found, parts, ("x", "y", "likelihood"))[used],
    )


def _points(table: pd.DataFrame, parts: list[str], coords: tuple[str, ...]) -> FloatArray:
    bare = table.copy()
    bare.columns = pd.MultiIndex.from_tuples([tuple(column)[-2:] for column in table.columns])
    flat = bare[[(part, c) for part in parts for c in coords]].to_numpy(np.float64)
    return flat.reshape(len(table), len(parts), len(coords))


def errors_table(measured: Measured) -> pd.DataFrame:
    """Errors per part and split, then over all parts.

    Returns
    -------
    DataFrame
        part, split, frames (with a label of the part), missed (of these, where the network
        found nothing), then root mean square, mean, median and 95th percentile of the
        distance in px over the others.
    """
    rows = []
    for part, columns in [
        *((part, [k]) for k, part in enumerate(measured.parts)),
        (ALL_PARTS, list(range(len(measured.parts)))),
    ]:
        for split in SPLITS:
            there = measured.split == split
            labelled = np.isfinite(measured.truth[there][:, columns]).all(axis=2)
            away = measured.away_px[there][:, columns][labelled]
            seen = away[np.isfinite(away)]
            figures = (
                [
                    np.sqrt(np.mean(seen**2)),
                    seen.mean(),
                    np.median(seen),
                    np.percentile(seen, 95),
                ]
                if seen.size
                else [np.nan] * 4
            )
            rows.append([part, split, len(away), len(away) - len(seen), *figures])
    return pd.DataFrame(rows, columns=COLUMNS)


def frames_table(measured: Measured) -> pd.DataFrame:
    """Each frame with its split and the distance of each part in px."""
    table = pd.DataFrame({"image": measured.images, "split": measured.split})
    for k, part in enumerate(measured.parts):
        table[f"{part}_px"] = measured.away_px[:, k]
    return table


def write_report(config: Path, measured: Measured) -> pd.DataFrame:
    """Write the tables and figures into the project; returns the errors."""
    folder = config.parent
    errors = errors_table(measured)
    for name, table in ((ERRORS, errors), (FRAMES, frames_table(measured))):
        beside = folder / f".{name}"
        table.to_csv(beside, sep="\t", index=False, float_format="%.3f", na_rep="nan")
        beside.rename(folder / name)
    draw_errors(measured, errors, folder / ERRORS_FIGURE)
    curves = sorted(folder.rglob("train/learning_stats.csv"))
    if curves:
        draw_curve(pd.read_csv(curves[-1]), folder / CURVE_FIGURE)
    return errors


def draw_errors(measured: Measured, errors: pd.DataFrame, path: Path) -> None:
    """The distances of each part: a dot per frame, the median as a line."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1.5 + 1.3 * len(measured.parts), 4), layout="constrained")
    axes = figure.subplots()
    # the same places for the dots each time
    jitter = np.random.default_rng(0)
    for k, part in enumerate(measured.parts):
        for side, split in ((-0.2, "train"), (0.2, "test")):
            away = measured.away_px[measured.split == split, k]
            away = away[np.isfinite(away)]
            x = k + side + jitter.uniform(-0.12, 0.12, len(away))
            axes.plot(x, away, ".", color=COLOURS[split], alpha=0.5, label=split if not k else None)
            row = errors[(errors["part"] == part) & (errors["split"] == split)]
            median = row["median_px"].iloc[0]
            axes.plot([k + side - 0.17, k + side + 0.17], [median] * 2, color="black", lw=1.5)
    whole = errors[errors["part"] == ALL_PARTS].set_index("split")["mean_px"]
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_xticks(range(len(measured.parts)), measured.parts)
    axes.set_ylabel("Distance from the label (px)")
    axes.set_title(
        f"mean: training frames {whole['train']:.1f} px, test frames {whole['test']:.1f} px",
        fontsize=10,
    )
    axes.legend(frameon=False)
    figure.savefig(path, dpi=150)


def draw_curve(curve: pd.DataFrame, path: Path) -> None:
    """Loss on the training frames (augmented) and on the test frames, by epoch."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.subplots()
    columns = {"train": "losses/train.total_loss", "test": "losses/eval.total_loss"}
    for split, column in columns.items():
        if column not in curve:
            continue
        shown = curve[["step", column]].dropna()
        axes.plot(shown["step"], shown[column], color=COLOURS[split], label=f"{split} frames")
    axes.set_yscale("log")
    axes.set_xlabel("Epoch")
    axes.set_ylabel("DeepLabCut's loss")
    axes.legend(frameon=False)
    figure.savefig(path, dpi=150)
