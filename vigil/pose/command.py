"""The words with which a rule calls the stage in its own environment."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence

from vigil.pose.settings import SHIPPED, SUPERANIMAL, Settings
from vigil.pose.shipped import FOLDER, SNAPSHOT
from vigil.stage import Job


def read_job(words: Sequence[str] | None = None) -> Job:
    """Build the job of a rule from the words of a command line."""
    parser = argparse.ArgumentParser(description="Track the head in the video of one recording.")
    parser.add_argument("--recording", required=True)
    parser.add_argument("--manifest", default="", help="manifest.tsv of transfer")
    parser.add_argument("--videos", nargs="*", default=[], help="in order; none with --tracks-in")
    parser.add_argument("--tracks-in", nargs="?", const="", default="", help="existing tracks")
    parser.add_argument("--tracks", required=True, help="tracks.h5 to write")
    parser.add_argument("--quality", required=True, help="quality.tsv to write")
    parser.add_argument("--verdict", required=True, help="verdict.json to write")
    parser.add_argument("--provenance", required=True, help="provenance.json to write")
    parser.add_argument("--settings", type=json.loads, default={}, help="JSON")
    parser.add_argument("--method", required=True, help="METHOD_VERSION of the stage")
    parser.add_argument("--batch-size", type=_at_least(0), default=0, help="0: the model's own")
    parser.add_argument("--frame-step", type=_at_least(1), default=1, help="n: each n-th frame")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--log", default=None)
    given = parser.parse_args(words)
    inputs = {"manifest": given.manifest, "videos": given.videos, "tracks": given.tracks_in}
    if not given.tracks_in:
        # so that the provenance says which weights
        inputs["model"] = model_file(Settings.model_validate(given.settings).model)
    outputs = {n: getattr(given, n) for n in ("tracks", "quality", "verdict", "provenance")}
    return Job(
        stage="pose",
        method_version=given.method,
        recording=given.recording,
        inputs=inputs,
        outputs=outputs,
        settings=given.settings,
        threads=given.threads,
        log=given.log,
        resources={"batch_size": given.batch_size, "frame_step": given.frame_step},
    )


def model_file(model: str) -> str:
    """The file that stands for a model: weights, or a project's configuration; else ''."""
    if model == SUPERANIMAL:
        return ""
    return str(FOLDER / SNAPSHOT) if model == SHIPPED else model


def _at_least(least: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"{value} is not {least} or more")
        return value

    return whole_number
