"""profiles/slurm/head.sh without a Slurm: stand-ins say what squeue and scancel of 22.05 say."""

import os
import socket
import subprocess
import sys
import time

import pytest

DOWN = "slurm_load_jobs error: Unable to contact slurm controller (connect failure)"
STAND_INS = {
    # a file `down` counts the answers that do not come, a file `queue` holds those that do
    "squeue": f"""
        [ -s $STAND/down ] && {{ sed -i 1d $STAND/down; echo "{DOWN}" >&2; exit 1; }}
        cat $STAND/queue""",
    "scancel": """
        echo scancel $* >>$STAND/did
        for job; do
          if grep -qx $job $STAND/theirs; then
            echo "scancel: error: Kill job error on job id $job: Access/permission denied" >&2
            status=210
          else sed -i "/^$job|/d" $STAND/queue; fi
        done
        exit ${status:-0}""",
    # snakemake: it holds its lock until a file `end` is there
    "python": """
        shift 6; echo snakemake $* >>$STAND/did
        case "$*" in *--unlock*) exec rm -r .snakemake/locks;; *-n*|*--dry*) exit;; esac
        mkdir -p .snakemake/locks; touch .snakemake/locks/0
        until [ -e $STAND/end ]; do sleep 0.05; done
        rm -r .snakemake/locks""",
}


class Head:
    """A working folder, the stand-ins, and heads that were started there."""

    def __init__(self, checkout, place):
        self.script = checkout / "profiles" / "slurm" / "head.sh"
        self.place = place
        self.folder = place / "work"
        self.note = self.folder / ".snakemake" / "head"
        self.locks = self.folder / ".snakemake" / "locks"
        self.started = []
        (place / ".venv" / "bin").mkdir(parents=True)
        self.note.parent.mkdir(parents=True)
        for name in ("queue", "theirs", "did", "end"):
            (place / name).touch()
        for name, text in STAND_INS.items():
            self.lend(name, text)

    def lend(self, name, text):
        """Put a program first."""
        path = self.place / ".venv" / "bin" / name
        path.write_text(f"#!/bin/bash\n{text}\n")
        path.chmod(0o755)

    def environment(self, **more):
        """What the programs are told."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("SLURM")}
        path = f"{self.place / '.venv' / 'bin'}:{clean['PATH']}"
        clean |= {"PATH": path, "VIGIL": str(self.place), "STAND": str(self.place)}
        return clean | {"VIGIL_HEAD_WAIT_S": "0.1"} | more

    def start(self, *words, **more):
        """Start head.sh."""
        head = subprocess.Popen(
            ["bash", self.script, *words],
            cwd=self.folder,
            env=self.environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(head)
        return head

    def run(self, *words, **more):
        """Run it to its end: what it returned, and what it said."""
        head = self.start(*words, **more)
        said = head.communicate(timeout=60)[0]
        return head.returncode, said

    def queue(self, *jobs):
        """Jobs as (number, state, comment) of this folder, or with a fourth, that of another."""
        lines = [f"{n}|{n}|{s}|{(*more, self.folder)[0]}|{k}\n" for n, s, k, *more in jobs]
        (self.place / "queue").write_text("".join(lines))

    def did(self):
        """What scancel and snakemake were told."""
        return (self.place / "did").read_text().splitlines()

    def killed(self, host="", job="-", pid=2**22 + 1):
        """Leave what a killed head leaves: its note and Snakemake's lock."""
        self.note.write_text(f"{host or socket.gethostname()} {pid} {job}\n")
        self.locks.mkdir()
        (self.locks / "0.input.lock").touch()


