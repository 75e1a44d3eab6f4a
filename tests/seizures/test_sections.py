"""Detection in sections on evidence made by hand."""

from dataclasses import dataclass, fields

import numpy as np
import pytest

from vigil.seizures.detection import find_events
from vigil.seizures.evidence import Evidence
from vigil.seizures.measures import OK
from vigil.seizures.sections import find_events_in
from vigil.seizures.settings import Settings

N = 20000


@dataclass
class Store:
    """Evidence in memory; remembers how much was read at once."""

    evidence: Evidence
    longest: int = 0

    @property
    def n_steps(self):
        return len(self.evidence.artefact)

    def read(self, first, last):
        assert 0 <= first < last <= self.n_steps
        self.longest = max(self.longest, last - first)
        return self.evidence.of(slice(first, last))


@pytest.fixture
def evidence():
    rng = np.random.default_rng(3)
    special = {
        "fault": np.full((N, 4), OK, np.uint8),
        "artefact": np.full(N, "", dtype="U9"),
        "suppressed": np.zeros(N, bool),
        "spread_ln": np.full(4, 0.2, np.float32),
        "frequency_hz": np.full((N, 4), 8.0, np.float32),
    }
    of_steps = ("common_band", "common_fast", "fast_rise", "emg_rise")
    for f in fields(Evidence):
        if f.name not in special:
            shape = (N,) if f.name in of_steps else (N, 4)
            special[f.name] = (0.2 * rng.standard_normal(shape)).astype(np.float32)
    return Evidence(**special)


def plant(evidence, first, last):
    middle = (first + last) // 2
    evidence.line_length_z[first:last] = 6.0
    evidence.line_length_ln[first:middle] = 2.0
    evidence.line_length_ln[middle:last] = 1.0


def test_sections_have_what_the_whole_has(evidence):
    # in a section, over a border, just before and just after one, too short, at the end
    for first, last in (
        (3000, 3060), (3990, 4050), (7950, 8000), (8003, 8050), (9000, 9012), (19960, 20000),
    ):  # fmt: skip
        plant(evidence, first, last)
    store = Store(evidence)
    events, rejected = find_events_in(store, Settings(), section_s=2000.0)
    whole, none = find_events(evidence, Settings())
    assert len(whole) == 4  # two are close enough to be one
    assert events == whole
    assert rejected == none
    assert store.longest < 7000


def test_a_seizure_longer_than_the_margin_stays_one(evidence):
    plant(evidence, 3900, 8100)
    events, _ = find_events_in(Store(evidence), Settings(), section_s=2000.0)
    assert [(e.first, e.last) for e in events] == [(3900, 8100)]
