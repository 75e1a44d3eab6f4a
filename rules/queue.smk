"""Jobs that an earlier run of this folder left in the queue of a cluster."""

import os
import shutil
import subprocess
import time
from pathlib import Path

# processes of a job that was cancelled or ran out of time may write until Slurm's KillWait
# (30 s, where nobody changed it) is over; squeue says CG (completing) until then, and after
# the end of any other job for a moment
ENDING_S = 120


def left_in_the_queue():
    """Slurm's ids and states of jobs, whoever's they are, that wait or run for this folder.

    The plugin for Slurm does not know jobs of a head process that was killed; they go on, and
    would be run a second time beside themselves.
    """
    if not Path(".snakemake/slurm_logs").exists() or not shutil.which("squeue"):
        return {}
    # %k: the plugin names each job by its rule; %Z: the folder it was submitted in
    words = ["squeue", "-h", "-o", "%i|%t|%Z|%k"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        answer, fault = done.stdout, ""
        if done.returncode:
            fault = done.stderr.strip() or f"exit status {done.returncode}"
    except (subprocess.SubprocessError, OSError) as error:
        answer, fault = "", str(error)
    if fault:
        raise WorkflowError(
            f"squeue does not answer ({fault}), and jobs of an earlier run of this folder may"
            " still be in the queue; start again when it does, or, if this folder's jobs are"
            " surely gone, remove .snakemake/slurm_logs"
        )
    jobs = [line.split("|", 3) for line in answer.splitlines() if line.count("|") > 2]
    here = os.path.realpath(os.getcwd())
    return {
        number: state
        for number, state, folder, rule in jobs
        if os.path.realpath(folder) == here and rule.startswith(("rule_", "group_"))
    }


def refuse_to_run_twice():
    """Start nothing beside jobs of an earlier run."""
    end = time.monotonic() + ENDING_S
    while set((jobs := left_in_the_queue()).values()) == {"CG"}:
        if time.monotonic() > end:
            break
        time.sleep(1)
    if jobs:
        raise WorkflowError(
            f"{len(jobs)} jobs of an earlier run of this folder are still in the queue"
            f" (Slurm's {', '.join(list(jobs)[:3])} ...), and would be run twice. Start with"
            " profiles/slurm/head.sh, which waits for them; or cancel them, then start again"
        )
    forget_the_head()


def forget_the_head():
    """Remove the note of head.sh, unless this process is the one it speaks of.

    The next head.sh would take the lock of this run for one that its own forerunner left.
    """
    note = Path(".snakemake/head")
    if note.exists() and note.read_text().split()[1:2] != [str(os.getpid())]:
        note.unlink()


def lend_sacct():
    """Put a sacct first whose answers Snakemake's plugin understands, where there is one."""
    if shutil.which("sacct"):
        place = os.path.realpath(f"{workflow.basedir}/profiles/slurm/bin")
        os.environ.update(PATH=os.pathsep.join([place, *os.get_exec_path()]))
