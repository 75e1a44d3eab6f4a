"""What goes wrong on a cluster costs time and nothing else: all of it in one run.

The recordings' jobs are met by: more time than was asked for (m3), a `scancel` (m1), a node that
fails (m2), more memory than was asked for (all spectra), and a fault that stays (broken).
"""

import shutil

import pandas as pd
import pytest

pytestmark = [pytest.mark.workflow]

# what tiny recordings need is less than what the rules ask for, so that nothing would run out
SMALL = (
    "--set-resources",
    "spectra:mem_mb=attempt*attempt*300",
    "downsample:runtime=attempt*(1 if wildcards.recording in ['m3'] else 10)",
)
SPECTRA = "results/{}/spectra/features.parquet"
LFP = "results/{}/downsample/lfp.zarr"


@pytest.fixture(scope="module")
def met(experiment_on, slurm, finished):
    """A working folder after the run, what its head process returned, and the node that failed."""

    def change(rows):
        return [*rows, {**rows[1], "recording": "broken"}]

    experiment = experiment_on(slurm, change)
    for stage in ("transfer", "downsample"):
        place = experiment.folder / "results" / "broken" / stage
        shutil.copytree(finished.folder / "results" / "m2" / stage, place)
    # a disk was full, say
    (place / "lfp.zarr" / "zarr.json").write_text("{")
    targets = [SPECTRA.format(r) for r in ("m1", "m2", "broken")] + [LFP.format("m3")]
    head = experiment.start(*targets, *SMALL)
    # none of them is over before it is met by its fault; m3 first, whose minute passes
    running = {}
    for recording in ("m3", "m1", "m2"):
        running[recording] = experiment.wait_for("downsample", recording)
        experiment.pause(running[recording])
    slurm.ask("scancel", running["m1"]["JobID"])
    failed = running["m2"]["NodeList"]
    slurm.fail_node(failed)
    try:
        status = head.wait(300)
    finally:
        slurm.mend_node(failed)
    return experiment, status, failed


def attempts(experiment, rule, recording):
    """The states in which a job's attempts ended, and the attempts."""
    jobs = experiment.jobs(rule, recording)
    return [job["State"].split()[0] for job in jobs], jobs


def test_a_job_that_ran_out_of_time_comes_back_with_more(met):
    states, jobs = attempts(met[0], "downsample", "m3")
    assert states == ["TIMEOUT", "COMPLETED"]
    assert [job["TimelimitRaw"] for job in jobs] == ["1", "2"]
    assert (met[0].folder / LFP.format("m3")).is_dir()


def test_a_job_that_ran_out_of_memory_comes_back_with_more(met):
    for recording in ("m1", "m2"):
        states, jobs = attempts(met[0], "spectra", recording)
        # what Slurm calls it where no cgroup ends the job but Slurm itself
        assert states == ["FAILED", "COMPLETED"]
        assert [job["ReqMem"] for job in jobs] == ["300M", "1200M"]
        log = f".snakemake/slurm_logs/rule_spectra/{recording}/{jobs[0]['JobID']}.log"
        assert "exceeded memory limit" in (met[0].folder / log).read_text()


def test_a_job_that_was_cancelled_comes_back(met):
    states, _ = attempts(met[0], "downsample", "m1")
    assert states == ["CANCELLED", "COMPLETED"]


def test_a_node_that_fails_loses_nothing(met, finished):
    experiment, _, node = met
    states, (first, second) = attempts(experiment, "downsample", "m2")
    assert states == ["NODE_FAIL", "COMPLETED"]
    assert first["NodeList"] == node != second["NodeList"]
    ours, undisturbed = (
        pd.read_parquet(e.folder / SPECTRA.format("m2")) for e in (experiment, finished)
    )
    pd.testing.assert_frame_equal(ours, undisturbed)


def test_a_recording_that_fails_does_not_stop_the_others_and_its_log_is_told(met):
    experiment, status, _ = met
    assert status == 1
    states, _ = attempts(experiment, "spectra", "broken")
    assert "COMPLETED" not in states
    assert len(states) == 3
    assert not (experiment.folder / SPECTRA.format("broken")).exists()
    log = experiment.folder / "logs" / "broken" / "spectra.log"
    assert "spectra of broken failed" in log.read_text()
    said = experiment.said()
    assert "log: logs/broken/spectra.log" in said
    # Slurm's own, for what the stage could not say itself
    assert f"{experiment.folder}/.snakemake/slurm_logs/rule_spectra/broken/" in said
    assert "Not all jobs finished" in said
