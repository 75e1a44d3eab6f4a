import json

import pytest

from vigil.provenance import hash_path
from vigil.publish.files import Published, read_published, write_published
from vigil.publish.run import run
from vigil.stage import Job, run_stage


def make_job(tmp_path, inputs, to):
    folder = tmp_path / "results/r1/publish"
    return Job(
        stage="publish",
        method_version="1",
        recording="r1",
        inputs=inputs,
        outputs={
            "published": str(folder / "published.tsv"),
            "provenance": str(folder / "provenance.json"),
        },
        settings={"to": str(to)},
        optional=frozenset(inputs),
    )


@pytest.fixture
def inputs(tmp_path):
    report = tmp_path / "results/r1/report"
    (report / "figures").mkdir(parents=True)
    (report / "index.html").write_text("<p>a</p>")
    (report / "figures/overview.png").write_bytes(b"\x89PNG")
    return {"page": str(report / "index.html"), "figures": str(report / "figures")}


def test_the_list_is_at_both_ends_and_true(tmp_path, inputs):
    to = tmp_path / "drive"
    run_stage(run, make_job(tmp_path, inputs, to))
    rows = read_published(tmp_path / "results/r1/publish/published.tsv")
    assert [(p.path, p.action) for p in rows] == [
        ("report/index.html", "copied"), ("report/figures/overview.png", "copied"),
    ]  # fmt: skip
    assert all(hash_path(to / "r1" / p.path) == p.hash for p in rows)
    assert read_published(to / "r1/published.tsv") == rows


def test_a_second_run_copies_nothing_and_withdraws_what_is_gone(tmp_path, inputs):
    to = tmp_path / "drive"
    run_stage(run, make_job(tmp_path, dict(inputs), to))
    run_stage(run, make_job(tmp_path, {"page": inputs["page"]}, to))
    rows = read_published(tmp_path / "results/r1/publish/published.tsv")
    assert {p.path: p.action for p in rows} == {
        "report/index.html": "kept",
        "report/figures/overview.png": "withdrawn",
    }
    run_stage(run, make_job(tmp_path, {"page": inputs["page"]}, to))
    rows = read_published(tmp_path / "results/r1/publish/published.tsv")
    assert [p.action for p in rows] == ["kept"]


def test_lists_of_results_are_taken_too(tmp_path, inputs):
    run_stage(run, make_job(tmp_path, {"results": list(inputs.values())}, tmp_path / "drive"))
    assert (tmp_path / "drive/r1/report/figures/overview.png").is_file()


def test_off_publishes_nothing(tmp_path, inputs):
    run_stage(run, make_job(tmp_path, inputs, ""))
    assert read_published(tmp_path / "results/r1/publish/published.tsv") == []
    record = json.loads((tmp_path / "results/r1/publish/provenance.json").read_text())
    assert record["stage"] == "publish"


def test_a_results_mark_is_not_published(tmp_path, inputs):
    mark = tmp_path / "results/r1/sleep/summary.tsv"
    mark.parent.mkdir(parents=True)
    reason = {"recording": "r1", "stage": "sleep", "reason": "too short"}
    mark.write_text(json.dumps({"not_analysed": reason}))
    run_stage(run, make_job(tmp_path, {**inputs, "sleep": str(mark)}, tmp_path / "drive"))
    assert not (tmp_path / "drive/r1/sleep").exists()
    assert (tmp_path / "drive/r1/report/index.html").is_file()


def test_a_folder_that_is_not_mounted_fails_the_job(tmp_path, inputs):
    with pytest.raises(FileNotFoundError, match=r"publish\.to is .*mount it"):
        run_stage(run, make_job(tmp_path, inputs, tmp_path / "not/mounted"))
    assert not (tmp_path / "not").exists()


def test_the_list_survives_writing(tmp_path):
    rows = [Published("a b/ü.png", 3, "xxh3:1", "copied"), Published("NA", 0, "xxh3:2", "kept")]
    write_published(tmp_path / "p.tsv", rows)
    assert read_published(tmp_path / "p.tsv") == rows
    assert read_published(tmp_path / "absent.tsv") == []
