"""rules/queue.smk without a Slurm: stand-ins say what squeue and sacct of 22.05 say."""

import os
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

DOWN = "slurm_load_jobs error: Unable to contact slurm controller (connect failure)"


class RefusedError(Exception):
    """In the place of Snakemake's WorkflowError."""


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """A folder that has handed jobs to Slurm, and what Slurm's commands there say."""

    def says(squeue):
        answers = {"squeue": squeue, "sacct": 'echo "$@"; echo "4|CANCELLED by 1000"'}
        for name, text in answers.items():
            (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
            (tmp_path / "bin" / name).chmod(0o755)

    (tmp_path / "bin").mkdir()
    (tmp_path / "work" / ".snakemake" / "slurm_logs").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    says("true")
    return says


@pytest.fixture
def rules(checkout, slurm):
    """What the file defines."""
    names = {"WorkflowError": RefusedError}
    names["workflow"] = SimpleNamespace(basedir=f"{checkout}/rules/..")
    exec((checkout / "rules" / "queue.smk").read_text(), names)
    return names


def jobs(*found):
    """A squeue that finds jobs as (number, state, comment), submitted here."""
    return "\n".join(f"echo '{n}|{state}|{Path.cwd()}|{rule}'" for n, state, rule in found)


def test_nothing_starts_beside_jobs_of_this_folder(slurm, rules):
    # the head itself may be a job of this folder
    slurm(jobs((1, "CG", "rule_a"), (2, "R", "group_b"), (3, "R", "vigil")))
    with pytest.raises(RefusedError, match=r"^2 jobs of an earlier run .*Slurm's 1, 2 .*head\.sh"):
        rules["refuse_to_run_twice"]()


def test_jobs_of_other_folders_are_no_matter(slurm, rules):
    slurm("echo '1|R|/elsewhere|rule_a'")
    rules["refuse_to_run_twice"]()


def test_the_end_of_jobs_that_complete_is_waited_for(slurm, rules, monkeypatch):
    slurm(jobs((1, "CG", "rule_a")))
    monkeypatch.setattr(time, "sleep", lambda _: slurm("true"))
    rules["refuse_to_run_twice"]()
    slurm(jobs((1, "CG", "rule_a")))
    rules["ENDING_S"] = -1
    with pytest.raises(RefusedError):
        rules["refuse_to_run_twice"]()


def test_what_squeue_said_is_told_and_the_way_out(slurm, rules):
    slurm(f"echo '{DOWN}' >&2; exit 1")
    with pytest.raises(RefusedError) as refused:
        rules["refuse_to_run_twice"]()
    assert DOWN in str(refused.value)
    assert "surely gone, remove .snakemake/slurm_logs" in str(refused.value)
    Path(".snakemake/slurm_logs").rmdir()
    rules["refuse_to_run_twice"]()


def test_a_plain_snakemake_is_not_taken_for_the_head_before_it(rules):
    """Else the next head.sh would remove its lock."""
    note = Path(".snakemake/head")
    note.write_text(f"host {os.getpid()} -\n")
    rules["refuse_to_run_twice"]()
    assert note.exists()
    note.write_text("host 1 -\n")
    rules["refuse_to_run_twice"]()
    assert not note.exists()


def test_the_workflow_names_the_folder_of_its_sacct_plainly(rules, checkout):
    rules["lend_sacct"]()
    place = (checkout / "profiles" / "slurm" / "bin").resolve()
    assert os.environ["PATH"].split(":")[0] == str(place)


@pytest.mark.parametrize("name", ["{}", "{}/../bin", "/{}/", "{}/../../slurm//bin", "linked"])
def test_sacct_finds_slurms_own_by_any_name_of_its_folder(slurm, checkout, tmp_path, name):
    place = checkout / "profiles" / "slurm" / "bin"
    (tmp_path / "linked").symlink_to(place)
    first = name.format(place) if "{" in name else str(tmp_path / name)
    # timeout ends the processes that it started with it: there may be no end of them
    done = subprocess.run(
        ["timeout", "20", f"{first}/sacct", "-X"],
        env={**os.environ, "PATH": f"{first}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "-X\n4|CANCELLED\n"
