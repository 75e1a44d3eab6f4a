"""The files to which the rows of the table lead."""

import os
from pathlib import Path

import pytest

from vigil.sources import (
    dead_links,
    is_tree,
    names_here,
    odd_signs,
    place_of,
    shared_files,
    source_files,
)
from vigil.table import read_table

NEEDED = "recording\tanimal\tsource"


def write(tmp_path, *rows, header=NEEDED):
    path = tmp_path / "recordings.tsv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_files_of_a_recording_are_those_that_are_there(tmp_path):
    folder = tmp_path / "rig"
    folder.mkdir()
    for name in ("CSC1.ncs", "Events.nev", ".hidden"):
        (folder / name).write_text("x")
    (folder / "truth").mkdir()
    (tmp_path / "v.mp4").write_text("x")
    header = f"{NEEDED}\tvideo\tvideo_times"
    row = read_table(write(tmp_path, "m1\tm\trig\tv.mp4\tgone.csv", header=header))["m1"]
    assert [p.rsplit("/", 1)[1] for p in source_files(row)] == ["CSC1.ncs", "Events.nev", "v.mp4"]
    assert source_files(row.model_copy(update={"source": str(tmp_path / "none")})) == [
        str(tmp_path / "v.mp4")
    ]


@pytest.mark.parametrize(
    ("names", "tree"),
    [
        (["structure.oebin"], True),
        (["recording2/structure.oebin", "notes.txt"], True),
        (["experiment1/recording1/structure.oebin"], True),
        (["Record Node 101/experiment1/recording1/structure.oebin"], True),
        (["Record_Node_107/experiment1/recording1/structure.oebin"], True),
        (["settings.xml", "experiment1/recording1/sync_messages.txt"], True),
        (["Record Node 101/settings.xml", "Record Node 101/experiment2/a.dat"], True),
        (["Record Node 101/settings.xml", "Record Node 102/experiment2/a.dat"], False),
        (["settings.xml", "CSC1.ncs", "experiments/a.dat"], False),
        (["CSC1.ncs", "experiment1/notes.txt"], False),
        # a folder of several sessions is not one recording
        (["2026-03-01_08-00-00/Record Node 101/experiment1/recording1/structure.oebin"], False),
        (["my_structure.oebin", "recording1/old/structure.oebin"], False),
        ([], False),
    ],
)
def test_a_tree_is_told_by_where_open_ephys_puts_its_files(tmp_path, names, tree):
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert is_tree(names) is tree
    flat = sorted(n for n in names if "/" not in n)
    assert sorted(names_here(str(tmp_path)).values()) == (sorted(names) if tree else flat)


@pytest.fixture
def tree(tmp_path):
    """A recording of two streams, with hidden files and a video in it."""
    node = tmp_path / "rig" / "Record Node 101"
    for name in ("recording1/structure.oebin", "recording1/continuous/A/x", ".old/x", "video.mp4"):
        (node / "experiment1" / name).parent.mkdir(parents=True, exist_ok=True)
        (node / "experiment1" / name).write_text(name)
    (node / "experiment1" / "recording1" / ".x").write_text("")
    return tmp_path / "rig"


def test_the_files_of_a_tree_are_named_from_its_top_on(tmp_path, tree):
    row = read_table(write(tmp_path, "m1\tm\trig"))["m1"]
    top = "Record Node 101/experiment1"
    inside = [f"{top}/{n}" for n in ("recording1/continuous/A/x", "recording1/structure.oebin")]
    assert names_here(str(tree)) == {str(tree / n): n for n in [*inside, f"{top}/video.mp4"]}
    assert source_files(row) == [str(tree / n) for n in [*inside, f"{top}/video.mp4"]]
    (tmp_path / "to the video").symlink_to(tree / top / "video.mp4")
    for video in (tree / top / "video.mp4", tmp_path / "to the video"):
        named = names_here(str(tree), [str(video)])
        assert named == {str(tree / n): n for n in inside} | {str(video): video.name}


