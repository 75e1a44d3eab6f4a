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
from vigil.pose.settings import SHIPPED, SUPERANIMAL
from vigil.table import PATHS, TableError, read_table, source_files

try:
    config = check_configuration(config)
    RECORDINGS = read_table(config["recordings"])
except (ConfigurationError, TableError) as error:
    raise WorkflowError(str(error))


wildcard_constraints:
    recording="|".join(RECORDINGS) or "none",


IN_PLACE = config["transfer"]["mode"] == "in_place"
LABELLED = [r for r, row in RECORDINGS.items() if row.sleep_labels]
LABELLED_ANIMALS = sorted({RECORDINGS[r].animal for r in LABELLED})
# a model is measured on animals left out, so it takes two
TRAINS = len(LABELLED_ANIMALS) > 1 and config["sleep"]["scorer"] != "threshold"


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


def present(path):
    """A file that a row names, where it is there; transfer says when it is not."""
    return path if path and os.path.exists(path) else []


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


def provenances(wildcards):
    """What each stage of a recording says of itself."""
    with_camera = ["pose", "kinematics"] if has_movement(wildcards.recording) else []
    stages = ["transfer", "downsample", "spectra", *with_camera, "sleep", "seizures"]
    return [
        f"results/{wildcards.recording}/{stage}/provenance.json" for stage in stages
    ]


def with_movement(stage, name):
    """A result of pose or kinematics of all recordings that have a camera."""
    return [f"results/{r}/{stage}/{name}" for r in RECORDINGS if has_movement(r)]


@functools.cache
def raw_gb(recording):
    """Size of a recording's raw files, from which memory and time of its jobs follow."""
    return sum(os.path.getsize(f) for f in source_files(RECORDINGS[recording])) / 1e9


def by_size(base, per_gb=0):
    """Memory or minutes of a job: a base, a part per GB of raw files, more at each attempt."""

    def get(wildcards, attempt):
        return round(attempt * (base + per_gb * raw_gb(wildcards.recording)))

    return get


def published(wildcards):
    """What publish leaves for each recording, when the configuration asks for it."""
    if not config["publish"]["to"]:
        return []
    return expand("results/{recording}/publish/published.tsv", recording=RECORDINGS)


def brought(wildcards, path):
    """Where a file of a recording lies after transfer."""
    return (
        path if IN_PLACE or not path else f"raw/{wildcards.recording}/{Path(path).name}"
    )


def pose_model(wildcards):
    """The files of the model that tracks the head: its weights, and its project."""
    if row_of(wildcards).pose or config["pose"]["model"] == SUPERANIMAL:
        return []
    if config["pose"]["model"] == SHIPPED:
        return f"{workflow.basedir}/vigil/pose/model/snapshot.pt"
    project = Path(config["pose"]["model"])
    weights = project.parent.glob("dlc-models-pytorch/**/snapshot*.pt")
    return [str(p) for p in [project, *sorted(weights)] if p.exists()]


def pose_python(wildcards):
    """The python that has DeepLabCut; for existing tracks any will do.

    VIGIL_POSE_PYTHON names it; else .venv-pose beside the Snakefile, as `make install`
    leaves it; else the python of the rule's conda environment.
    """
    if row_of(wildcards).pose:
        return sys.executable
    beside = Path(workflow.basedir) / ".venv-pose" / "bin" / "python"
    return os.environ.get("VIGIL_POSE_PYTHON") or (
        str(beside) if beside.exists() else "python"
    )


def sleep_model(name):
    """A trained sleep model, where the table has the labels for one."""
    return f"results/models/sleep/{name}" if TRAINS else []
