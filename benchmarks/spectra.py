"""How fast spectra is: its multitaper kernel beside mne and scipy, and the whole table.

`make bench-spectra` runs all of it. The kernel is compiled and modules imported before anything
is timed; the runs of what is compared are interleaved, and medians are given. `--quick` tries
the harness on sizes that say nothing.
"""

from __future__ import annotations

import argparse

import spectra_multitaper as multitaper
import spectra_table
from harness import Bench, versions_of

SECTIONS = {"epochs": multitaper.epochs, "spectrogram": multitaper.spectrogram}
PACKAGES = ("mne", "numba", "numpy", "scipy")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--channels", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=120.0, help="length of the signals")
    parser.add_argument("--repeats", type=int, default=7)
    names = [*SECTIONS, "table"]
    parser.add_argument("--hour", type=float, default=3600.0, help="length of the table, seconds")
    parser.add_argument("--only", choices=names, nargs="+", default=names)
    parser.add_argument("--quick", action="store_true", help="small sizes, to try it out")
    asked = parser.parse_args()
    if asked.quick:
        asked.channels, asked.seconds, asked.repeats, asked.hour = 4, 8.0, 2, 160.0
    sizes = multitaper.Sizes(asked.channels, asked.seconds, asked.repeats)
    bench = Bench("spectra", vars(asked))
    bench.versions = versions_of(PACKAGES)
    for name, section in SECTIONS.items():
        if name in asked.only:
            section(bench, sizes)
    if "table" in asked.only:
        spectra_table.table(bench, asked.channels, asked.hour, max(1, asked.repeats // 2))
    bench.write()


if __name__ == "__main__":
    main()