def test_a_link_back_to_the_top_is_no_endless_tree(tree):
    (tree / "Record Node 101" / "again").symlink_to(tree)
    assert len(names_here(str(tree))) == 3


def test_a_folder_of_a_tree_that_cannot_be_listed_is_no_smaller_tree(tree, monkeypatch):
    real = os.scandir

    def refuse(path):
        if str(path).endswith("continuous"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PermissionError):
        names_here(str(tree))


def test_two_rows_that_share_a_part_of_a_tree_are_told(tmp_path, tree):
    rows = ["r1\tm\trig", "r2\tm\trig/Record Node 101/experiment1"]
    (sentence,) = shared_files(read_table(write(tmp_path, *rows)))
    assert "belongs to r1 and to r2" in sentence


def test_remotes_are_left_as_they_are_and_have_no_files_here(tmp_path):
    header = f"{NEEDED}\tvideo\tmontage"
    cells = "m1\tm\tlab:day1\tlab:v.mp4\todd:name.tsv"
    row = read_table(write(tmp_path, cells, header=header))["m1"]
    assert (row.source, row.video) == ("lab:day1", "lab:v.mp4")
    # only what transfer brings may lie on a remote
    assert row.montage == str(tmp_path / "odd:name.tsv")
    assert source_files(row) == []
    assert place_of(row, "video", "raw/m1") == "raw/m1/v.mp4"
    assert place_of(row, "montage", "raw/m1") == row.montage


def test_a_folder_of_the_name_of_a_remote_wins(tmp_path):
    (tmp_path / "lab:day1").mkdir()
    (tmp_path / "lab:day1" / "CSC1.ncs").write_text("x")
    row = read_table(write(tmp_path, "m1\tm\tlab:day1"))["m1"]
    assert source_files(row) == [str(tmp_path / "lab:day1" / "CSC1.ncs")]


def test_files_that_two_recordings_need_are_told(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "CSC1.ncs").write_text("x")
    header = f"{NEEDED}\tvideo\tmontage"
    apart = ["r1\tm\ta\t\t", "r2\tm\tb\t\t", "r3\tm\tlab:c\t\t"]
    assert shared_files(read_table(write(tmp_path, *apart, header=header))) == []
    for more in ("r4\tm\ta\t\t", "r4\tm\tc\tb/CSC1.ncs\t", "r4\tm\tc\t\ta/CSC1.ncs"):
        (sentence,) = shared_files(read_table(write(tmp_path, *apart, more, header=header)))
        assert "and to r4; give each recording files of its own" in sentence
    (sentence,) = shared_files(
        read_table(write(tmp_path, *apart, "r4\tm\tlab:c\t\t", header=header))
    )
    assert "lab:c belongs to r3 and to r4" in sentence


def test_a_montage_of_several_rows_outside_their_sources_may_be_shared(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "CSC1.ncs").write_text("x")
    (tmp_path / "montage.tsv").write_text("x")
    header = f"{NEEDED}\tmontage"
    rows = read_table(
        write(tmp_path, "r1\tm\ta\tmontage.tsv", "r2\tm\tb\tmontage.tsv", header=header)
    )
    assert shared_files(rows) == []


def test_remotes_that_meet_are_told_however_they_are_written(tmp_path):
    header = f"{NEEDED}\tvideo"
    for other in ("lab:day1/", "lab:/day1", "lab:./day1", "lab:day2/../day1", "lab:", "lab:day1/a"):
        rows = ["r1\tm\tlab:day1\t", f"r2\tm\t{other}\t"]
        (sentence,) = shared_files(read_table(write(tmp_path, *rows, header=header)))
        assert "and to r2" in sentence or "and to r1" in sentence
    rows = ["r1\tm\tlab:day1\t", "r2\tm\tlab:day10\tlab:v.avi", "r3\tm\tbox:day1\t"]
    assert shared_files(read_table(write(tmp_path, *rows, header=header))) == []
    rows = ["r1\tm\tlab:day1\t", "r2\tm\tbox:day1\tlab:day1/v.avi"]
    (sentence,) = shared_files(read_table(write(tmp_path, *rows, header=header)))
    assert "lab:day1/v.avi belongs to r1 and to r2" in sentence


