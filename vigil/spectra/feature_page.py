"""Write the manual's list of features: `python -m vigil.spectra.feature_page`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from vigil.spectra.features import Feature, list_features, muscle_features, pair_features
from vigil.spectra.settings import Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "features.md"

HEAD = """# Features of an epoch

This page is written by `python -m vigil.spectra.feature_page` from the list in the code. It shows
the default settings at a stored rate of 1250 Hz; how the numbers are made is told in
[spectra](spectra.md). P is the power density of the epoch in uV^2/Hz, v its trace in uV without
the mean, Sxx, Syy and Sxy the multitaper spectra of two regions and their cross-spectrum.
Frequencies that the mains reach are in none of them. What is missing is NaN.

| band | Hz |
|---|---|
"""


def _table(features: Iterable[Feature]) -> str:
    rows = "".join(f"| `{f.name}` | {f.unit} | {f.formula} | {f.source} |\n" for f in features)
    return "| feature | unit | formula | source |\n|---|---|---|---|\n" + rows


def feature_page(settings: Settings | None = None) -> str:
    """The page, for given settings or the default ones."""
    bands = (settings or Settings()).bands
    of_region, of_pair, of_muscle = list_features(bands), pair_features(bands), muscle_features()
    four = 4 * len(of_region) + 6 * len(of_pair) + len(of_muscle)
    return (
        HEAD
        + "".join(f"| {name} | {low:g}-{high:g} |\n" for name, (low, high) in bands.items())
        + f"\n## Of each region: `<region>.<feature>`, {len(of_region)}\n"
        + _table(of_region)
        + f"\n## Of each pair of regions: `<region>~<region>.<feature>`, {len(of_pair)}\n"
        + _table(of_pair)
        + f"\n## Of the muscle: `emg.<feature>`, {len(of_muscle)}\n"
        + _table(of_muscle)
        + f"\nFour regions and an EMG have {four} features of each epoch itself.\n"
    )


if __name__ == "__main__":
    PAGE.write_text(feature_page())
    print(PAGE.name)
