"""The configuration and the table, checked; and where files lie."""

import functools
import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

sys.path.insert(0, workflow.basedir)

from vigil import cohort, downsample, kinematics, pose, publish, report, seizures
from vigil import sleep, spectra, transfer
from vigil.configuration import ConfigurationError, check_configuration
from vigil.table import TableError, read_table, source_files

try:
    config = check_configuration(config)
    RECORDINGS = read_table(config["recordings"])
except (ConfigurationError, TableError) as error:
    raise WorkflowError(str(error))


wildcard_constraints:
    recording="|".join(RECORDINGS) or "none",


def result(stage, name):
    """Path of a stage's result, with the recording as wildcard."""
    return f"results/{{recording}}/{stage}/{name}"


def row_of(wildcards):
    """Row of the table of a recording."""
    return RECORDINGS[wildcards.recording]


def cells(*names):
    """Those columns of the recording's row that a stage uses."""

    def get(wildcards):
        return {name: getattr(row_of(wildcards), name) for name in names}

    return get


def has_movement(recording):
    """Whether a recording has a camera or tracks."""
    row = RECORDINGS[recording]
    return bool(row.video or row.pose)


def movement_result(stage, name):
    """A result of pose or kinematics, or nothing for a recording without a camera."""

    def get(wildcards):
        path = f"results/{wildcards.recording}/{stage}/{name}"
        return path if has_movement(wildcards.recording) else []

    return get


def with_movement(stage, name):
    """A result of pose or kinematics of all recordings that have a camera."""
    return [f"results/{r}/{stage}/{name}" for r in RECORDINGS if has_movement(r)]


@functools.cache
def raw_gb(recording):
    """Size of a recording's raw files, from which memory and time of its jobs follow."""
    return sum(os.path.getsize(f) for f in source_files(RECORDINGS[recording])) / 1e9


def memory_mb(base, per_gb=0):
    """Memory of a job: a base, a part per GB of raw files, more at each attempt."""

    def get(wildcards, attempt):
        return round(attempt * (base + per_gb * raw_gb(wildcards.recording)))

    return get


def minutes(base, per_gb=0):
    """Wall time of a job: a base, a part per GB of raw files, more at each attempt."""

    def get(wildcards, attempt):
        return round(attempt * (base + per_gb * raw_gb(wildcards.recording)))

    return get


def published(wildcards):
    """What publish leaves for each recording, when the configuration asks for it."""
    if not config["publish"]["to"]:
        return []
    return expand("results/{recording}/publish/published.tsv", recording=RECORDINGS)
