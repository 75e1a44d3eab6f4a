"""The words with which a rule calls the stage in its own environment."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from vigil.stage import Job


def read_job(words: Sequence[str] | None = None) -> Job:
    """Build the job of a rule from the words of a command line."""
    parser = argparse.ArgumentParser(description="Track the head in the video of one recording.")
    parser.add_argument("--recording", required=True)
    parser.add_argument("--manifest", default="", help="manifest.tsv of transfer")
    parser.add_argument("--videos", nargs="*", default=[], help="in order; none with --tracks-in")
    parser.add_argument("--tracks-in", default="", help="what DeepLabCut wrote elsewhere")
    parser.add_argument("--tracks", required=True, help="tracks.h5 to write")
    parser.add_argument("--quality", required=True, help="quality.tsv to write")
    parser.add_argument("--provenance", required=True, help="provenance.json to write")
    parser.add_argument("--settings", type=json.loads, default={}, help="JSON")
    parser.add_argument("--method", required=True, help="METHOD_VERSION of the stage")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--log", default=None)
    given = parser.parse_args(words)
    outputs = {n: getattr(given, n) for n in ("tracks", "quality", "provenance")}
    return Job(
        stage="pose",
        method_version=given.method,
        recording=given.recording,
        inputs={
            "manifest": given.manifest,
            "videos": given.videos,
            "tracks": given.tracks_in,
        },
        outputs=outputs,
        settings=given.settings,
        threads=given.threads,
        log=given.log,
    )
