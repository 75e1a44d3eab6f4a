"""Detection section by section, so that memory does not grow with the recording's length."""

from __future__ import annotations

from typing import Protocol

from vigil.seizures.detection import Event, Rejected, find_events
from vigil.seizures.evidence import Evidence
from vigil.seizures.settings import Settings

SECTION_S = 7200.0
MARGIN_S = 600.0
"""What lies farther away changes no event; a minute before it is its yardstick."""


class Store(Protocol):
    """Evidence that is read piece by piece."""

    @property
    def n_steps(self) -> int:
        """Steps of the recording."""

    def read(self, first: int, last: int) -> Evidence:
        """Evidence of steps [first, last)."""


def find_events_in(
    store: Store, settings: Settings, section_s: float = SECTION_S
) -> tuple[list[Event], list[Rejected]]:
    """Seizures of a recording, and the candidates that are none, as `find_events` has them.

    Each section is read with a margin on both sides. What begins in a section is its own; what
    reaches the end of what was read is looked at again with twice the margin, so that a status
    epilepticus stays one event.

    Parameters
    ----------
    store : Store
        Such as `vigil.seizures.evidence_files.open_evidence` returns.
    section_s : float
        Length of a section, s.
    """
    length = max(1, round(section_s / settings.step_s))
    events: list[Event] = []
    rejected: list[Rejected] = []
    until = 0
    for first in range(0, store.n_steps, length):
        last = min(first + length, store.n_steps)
        found, none = _section(store, first, last, settings)
        new = [e for e in found if e.first >= until]
        events += new
        until = max([until, *(e.last for e in new)])
        rejected += none
    return events, rejected


def _section(
    store: Store, first: int, last: int, settings: Settings
) -> tuple[list[Event], list[Rejected]]:
    margin = max(1, round(MARGIN_S / settings.step_s))
    start, ahead = max(0, first - margin), margin
    while True:
        stop = min(last + ahead, store.n_steps)
        found, none = find_events(store.read(start, stop), settings)
        events = [_moved(e, start) for e in found if first <= e.first + start < last]
        rejected = [_moved_none(r, start) for r in none if first <= r.first + start < last]
        reaches = max([e.last for e in events] + [r.last for r in rejected], default=0)
        if reaches < stop or stop == store.n_steps:
            return events, rejected
        ahead *= 2


def _moved(event: Event, by: int) -> Event:
    return Event(event.first + by, event.last + by, event.channels, event.confidence)


def _moved_none(rejected: Rejected, by: int) -> Rejected:
    return Rejected(rejected.first + by, rejected.last + by, rejected.reason)
