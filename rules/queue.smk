"""Jobs that an earlier run of this folder left in the queue of a cluster."""

import getpass
import os
import shutil
import subprocess
from pathlib import Path


def left_in_the_queue():
    """Slurm's ids of jobs that wait or run for this folder.

    The plugin for Slurm does not know jobs of a head process that was killed; they go on, and
    would be run a second time beside themselves.
    """
    if not Path(".snakemake/slurm_logs").exists() or not shutil.which("squeue"):
        return []
    # %k: the plugin names each job by its rule; %Z: the folder it was submitted in
    words = ["squeue", "-h", "-u", getpass.getuser(), "-o", "%i|%Z|%k"]
    try:
        said = subprocess.run(
            words, capture_output=True, text=True, timeout=60, check=True
        ).stdout
    except (subprocess.SubprocessError, OSError) as error:
        raise WorkflowError(
            f"squeue does not answer ({error}), and jobs of an earlier run of this folder may"
            " still be in the queue; start again when it does"
        )
    jobs = [line.split("|", 2) for line in said.splitlines()]
    here = os.path.realpath(os.getcwd())
    return [
        number
        for number, folder, rule in jobs
        if os.path.realpath(folder) == here and rule.startswith(("rule_", "group_"))
    ]


def refuse_to_run_twice():
    """Start nothing beside jobs of an earlier run."""
    if jobs := left_in_the_queue():
        raise WorkflowError(
            f"{len(jobs)} jobs of an earlier run of this folder are still in the queue"
            f" (Slurm's {', '.join(jobs[:3])} ...), and would be run twice. Start with"
            " profiles/slurm/head.sh, which waits for them; or cancel them, then start again"
        )


def lend_sacct():
    """Put a sacct first whose answers Snakemake's plugin understands, where there is one."""
    if shutil.which("sacct"):
        place = f"{workflow.basedir}/profiles/slurm/bin"
        os.environ.update(PATH=os.pathsep.join([place, *os.get_exec_path()]))
