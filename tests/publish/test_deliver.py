import pytest

from vigil.provenance import hash_path
from vigil.publish import deliver as module
from vigil.publish.deliver import deliver, files_to_publish, withdraw


@pytest.fixture
def results(tmp_path):
    report = tmp_path / "results/r1/report"
    (report / "figures").mkdir(parents=True)
    (report / "index.html").write_text("<p>a</p>")
    (report / "figures/overview.png").write_bytes(b"\x89PNG")
    sleep = tmp_path / "results/r1/sleep"
    sleep.mkdir()
    (sleep / "summary.tsv").write_text("state\n")
    return [report / "index.html", report / "figures", sleep / "summary.tsv"]


def test_names_keep_the_stage_so_that_links_hold(results):
    assert set(files_to_publish(results)) == {
        "report/index.html", "report/figures/overview.png", "sleep/summary.tsv",
    }  # fmt: skip


def test_everything_is_copied_once_and_then_only_what_changed(results, tmp_path):
    files, folder = files_to_publish(results), tmp_path / "drive/r1"
    assert [p.action for p in deliver(files, folder)] == ["copied"] * 3
    untouched = (folder / "sleep/summary.tsv").stat().st_mtime_ns
    results[0].write_text("<p>b</p>")
    rows = deliver(files, folder)
    assert {p.path: p.action for p in rows} == {
        "report/index.html": "replaced",
        "report/figures/overview.png": "kept",
        "sleep/summary.tsv": "kept",
    }
    assert (folder / "sleep/summary.tsv").stat().st_mtime_ns == untouched
    assert (folder / "report/index.html").read_text() == "<p>b</p>"
    assert all(hash_path(folder / p.path) == p.hash for p in rows)
    assert all((folder / p.path).stat().st_size == p.bytes for p in rows)


def test_a_corrupted_copy_is_repaired_even_at_the_same_size(results, tmp_path):
    files, folder = files_to_publish(results), tmp_path / "drive/r1"
    deliver(files, folder)
    (folder / "report/index.html").write_text("<p>X</p>")
    deliver(files, folder)
    assert (folder / "report/index.html").read_text() == "<p>a</p>"


def test_a_copy_that_differs_is_refused_and_leaves_nothing(results, tmp_path, monkeypatch):
    def broken(source, target):
        target.write_bytes(b"half")

    monkeypatch.setattr(module.shutil, "copyfile", broken)
    with pytest.raises(OSError, match=r"index\.html.*differs"):
        deliver(files_to_publish(results[:1]), tmp_path / "drive/r1")
    assert not [p for p in (tmp_path / "drive").rglob("*") if p.is_file()]


def test_a_failing_copy_keeps_the_old_file(results, tmp_path, monkeypatch):
    folder = tmp_path / "drive/r1"
    deliver(files_to_publish(results[:1]), folder)
    results[0].write_text("new")

    def full(source, target):
        target.write_bytes(b"ha")
        raise OSError("disk full")

    monkeypatch.setattr(module.shutil, "copyfile", full)
    with pytest.raises(OSError, match="disk full"):
        deliver(files_to_publish(results[:1]), folder)
    assert (folder / "report/index.html").read_text() == "<p>a</p>"
    assert [p.name for p in folder.rglob("*") if p.is_file()] == ["index.html"]


def test_what_is_no_result_any_more_is_withdrawn(results, tmp_path):
    folder = tmp_path / "drive/r1"
    before = deliver(files_to_publish(results), folder)
    now = deliver(files_to_publish(results[:1]), folder)
    (folder / "sleep/summary.tsv").write_text("somebody's own notes")
    gone = withdraw(before, now, folder)
    assert [(p.path, p.action) for p in gone] == [("report/figures/overview.png", "withdrawn")]
    assert not (folder / "report/figures/overview.png").exists()
    assert (folder / "sleep/summary.tsv").exists()