@pytest.mark.parametrize("source", ["raw/m1", "raw", "archive/m1", "linked"])
def test_copies_are_no_source_to_be_deleted(tmp_path, monkeypatch, source):
    monkeypatch.chdir(tmp_path)
    for folder in ("raw/m1", "archive/m1"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "CSC1.dat").write_text("x")
    (tmp_path / "raw" / "x.dat").write_text("x")
    (tmp_path / "linked").symlink_to("raw/m1")
    rows = read_table(write(tmp_path, f"m2\tm\t{source}"))
    (sentence,) = shared_files(rows)
    assert "a source of m2, is one of the copies; name another source" in sentence


def test_what_the_workflow_reads_is_not_deleted(tmp_path):
    rows = read_table(write(tmp_path, "m1\tm\t."))
    assert shared_files(rows) == []
    (sentence,) = shared_files(rows, [str(tmp_path / "recordings.tsv")])
    assert "recordings.tsv, a source of m1, is read by the workflow" in sentence


def test_a_bad_row_does_not_hinder_planning(tmp_path, monkeypatch):
    for name in ("a", "shut"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.dat").write_text("x")
    long = "a" * 300
    rows = ["r1\tm\ta", f"r2\tm\t{long}", f"r3\tm\tlab:{long}", "r4\tm\tshut", "r5\tm\tshut/x.dat"]
    real = Path.iterdir

    def refuse(path):
        if path.name == "shut":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    table = read_table(write(tmp_path, *rows))
    assert [len(source_files(row)) for row in table.values()] == [1, 0, 0, 0, 1]
    (sentence,) = shared_files(table)
    assert "shut/x.dat belongs to r4 and to r5" in sentence


def test_a_file_and_a_link_to_it_in_one_folder_are_both_there(tmp_path):
    (tmp_path / "rig").mkdir()
    (tmp_path / "rig" / "v.mp4").write_text("x")
    (tmp_path / "rig" / "alias.mp4").symlink_to("v.mp4")
    (tmp_path / "outside.mp4").symlink_to("rig/v.mp4")
    for named, names in [
        ([], ["alias.mp4", "v.mp4"]),
        (["rig/v.mp4"], ["alias.mp4", "v.mp4"]),
        (["rig/alias.mp4"], ["alias.mp4", "v.mp4"]),
        (["rig/../rig/v.mp4"], ["alias.mp4", "v.mp4"]),
        (["outside.mp4"], ["alias.mp4", "outside.mp4"]),
    ]:
        found = names_here(str(tmp_path / "rig"), [str(tmp_path / n) for n in named])
        assert sorted(found.values()) == names


def test_links_that_lead_nowhere_are_known(tmp_path, tree):
    (tmp_path / "a").mkdir()
    for folder in (tmp_path / "a", tree / "Record Node 101"):
        for name in ("gone.dat", ".gone.dat"):
            (folder / name).symlink_to("nowhere")
    assert dead_links(str(tmp_path / "a")) == [str(tmp_path / "a/gone.dat")]
    assert dead_links(str(tree)) == [str(tree / "Record Node 101/gone.dat")]
    assert dead_links(str(tmp_path / "none")) == []
    assert not names_here(str(tmp_path / "a"))


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("Icon\r", True), ("a\nb", True), ("a\tb", True), ("a\u2028b", True), ("a\udce4b", True),
        ("mouse 1 $(x); 'ä' \u00a0{b}.dat", False),
    ],
)  # fmt: skip
def test_names_that_no_list_can_keep(name, odd):
    assert odd_signs(name) is odd
