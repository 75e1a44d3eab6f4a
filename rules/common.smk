"""The configuration and the table, checked; and where files lie."""

import gc
import os
import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

# a graph is millions of objects that stay, and by default Python looks through them often
gc.set_threshold(100_000, 20, 20)

sys.path.insert(0, workflow.basedir)

from vigil import cohort, downsample, kinematics, pose, publish, report, seizures
from vigil import sleep, spectra, transfer
from vigil.configuration import ConfigurationError, check_configuration
from vigil.pose.settings import SHIPPED, SUPERANIMAL
from vigil.sources import place_of
from vigil.row import BROUGHT, LABELS, RESERVED, column_of, paths_in, paths_of
from vigil.table import TableError, read_table

try:
    config = check_configuration(config)
    RECORDINGS = read_table(config["recordings"])
except (ConfigurationError, TableError) as error:
    raise WorkflowError(str(error))


def watchable(path):
    """Whether a file can be an input: Snakemake takes braces for wildcards.

    A file with braces in its path is read all the same, but its changes are not noticed.
    """
    return not set(path) & set("{}")


def not_recordings():
    """Folders of results/ that are no recording's: also of past ones, which a row may name."""
    paths = [
        Path(p).parts for row in RECORDINGS.values() for p in paths_of(row).values()
    ]
    named = {
        p[1] for p in paths if p[0] == "results" and len(p) > 1 and watchable(p[1])
    }
    return [re.escape(name) for name in sorted({*RESERVED, *named} - set(RECORDINGS))]


# not a list of all names, which would be read anew for every file of every job
wildcard_constraints:
    recording=rf"(?!(?:{'|'.join(not_recordings())})(?:/|$))[A-Za-z0-9][A-Za-z0-9_-]*",


IN_PLACE = config["transfer"]["mode"] == "in_place"


def result(stage, name):
    """Path of a stage's result, with the recording as wildcard."""
    return f"results/{{recording}}/{stage}/{name}"


def row_named(recording):
    """Row of the table of a recording."""
    if recording not in RECORDINGS:
        raise WorkflowError(
            f"{recording} is no recording of {config['recordings']}; give it a row"
        )
    return RECORDINGS[recording]


def row_of(wildcards):
    """Row of the table of a job's recording."""
    return row_named(wildcards.recording)


def cells(*names):
    """Those columns of the recording's row that a stage uses.

    A file on a remote is named by the place to which transfer brings it.
    """

    def get(wildcards):
        row, raw = row_of(wildcards), f"raw/{wildcards.recording}"
        return {name: place_of(row, name, raw) for name in names}

    return get


def has_movement(recording):
    """Whether a recording has a camera or tracks."""
    row = row_named(recording)
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


def published(wildcards):
    """What publish leaves for each recording, when the configuration asks for it."""
    if not config["publish"]["to"]:
        return []
    return expand("results/{recording}/publish/published.tsv", recording=RECORDINGS)


def pose_model(wildcards):
    """The files of the model that tracks the head: its weights, and its project."""
    if row_of(wildcards).pose or config["pose"]["model"] == SUPERANIMAL:
        return []
    if config["pose"]["model"] == SHIPPED:
        return f"{workflow.basedir}/vigil/pose/model/snapshot.pt"
    project = Path(config["pose"]["model"])
    weights = project.parent.glob("dlc-models-pytorch/**/snapshot*.pt")
    files = [str(p) for p in [project, *sorted(weights)] if p.exists()]
    return [f for f in files if watchable(f)]


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
