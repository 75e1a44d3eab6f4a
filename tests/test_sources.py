"""The files to which the rows of the table lead."""

from vigil.sources import place_of, shared_files, source_files
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
