"""One stage at work: whole results or a reason, and what provenance tells."""

import json

import pytest

from vigil.provenance import hash_path
from vigil.recording import RecordingError
from vigil.stage import Job, not_analysed, run_stage


def job(tmp_path, **more):
    inputs = more.pop("inputs", {})
    return Job(
        stage="sleep",
        method_version="7",
        recording="m1",
        inputs=inputs,
        outputs={
            "table": str(tmp_path / "sleep" / "table.tsv"),
            "store": str(tmp_path / "sleep" / "store"),
            "provenance": str(tmp_path / "sleep" / "provenance.json"),
        },
        settings={"depth": 3},
        log=str(tmp_path / "sleep.log"),
        **more,
    )


def work(job):
    job.output("table").write_text("a\n1\n")
    job.output("store").mkdir()
    (job.output("store") / "chunk").write_bytes(b"123")


DIRECTORIES = frozenset(["store"])


def test_results_are_put_in_place_with_their_provenance(tmp_path):
    (tmp_path / "labels.csv").write_text("x")
    run_stage(work, job(tmp_path, inputs={"labels": str(tmp_path / "labels.csv")}), DIRECTORIES)
    record = json.loads((tmp_path / "sleep" / "provenance.json").read_text())
    assert record["settings"] == {"depth": 3}
    assert record["method_version"] == "7"
    assert record["inputs"]["labels"][0]["hash"] == hash_path(tmp_path / "labels.csv")
    assert record["outputs"]["store"]["hash"] == hash_path(tmp_path / "sleep" / "store")
    assert sorted(p.name for p in (tmp_path / "sleep").iterdir()) == [
        "provenance.json",
        "store",
        "table.tsv",
    ]


def test_a_fault_leaves_nothing_that_looks_whole(tmp_path):
    def faulty(job):
        work(job)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_stage(faulty, job(tmp_path), DIRECTORIES)
    assert not [p for p in (tmp_path / "sleep").iterdir() if not p.name.startswith(".partial")]
    assert "ZeroDivisionError" in (tmp_path / "sleep.log").read_text()


def test_what_cannot_be_analysed_leaves_the_reason_in_each_place(tmp_path):
    def refuse(job):
        work(job)
        raise RecordingError("CSC1.ncs is cut short; copy it again.")

    run_stage(refuse, job(tmp_path), DIRECTORIES)
    for name in ("table.tsv", "store", "provenance.json"):
        mark = not_analysed(tmp_path / "sleep" / name)
        assert mark.reason == "CSC1.ncs is cut short; copy it again."
        assert (mark.recording, mark.stage) == ("m1", "sleep")
    assert not list((tmp_path / "sleep").glob(".partial*"))


def test_the_reason_is_passed_on_with_its_stage(tmp_path):
    def refuse(job):
        raise RecordingError("no samples")

    first = job(tmp_path / "a")
    first.stage = "downsample"
    run_stage(refuse, first, DIRECTORIES)
    run_stage(work, job(tmp_path, inputs={"lfp": str(tmp_path / "a/sleep/store")}), DIRECTORIES)
    assert not_analysed(tmp_path / "sleep" / "table.tsv").stage == "downsample"


def test_an_optional_input_is_done_without_and_told(tmp_path):
    def refuse(job):
        raise RecordingError("the video is dark")

    run_stage(refuse, job(tmp_path / "a"), DIRECTORIES)
    again = job(
        tmp_path,
        inputs={
            "pose": str(tmp_path / "a/sleep/table.tsv"),
            "several": [str(tmp_path / "a/sleep/store")],
        },
        optional=frozenset(["pose", "several"]),
    )
    run_stage(work, again, DIRECTORIES)
    assert again.optional_input("pose") is None
    assert again.input_list("several") == []
    record = json.loads((tmp_path / "sleep" / "provenance.json").read_text())
    assert record["missing"]["pose"]["reason"] == "the video is dark"


def test_a_real_result_is_no_mark(tmp_path):
    (tmp_path / "a.json").write_text('{"offset_s": 1}')
    (tmp_path / "folder").mkdir()
    assert not_analysed(tmp_path / "a.json") is None
    assert not_analysed(tmp_path / "folder") is None
    assert not_analysed(tmp_path / "nothing") is None


def test_hashes_of_folders_see_names_and_contents(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_text("1")
    before = hash_path(tmp_path / "a")
    (tmp_path / "a" / "x").rename(tmp_path / "a" / "y")
    assert hash_path(tmp_path / "a") != before
