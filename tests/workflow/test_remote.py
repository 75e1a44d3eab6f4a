"""The real workflow over a recording on a remote, and over one that is still being written."""

import importlib.util
import os
import re

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.workflow


@pytest.fixture
def remote(rig, tmp_path, monkeypatch):
    """A remote `lab:` that is the folder of the rig."""
    path = tmp_path / "rclone.conf"
    path.write_text(f"[lab]\ntype = alias\nremote = {rig}\n")
    monkeypatch.setenv("RCLONE_CONFIG", str(path))
    return "lab:"


def planned(workflow, *words, config=None):
    done = workflow.snakemake("-n", *words, config=config)
    text = done.stdout + done.stderr
    assert done.returncode == 0, text[-2000:]
    return {k: int(n) for k, n in re.findall(r"^(\w+) +(\d+)$", text, re.M) if k != "total"}


def one(rows, source, **cells):
    """The second row of the table, its files elsewhere and without a camera."""
    return [{**rows[1], "source": source, "video": "", "video_times": "", **cells}]


def test_a_recording_on_a_remote_is_fetched_and_analysed_once(workflow_in, remote, rig):
    workflow = workflow_in(lambda rows: one(rows, "lab:mouse2-01"))
    config = "transfer: {settle_s: 0, archive: true}"
    until = ["--until", "downsample", "archive"]
    done = workflow.snakemake(*until, config=config)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    results = workflow.folder / "results/mouse2-01"
    manifest = pd.read_csv(results / "transfer/manifest.tsv", sep="\t")
    assert set(manifest["verified"]) == {"sha256 of the remote"}
    assert manifest["source"].str.startswith("lab:mouse2-01/").all()
    for path in manifest["path"]:
        name = path.rsplit("/", 1)[1]
        assert (workflow.folder / path).read_bytes() == (rig / "mouse2-01" / name).read_bytes()
    assert (results / "downsample/lfp.zarr/zarr.json").is_file()
    archive = pd.read_csv(results / "transfer/archive.tsv", sep="\t")
    assert (archive["ratio"] > 1).sum() >= 5
    assert planned(workflow, *until, config=config) == {}
    # an archive is a job of its own: to ask for it repeats nothing
    assert planned(workflow, *until, config="transfer: {settle_s: 0}") == {}


def test_a_change_deep_in_a_tree_is_noticed(workflow_in, checkout, tmp_path):
    path = checkout / "tests/downsample/sources/small_files.py"
    spec = importlib.util.spec_from_file_location("small_files", path)
    small = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(small)
    x = np.random.default_rng(0).integers(-3000, 3000, (2, 60_000)).astype(np.int16)
    small.write_open_ephys(tmp_path / "session", x)
    workflow = workflow_in(lambda rows: one(rows, str(tmp_path / "session"), montage=""))
    config, until = "transfer: {settle_s: 0}", ["--until", "downsample"]
    done = workflow.snakemake(*until, config=config)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert (workflow.folder / "results/mouse2-01/downsample/lfp.zarr/zarr.json").is_file()
    assert planned(workflow, *until, config=config) == {}
    (deep,) = (tmp_path / "session").rglob("sample_numbers.npy")
    np.save(deep, np.load(deep) + 7)
    assert planned(workflow, *until, config=config) == {"downsample": 1, "transfer": 1}


def test_a_remote_video_is_looked_for_where_transfer_brings_it(workflow_in, remote):
    cells = {"video": "lab:mouse2-01/video.mp4", "video_times": "lab:mouse2-01/video_times.csv"}
    workflow = workflow_in(lambda rows: one(rows, "lab:mouse2-01", **cells))
    plan = workflow.snakemake("-n", "--printshellcmds").stdout
    assert "--videos raw/mouse2-01/video.mp4" in plan


def test_a_recording_still_being_written_is_looked_at_again_until_it_is_closed(
    workflow_in, remote, rig, tmp_path
):
    open_file = rig / "growing" / "CSC1.ncs"
    open_file.parent.mkdir(exist_ok=True)
    whole = (rig / "mouse2-01" / "CSC1.ncs").read_bytes()
    open_file.write_bytes(whole[:-7])
    workflow = workflow_in(lambda rows: one(rows, "lab:growing"))
    config, until = "transfer: {settle_s: 0}", ["--until", "transfer"]
    manifest = workflow.folder / "results/mouse2-01/transfer/manifest.tsv"
    for _ in range(2):
        assert planned(workflow, *until, config=config) == {"transfer": 1}
        assert workflow.snakemake(*until, config=config).returncode == 0
        assert "is still being written" in manifest.read_text()
    open_file.write_bytes(whole)
    os.utime(open_file, (1_700_000_000, 1_700_000_000))
    assert workflow.snakemake(*until, config=config).returncode == 0
    assert len(pd.read_csv(manifest, sep="\t")) == 1
    assert planned(workflow, *until, config=config) == {}


