"""One stage at work on one recording: its files, its log, its provenance, its failures.

Every rule of the workflow runs its stage through `run_stage`. Results are written
beside their place and renamed when the stage is whole. A recording that cannot be
analysed (`RecordingError`) leaves, in the place of each result, a mark that says why;
stages that need the result pass the reason on, and the report and the cohort page
show it. Any other error is a fault of the program or the machine and fails the job.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from vigil.provenance import describe_files, read_hashes, write_provenance
from vigil.recording import RecordingError
from vigil.threads import keep_to

T = TypeVar("T")

MARK = "not_analysed.json"
log = logging.getLogger("vigil")


@dataclass(frozen=True)
class NotAnalysed:
    """Why a result is not there: the stage that gave up, and its sentence."""

    recording: str
    stage: str
    reason: str


@dataclass
class Job:
    """What a rule hands to a stage, all of it plain.

    Parameters
    ----------
    stage : str
        The stage's word.
    method_version : str
        The stage's METHOD_VERSION.
    recording : str
        Id of the recording, or `cohort` / `models` for what spans recordings.
    inputs, outputs : mapping
        Names of files by their role in the rule; an input may be a list. While the
        stage runs, outputs point beside their final place.
    settings : mapping
        The part of the configuration that the stage uses.
    row : mapping
        The columns of the recording's row that the stage uses.
    optional : set of str
        Inputs that the stage can do without.
    missing : mapping
        Optional inputs that are not there, and why; filled in by `run_stage`.
    known_hashes : mapping
        Hashes of inputs by path that the stage took itself; others are taken afterwards.
    resources : mapping
        How the machine is to run it, as its profile says; goes into provenance.
    decided : mapping
        What the stage decided while it ran and no setting tells; goes into provenance.
    """

    stage: str
    method_version: str
    recording: str
    inputs: dict[str, Any]
    outputs: dict[str, str]
    settings: dict[str, Any] = field(default_factory=dict)
    row: dict[str, Any] = field(default_factory=dict)
    threads: int = 1
    log: str | None = None
    optional: frozenset[str] = frozenset()
    missing: dict[str, NotAnalysed] = field(default_factory=dict)
    known_hashes: dict[str, str] = field(default_factory=dict)
    resources: dict[str, Any] = field(default_factory=dict)
    decided: dict[str, Any] = field(default_factory=dict)

    def about(self) -> dict[str, Any]:
        """What provenance tells of the job beside its files."""
        return {
            "stage": self.stage,
            "method_version": self.method_version,
            "recording": self.recording,
            "settings": self.settings,
            "row": self.row,
            "resources": self.resources,
            "decided": self.decided,
            "missing": {name: vars(mark) for name, mark in self.missing.items()},
        }

    def input(self, name: str) -> Path:
        """Path of a required input."""
        return Path(self.inputs[name])

    def optional_input(self, name: str) -> Path | None:
        """Path of an input, or None where it is absent or could not be made."""
        value = self.inputs.get(name)
        return Path(value) if value else None

    def read(self, name: str, reader: Callable[[Path], T]) -> T | None:
        """What a reader makes of an optional input, or None where it is not there."""
        path = self.optional_input(name)
        return None if path is None else reader(path)

    def input_list(self, name: str) -> list[Path]:
        """Paths of an input that may be several files."""
        value = self.inputs.get(name) or []
        return [Path(v) for v in ([value] if isinstance(value, str) else value)]

    def input_by_recording(self, name: str) -> dict[str, Path]:
        """Paths of an input of several recordings: results/<recording>/<stage>/<file>."""
        return {path.parent.parent.name: path for path in self.input_list(name)}

    def output(self, name: str) -> Path:
        """Path to write an output to."""
        return Path(self.outputs[name])


def not_analysed(path: str | Path) -> NotAnalysed | None:
    """The reason left in the place of a result, or None when the result is real."""
    path = Path(path)
    mark = path / MARK if path.is_dir() else path
    if not mark.is_file():
        return None
    with mark.open("rb") as f:
        if not f.read(16).startswith(b'{"not_analysed"'):
            return None
    return NotAnalysed(**json.loads(mark.read_text())["not_analysed"])


def run_stage(
    work: Callable[[Job], None], job: Job, directories: frozenset[str] = frozenset()
) -> None:
    """Run one stage and leave either all of its results or the reason for their absence.

    Parameters
    ----------
    work : callable
        The stage's own function; writes `job.outputs`.
    job : Job
        What the rule hands over. An output named `provenance` is written here.
    directories : set of str
        Names of the outputs that are folders.
    """
    _start_log(job)
    keep_to(job.threads)
    places = {name: Path(path) for name, path in job.outputs.items()}
    started = time.time()
    try:
        _drop_what_is_missing(job)
        beside = {name: place.with_name(f".partial.{place.name}") for name, place in places.items()}
        for path in beside.values():
            path.parent.mkdir(parents=True, exist_ok=True)
            _remove(path)
        job.outputs = {name: str(path) for name, path in beside.items()}
        log.info("%s of %s starts", job.stage, job.recording)
        work(job)
        made = describe_files({n: p for n, p in beside.items() if n != "provenance"}, places)
        if "provenance" in beside:
            write_provenance(
                beside["provenance"],
                about=job.about(),
                inputs=read_hashes(job.inputs, job.known_hashes),
                outputs=made,
                seconds=time.time() - started,
            )
        for name, place in places.items():
            _remove(place)
            beside[name].rename(place)
        log.info("%s of %s is done in %.1f s", job.stage, job.recording, time.time() - started)
    except RecordingError as error:
        reason = error.args[0]
        mark = (
            reason
            if isinstance(reason, NotAnalysed)
            else NotAnalysed(job.recording, job.stage, str(reason))
        )
        log.error("%s cannot be analysed (%s): %s", mark.recording, mark.stage, mark.reason)
        for name, place in places.items():
            _leave_mark(place, mark, folder=name in directories)
    except BaseException:
        log.exception("%s of %s failed", job.stage, job.recording)
        raise


def _drop_what_is_missing(job: Job) -> None:
    """Pass on the reason of a required input that is missing; forget optional ones."""
    for name, value in list(job.inputs.items()):
        values = [value] if isinstance(value, str) else list(value)
        marks = {v: m for v in values if (m := not_analysed(v))}
        if not marks:
            continue
        first = next(iter(marks.values()))
        if name not in job.optional:
            raise RecordingError(first)
        log.warning("without %s: %s", name, first.reason)
        job.missing[name] = first
        kept = [v for v in values if v not in marks]
        job.inputs[name] = kept if not isinstance(value, str) else ""


def _leave_mark(place: Path, mark: NotAnalysed, folder: bool) -> None:
    _remove(place)
    _remove(place.with_name(f".partial.{place.name}"))
    if folder:
        place.mkdir(parents=True)
        place = place / MARK
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps({"not_analysed": vars(mark)}) + "\n")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _start_log(job: Job) -> None:
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if job.log:
        Path(job.log).parent.mkdir(parents=True, exist_ok=True)
        handlers.append(logging.FileHandler(job.log, mode="w"))
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
        handlers=handlers,
        force=True,
    )
