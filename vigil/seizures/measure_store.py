"""Measures of a recording while it is weighed: a nameless file, gone when it is closed."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from vigil.seizures.measures import NO_DATA, Measures

KNOWN = "known"


class MeasureStore:
    """Measures step after step, in a temporary file.

    Parameters
    ----------
    folder : path
        Where the file lies: a disk that has room for 1.6 KB per step of 64 channels, 0.3 GB
        for a day.
    n_brain, n_emg : int
        Channels of either kind.
    """

    def __init__(self, folder: Path, n_brain: int, n_emg: int) -> None:
        self.n_brain, self.n_emg = n_brain, n_emg
        form = Measures.empty(1, n_brain + n_emg)
        fields = [(name, x.dtype, x.shape[1:]) for name, x in vars(form).items()]
        self.record = np.dtype([*fields, (KNOWN, np.uint8)])
        # closed by `close`, for which the owner of the store cares
        self.file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115

    def put(self, first: int, measures: Measures) -> None:
        """Keep the measures of consecutive steps from `first` on, those without data apart."""
        known = np.flatnonzero((measures.fault != NO_DATA).any(axis=1))
        if not len(known):
            return
        a, b = int(known[0]), int(known[-1]) + 1
        records = np.zeros(b - a, self.record)
        for name, values in vars(measures).items():
            records[name] = values[a:b]
        records[KNOWN] = 1
        self.file.seek((first + a) * self.record.itemsize)
        self.file.write(records.tobytes())

    def read(self, first: int, last: int) -> tuple[Measures, Measures | None]:
        """Measures of the brain and of the EMG in steps [first, last)."""
        self.file.seek(first * self.record.itemsize)
        records = np.frombuffer(self.file.read((last - first) * self.record.itemsize), self.record)
        found = Measures.empty(last - first, self.n_brain + self.n_emg)
        known = np.flatnonzero(records[KNOWN])  # between them the file has holes, all zero
        for name, values in vars(found).items():
            values[known] = records[name][known]
        emg = found.of(slice(self.n_brain, None)) if self.n_emg else None
        return found.of(slice(0, self.n_brain)), emg

    def close(self) -> None:
        """Give the room back."""
        self.file.close()