def test_sources_that_are_deleted_are_not_missed(workflow_in, rig, tmp_path):
    source = tmp_path / "day1"
    source.mkdir()
    for path in (rig / "mouse2-01").glob("*.n*"):
        (source / path.name).write_bytes(path.read_bytes())
    workflow = workflow_in(lambda rows: one(rows, str(source)))
    config = "transfer: {settle_s: 0, delete_source: true}"
    until = ["--until", "transfer"]
    done = workflow.snakemake(*until, config=config)
    assert done.returncode == 0, done.stderr[-2000:]
    assert list(source.iterdir()) == []
    assert "deleted " in (workflow.folder / "logs/mouse2-01/transfer.log").read_text()
    assert planned(workflow, *until, config=config) == {}


def test_a_source_of_two_recordings_is_not_deleted(workflow_in):
    workflow = workflow_in(lambda rows: [rows[1], {**rows[1], "recording": "again"}])
    done = workflow.snakemake(config="transfer: {delete_source: true}")
    assert done.returncode != 0
    assert "belongs to mouse2-01 and to again" in done.stdout + done.stderr
    assert not (workflow.folder / "results").exists()


def test_a_row_that_cannot_be_used_ends_itself_only(workflow_in, rig, tmp_path):
    odd = tmp_path / "odd"
    odd.mkdir()
    for name in ("{x}.dat", "CSC1.dat"):
        (odd / name).write_bytes(b"x")
    (odd / "torn\nname.dat").write_bytes(b"x")

    def change(rows):
        more = {"long": "a" * 300, "odd": str(odd), "gone": str(tmp_path / "none")}
        of = {
            name: one(rows, source, recording=name, montage="")[0] for name, source in more.items()
        }
        return [*one(rows, rows[1]["source"], montage=str(tmp_path / "montage.tsv")), *of.values()]

    workflow = workflow_in(change)
    config, until = "transfer: {settle_s: 0}", ["--until", "transfer"]
    manifests = {
        r: workflow.folder / f"results/{r}/transfer/manifest.tsv"
        for r in ("mouse2-01", "long", "odd", "gone")
    }
    # what is not here is looked for again when it comes, what is odd in every run
    for recordings in (4, 1):
        assert planned(workflow, *until, config=config) == {"transfer": recordings}
        done = workflow.snakemake(*until, config=config)
        assert done.returncode == 0, done.stderr[-2000:]
        said = {r: path.read_text() for r, path in manifests.items()}
        assert "montage.tsv, which is not there" in said["mouse2-01"]
        assert "which is not there" in said["long"]
        assert "has a sign in its name" in said["odd"]
        assert "none, which is not there" in said["gone"]
    (odd / "torn\nname.dat").unlink()
    (tmp_path / "montage.tsv").write_text("channel\tregion\n")
    assert workflow.snakemake(*until, config=config).returncode == 0
    assert set(pd.read_csv(manifests["odd"], sep="\t")["name"]) == {"{x}.dat", "CSC1.dat"}
    assert len(pd.read_csv(manifests["mouse2-01"], sep="\t")) > 3
    assert planned(workflow, *until, config=config) == {}


def test_a_source_that_comes_late_is_brought_and_deleted(workflow_in, tmp_path):
    source = tmp_path / "late"
    workflow = workflow_in(lambda rows: one(rows, str(source), montage=""))
    config, until = "transfer: {settle_s: 0, delete_source: true}", ["--until", "transfer"]
    assert workflow.snakemake(*until, config=config).returncode == 0
    source.mkdir()
    (source / "CSC1.dat").write_bytes(b"x" * 5000)
    assert workflow.snakemake(*until, config=config).returncode == 0
    assert list(source.iterdir()) == []
    assert (workflow.folder / "raw/mouse2-01/CSC1.dat").read_bytes() == b"x" * 5000
    assert planned(workflow, *until, config=config) == {}


@pytest.mark.parametrize("read", ["recordings.tsv", "changed.yaml"])
def test_what_the_workflow_reads_is_no_source_to_be_deleted(workflow_in, read):
    workflow = workflow_in(lambda rows: one(rows, "here", montage=""))
    (workflow.folder / "here").mkdir()
    (workflow.folder / "here" / read).symlink_to(workflow.folder / read)
    done = workflow.snakemake("-n", config="transfer: {delete_source: true}")
    assert done.returncode != 0
    assert f"{read}, a source of mouse2-01, is read by the workflow" in done.stdout + done.stderr
