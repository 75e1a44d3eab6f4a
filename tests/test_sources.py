"""The files to which the rows of the table lead."""

import os

import pytest

from vigil.sources import is_tree, names_here, place_of, shared_files, source_files
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