def soon(true):
    """Wait until something is true."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def head(checkout, tmp_path):
    made = Head(checkout, tmp_path)
    yield made
    for process in made.started:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def another():
    """A process that may be taken for a head, and holds no lock."""
    words = [sys.executable, "-c", "import time; time.sleep(600)", "snakemake"]
    with subprocess.Popen(words) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("word", ["-n", "--dry-run", "--dryrun", "-pn"])
def test_a_dry_run_touches_nothing(head, word):
    head.queue((1, "PD", "rule_spectra_wildcards_m1"))
    assert head.run(word, "all")[0] == 0
    assert head.did() == [f"snakemake {word} all"]
    assert not head.note.exists()


@pytest.mark.parametrize("words", [["--directory", "x"], ["--directory=x"], ["-d", "x"], ["-dx"]])
def test_another_folder_is_refused(head, words):
    status, said = head.run(*words)
    assert status == 1
    assert "go there and leave it out" in said
    assert head.did() == []


def test_waiting_jobs_are_cancelled_and_running_ones_waited_for(head):
    ours = "rule_spectra_wildcards_m1"
    head.queue(
        (1, "PD", ours),
        (2, "CG", "group_short_wildcards_m2"),
        (3, "PD", "vigil"),
        (4, "PD", ours, "/elsewhere"),
    )
    process = head.start("all")
    soon(lambda: "scancel 1" in head.did())
    time.sleep(0.5)
    assert head.did() == ["scancel 1"]
    head.queue()
    assert process.wait(30) == 0
    assert head.did() == ["scancel 1", "snakemake all"]


def test_another_users_job_is_waited_for(head):
    (head.place / "theirs").write_text("1\n")
    head.queue((1, "PD", "rule_spectra_wildcards_m1"), (2, "PD", "rule_sleep_wildcards_m1"))
    process = head.start()
    soon(lambda: "2|2" not in (head.place / "queue").read_text())
    assert process.poll() is None
    head.queue()
    said = process.communicate(timeout=30)[0]
    assert process.returncode == 0
    assert said.count("Access/permission denied") == said.count("another user's job") == 1


def test_a_squeue_that_fails_is_asked_again(head):
    (head.place / "down").write_text("1\n2\n3\n")
    status, said = head.run()
    assert status == 0
    assert said.count(DOWN) == 1


def test_no_answer_does_not_mean_that_the_head_is_gone(head):
    head.killed("node7", job="7")
    (head.place / "down").write_text("1\n")
    head.queue((7, "R", "vigil"))
    status, said = head.run()
    assert status == 1
    assert f"runs already, as job 7; if it is gone, remove {head.note}" in said


@pytest.mark.parametrize(("job", "told"), [("-", {}), ("7", {"SLURM_JOB_ID": "7"})])
def test_a_head_on_this_host_lives_if_its_process_does(head, another, job, told):
    head.queue((7, "R", "vigil"))
    head.killed(job=job, pid=another.pid)
    status, said = head.run(**told)
    assert status == 1
    assert f"runs already, as process {another.pid}; if it is gone, remove {head.note}" in said
    another.kill()
    another.wait()
    assert head.run(**told)[0] == 0


def test_a_head_that_slurm_brought_back_goes_on(head):
    head.killed("node7", job="7")
    head.queue((7, "R", "vigil"))
    assert head.run("--configfile", "mine.yaml", SLURM_JOB_ID="7")[0] == 0
    # the lock is removed with the words that the run needs to be planned
    asked = "--configfile mine.yaml"
    assert head.did() == [f"snakemake --unlock {asked}", f"snakemake {asked}"]


def test_the_lock_of_a_snakemake_without_head_sh_is_left(head):
    head.killed()
    head.note.unlink()
    status, said = head.run()
    assert status == 1
    assert f"remove {head.locks}" in said
    assert head.did() == []


def test_of_two_started_together_one_runs(head):
    (head.place / "end").unlink()
    heads = [head.start(), head.start()]
    soon(lambda: [h for h in heads if h.poll() is not None] and head.did())
    (refused,) = (h for h in heads if h.poll() is not None)
    assert f"remove {head.note}" in refused.communicate()[0]
    # the lock is held until snakemake ends
    head.note.write_text("")
    status, said = head.run()
    assert status == 1
    assert "the head process of this folder runs already" in said
    (head.place / "end").touch()
    assert {h.wait(30) for h in heads} == {0, 1}
    assert head.did() == ["snakemake"]
    assert head.run()[0] == 0


def test_one_started_meanwhile_on_a_host_that_does_not_see_the_lock_goes_first(head):
    head.queue((1, "R", "rule_sleep_wildcards_m1"))
    process = head.start()
    soon(lambda: head.note.exists() and head.note.read_text())
    head.note.write_text("node7 1 -\n")
    head.queue()
    said = process.communicate(timeout=30)[0]
    assert process.returncode == 1
    assert "was started meanwhile (node7 1 -)" in said
    assert head.did() == []
