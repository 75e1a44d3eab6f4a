"""Recordings spread over the nodes, each job in its partition with what its input needs."""

import itertools
import os

import pytest

pytestmark = [pytest.mark.workflow]


def asked(job):
    """The cores, the memory in MB and the minutes that a job asked for."""
    got = dict(word.split("=") for word in job["AllocTRES"].split(","))
    return int(got["cpu"]), int(job["ReqMem"].rstrip("M")), int(job["TimelimitRaw"])


def test_the_whole_workflow_runs_each_job_once(finished):
    jobs = finished.jobs()
    assert {job["State"] for job in jobs} == {"COMPLETED"}
    assert len(jobs) == len({job["Comment"] for job in jobs})
    assert {job["Account"] for job in jobs} == {"lab"}
    for page in ("cohort/index.html", "m1/report/index.html", "m2/report/index.html"):
        assert (finished.folder / "results" / page).exists()


def test_recordings_run_at_the_same_time_on_different_nodes(finished):
    def of(recording):
        return [job for job in finished.jobs() if job["Comment"].endswith(f"_{recording}")]

    assert any(
        a["NodeList"] != b["NodeList"] and a["Start"] < b["End"] and b["Start"] < a["End"]
        for a, b in itertools.product(of("m1"), of("m2"))
    )


def test_only_pose_goes_to_the_partition_of_gpus(finished):
    (pose,) = finished.jobs("pose", "m1")
    assert pose["Partition"] == "gpu"
    assert "gres/gpu=1" in pose["AllocTRES"]
    others = [
        job for job in finished.jobs() if job is not pose and "rule_pose" not in job["Comment"]
    ]
    assert {job["Partition"] for job in others} == {"cpu"}
    assert not [job for job in others if "gres/gpu" in job["AllocTRES"]]


def test_the_profile_of_one_machine_does_not_overrule_that_of_the_cluster(finished):
    """Snakemake reads profiles/default beside any other profile, and it wins."""
    assert asked(finished.jobs("downsample", "m1")[0])[0] == 4
    assert asked(finished.jobs("pose", "m1")[0])[0] == 4


def test_a_larger_recording_asks_for_more(finished, experiment_on, slurm, tmp_path):
    """A file with a hole is as large as it says and takes no room."""
    source = tmp_path / "big"
    source.mkdir()
    with (source / "CSC1.ncs").open("wb") as f:
        f.truncate(4 * 10**9)
    # not written to any more
    os.utime(source / "CSC1.ncs", (1_700_000_000, 1_700_000_000))
    row = {"recording": "big", "animal": "mouse9", "source": str(source)}
    experiment = experiment_on(slurm, lambda rows: [dict.fromkeys(rows[0], "") | row])
    (experiment.folder / "mine.yaml").write_text("transfer: {mode: in_place}")
    assert experiment.run("results/big/transfer/manifest.tsv", "--configfile", "mine.yaml") == 0
    (small,), (big,) = finished.jobs("transfer", "m1"), experiment.jobs("transfer", "big")
    assert asked(big)[2] > asked(small)[2]
