"""A real Slurm, and working folders in which the workflow runs through profiles/slurm."""

import contextlib
import csv
import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from vigil.pose.files import tracks_table, write_tracks
from vigil.simulate.rig import simulate_rig
from vigil.simulate.settings import Rig

spec = importlib.util.spec_from_file_location("slurm", Path(__file__).with_name("slurm.py"))
slurm_module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(slurm_module)

# all that differs from a cluster: who waits for a test asks more often
TINY = ("--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "5")
TINY += ("--max-jobs-per-timespan", "60/1s")


def pytest_collection_modifyitems(items):
    """Begin with what can go on beside the whole workflow; end with a node that fails."""
    order = ("test_head", "test_without_accounting", "test_fan_out", "test_failures")
    places = [n for n, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    ours = sorted((items[n] for n in places), key=lambda item: order.index(item.path.stem))
    for place, item in zip(places, ours, strict=True):
        items[place] = item


class Experiment:
    """A working folder with a table, in which a head process can be started."""

    def __init__(self, checkout, folder, slurm):
        self.checkout = checkout
        self.folder = folder
        self.slurm = slurm
        self.started = []

    def write(self, rows):
        """Write the table."""
        with (self.folder / "recordings.tsv").open("w", newline="") as f:
            table = csv.DictWriter(f, list(rows[0]), delimiter="\t", restval="")
            table.writeheader()
            table.writerows(rows)

    def start(self, *words, by_script=False):
        """Start a head process: snakemake, or the profile's script for it."""
        profile = self.checkout / "profiles" / "slurm"
        command = [sys.executable, "-m", "snakemake", "-s", str(self.checkout / "Snakefile")]
        command += ["--profile", str(profile)]
        if by_script:
            command = ["bash", str(profile / "head.sh")]
        command += [*TINY, *words]
        environment = {**self.slurm.environment, "OMP_NUM_THREADS": "1", "VIGIL_HEAD_WAIT_S": "1"}
        with (self.folder / f"head{len(self.started)}.log").open("w") as log:
            head = subprocess.Popen(
                command, cwd=self.folder, env=environment, stdout=log, stderr=subprocess.STDOUT
            )
        self.started.append(head)
        return head

    def said(self, run=-1):
        """What a head process has said so far."""
        return (self.folder / f"head{range(len(self.started))[run]}.log").read_text()

    def run(self, *words, timeout_s=400):
        """Run a head process to its end and return its exit status."""
        return self.start(*words).wait(timeout_s)

    def jobs(self, *comment):
        """What accounting knows of this folder's jobs, or of one rule's (and recording's)."""
        name = "_wildcards_".join(["rule_" + comment[0], *comment[1:]]) if comment else ""
        return [j for j in self.slurm.jobs(self.folder) if name in ("", j["Comment"])]

    def wait_for(self, *comment, state="RUNNING", timeout_s=120):
        """Wait for a job of a rule (and recording) in a state, and return it."""
        return until(
            lambda: next((j for j in self.jobs(*comment) if j["State"].startswith(state)), None),
            f"{comment} did not become {state}",
            timeout_s,
            lambda: self.said()[-3000:],
        )

    def pause(self, job):
        """Stop the processes of a job that runs, so that it still does when a test acts."""
        self._signal(job, signal.SIGSTOP, "T")

    def resume(self, job):
        """Let them go on."""
        self._signal(job, signal.SIGCONT, "RSD")

    def _signal(self, job, number, states):
        def reached():
            pids = self.slurm.processes_of(job["JobID"])
            if pids and all(_state(pid) in states for pid in pids):
                return True
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            return False

        until(reached, f"the processes of {job['Comment']} are not in {states}")

    def stop(self):
        """End the head processes that still run, without their farewell."""
        for head in self.started:
            if head.poll() is None:
                head.send_signal(signal.SIGKILL)
                head.wait()


def _state(pid):
    """How a process is, by a letter (man 5 proc); Z also if it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
    except OSError:
        return "Z"


def until(true, otherwise, timeout_s=60, more=lambda: ""):
    """Wait until something is true, and return it."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.3)
    raise AssertionError(f"{otherwise} in {timeout_s} s. {more()}")


@pytest.fixture(scope="session", name="until")
def _until():
    return until


def bring_up(**kwargs):
    """A running cluster in a short path: that of a socket may have 108 characters."""
    if sentence := slurm_module.missing():
        if os.environ.get("VIGIL_SLURM") == "required":
            pytest.fail(sentence)
        pytest.skip(sentence)
    with tempfile.TemporaryDirectory(prefix="vigil-slurm-", ignore_cleanup_errors=True) as folder:
        cluster = slurm_module.Slurm(folder, **kwargs)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()


@pytest.fixture(scope="session")
def slurm():
    """A cluster of three nodes that keeps accounts."""
    yield from bring_up()


@pytest.fixture(scope="module")
def slurm_without_accounts():
    """A cluster that keeps none."""
    yield from bring_up(accounting=False)


@pytest.fixture(scope="session")
def rows(tmp_path_factory):
    """Three simulated recordings of two minutes; the first comes with the tracks of its head."""
    folder = tmp_path_factory.mktemp("rig")
    simulate_rig(folder, Rig(animals=3, labelled=0, minutes=2, channels=3, seed=41))
    turn = np.linspace(0, 12 * np.pi, 2 * 60 * 30)
    points = np.full((len(turn), 3, 3), 0.9)
    for part, (ahead_px, aside_px) in enumerate([(0, -3), (0, 3), (6, 0)]):
        points[:, part, 0] = 60 + (40 + aside_px) * np.cos(turn) - ahead_px * np.sin(turn)
        points[:, part, 1] = 60 + (40 + aside_px) * np.sin(turn) + ahead_px * np.cos(turn)
    write_tracks(folder / "tracks.h5", tracks_table(["leftear", "rightear", "snout"], points), "x")
    with (folder / "recordings.tsv").open() as f:
        found = list(csv.DictReader(f, delimiter="\t"))
    for number, row in enumerate(found):
        row["recording"] = f"m{number + 1}"
        row["pose"] = "" if number else "tracks.h5"
        for name in ("source", "montage", "pose", "video", "video_times"):
            row[name] = str(folder / row[name]) if row[name] else ""
        if number:
            row["video"] = row["video_times"] = ""
    return found


@pytest.fixture(scope="session")
def experiment_on(checkout, rows, tmp_path_factory):
    """Make a working folder with the table of the recordings."""
    made = []

    def make(cluster, change=lambda rows: rows):
        made.append(Experiment(checkout, tmp_path_factory.mktemp("work"), cluster))
        made[-1].write(change([dict(row) for row in rows]))
        return made[-1]

    yield make
    for experiment in made:
        experiment.stop()


@pytest.fixture(scope="session")
def under_way(experiment_on, slurm):
    """The whole workflow through the profile over two recordings; other tests go on meanwhile."""
    experiment = experiment_on(slurm, lambda rows: rows[:2])
    experiment.start()
    return experiment


@pytest.fixture(scope="session")
def finished(under_way):
    """The same, run to its end."""
    assert under_way.started[0].wait(600) == 0, under_way.said()[-4000:]
    return under_way
