"""The head process may be stopped, killed and started again."""

import signal

import pytest

pytestmark = [pytest.mark.workflow]

TARGETS = [f"results/m{n}/downsample/lfp.zarr" for n in (1, 2, 3)]


@pytest.fixture(scope="module")
def stopped(experiment_on, slurm, under_way):
    """A folder whose head process was stopped by Ctrl-C while jobs ran, and its status."""
    experiment = experiment_on(slurm)
    head = experiment.start(*TARGETS)
    for recording in ("m1", "m2", "m3"):
        experiment.pause(experiment.wait_for("transfer", recording))
    head.send_signal(signal.SIGINT)
    return experiment, head.wait(120)


def test_ctrl_c_cancels_all_jobs(stopped, slurm, until):
    experiment, status = stopped
    assert status != 0
    assert len(experiment.jobs()) == 3
    until(lambda: not slurm.queue(experiment.folder), "the queue was not emptied")
    assert {job["State"].split()[0] for job in experiment.jobs()} == {"CANCELLED"}


def test_jobs_of_a_killed_head_process_are_not_run_twice(stopped, slurm, until):
    experiment, _ = stopped
    experiment.start(*TARGETS, by_script=True)
    experiment.wait_for("transfer", "m1", state="COMPLETED")
    job = experiment.wait_for("downsample", "m1")
    experiment.pause(job)
    experiment.stop()
    assert slurm.queue(experiment.folder)
    # Snakemake's own lock does not know that its owner is gone; one may think that this helps
    assert experiment.run("--unlock") == 0
    assert experiment.run(*TARGETS) == 1
    assert "are still in the queue" in experiment.said()
    assert "head.sh" in experiment.said()
    head = experiment.start(*TARGETS, by_script=True)
    words = "Waiting for jobs of an earlier head process"
    until(lambda: words in experiment.said(), "it did not wait", 120, experiment.said)
    # of two at once the second is refused
    assert experiment.start(*TARGETS, by_script=True).wait(60) == 1
    assert "the head process of this folder runs already" in experiment.said()
    experiment.resume(job)
    status = head.wait(300)
    assert status == 0, experiment.said(-2)[-3000:]
    jobs = [job for job in experiment.jobs() if not job["State"].startswith("CANCELLED")]
    assert {job["State"] for job in jobs} == {"COMPLETED"}
    # three transfers and three reductions, each once: what ran without a head process was kept
    assert len(jobs) == len({job["Comment"] for job in jobs}) == 6
    assert all((experiment.folder / target).is_dir() for target in TARGETS)
    assert experiment.run(*TARGETS) == 0
    assert "Nothing to be done" in experiment.said()
