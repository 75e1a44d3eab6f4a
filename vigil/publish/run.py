"""Publish at its edge: results in, a verified copy where others read them out."""

from __future__ import annotations

import logging
from pathlib import Path

from vigil.publish.deliver import deliver, files_to_publish, withdraw
from vigil.publish.files import read_published, write_published
from vigil.publish.settings import Settings
from vigil.stage import Job

log = logging.getLogger("vigil")
LIST = "published.tsv"


def run(job: Job) -> None:
    """Publish the results of one recording.

    Inputs: any files and folders of `results/<recording>/<stage>/`, under any names. Output:
    `published`; the same list stands in the published folder, so that it can be checked there
    and tells the next run what is there.
    """
    settings = Settings.model_validate(job.settings)
    if not settings.to:
        log.info("publish.to is empty: nothing is published")
        write_published(job.output("published"), [])
        return
    root = Path(settings.to).expanduser()
    if not root.is_dir() and not root.parent.is_dir():
        raise FileNotFoundError(
            f"publish.to is {root}, but {root.parent} does not exist: mount it or correct the path."
        )
    folder = root / job.recording
    results = [p for name in job.inputs for p in job.input_list(name)]
    now = deliver(files_to_publish(results), folder)
    gone = withdraw(read_published(folder / LIST), now, folder)
    for action in ("copied", "replaced", "kept"):
        log.info("%s: %d files", action, sum(p.action == action for p in now))
    for file in gone:
        log.info("withdrawn: %s", file.path)
    write_published(job.output("published"), [*now, *gone])
    deliver({LIST: job.output("published")}, folder)
