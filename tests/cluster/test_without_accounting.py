"""A cluster that keeps no accounts: what became of a job is asked of the queue."""

import pytest

pytestmark = [pytest.mark.workflow]

# what one changes in the profile: no account is charged
WITHOUT = ("--default-resources", "slurm_partition=cpu", "mem_mb=1000", "runtime=30")
WITHOUT += ("--slurm-status-command", "squeue")


def test_the_workflow_runs_and_a_job_that_was_cancelled_comes_back(
    experiment_on, slurm_without_accounts, until
):
    experiment = experiment_on(slurm_without_accounts, lambda rows: rows[:2])
    targets = [f"results/m{n}/downsample/lfp.zarr" for n in (1, 2)]
    head = experiment.start(*targets, *WITHOUT)
    job = until(slurm_without_accounts.queue, "no job came")[0]
    slurm_without_accounts.ask("scancel", job)
    assert head.wait(300) == 0, experiment.said()[-3000:]
    assert "SLURM status is: 'CANCELLED'" in experiment.said()
    assert all((experiment.folder / target).is_dir() for target in targets)
