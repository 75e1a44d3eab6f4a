"""The files of a recording, here and on remotes."""

from pathlib import Path

import pytest

from vigil.recording import RecordingError
from vigil.transfer import rclone
from vigil.transfer.source import find_files


@pytest.fixture
def rig(tmp_path):
    folder = tmp_path / "rig"
    (folder / "truth").mkdir(parents=True)
    for name in ("CSC1.ncs", "Events.nev", ".hidden", "truth/scores.csv"):
        (folder / name).write_text(name)
    (tmp_path / "v.mp4").write_text("video")
    return folder


def test_a_folder_and_files_beside_it(rig, tmp_path):
    found = find_files({"source": str(rig), "video": str(tmp_path / "v.mp4"), "montage": "x"})
    assert [f.name for f in found] == ["CSC1.ncs", "Events.nev", "v.mp4"]
    assert [f.n_bytes for f in found] == [8, 10, 5]
    assert found[0].where == str(rig / "CSC1.ncs")
    assert not found[0].remote


def test_a_remote_folder_looks_as_the_same_folder_here(configure, rig, tmp_path):
    configure("lab", type="alias", remote=str(tmp_path))
    here = find_files({"source": str(rig), "video": str(tmp_path / "v.mp4")})
    there = find_files({"source": "lab:rig", "video": "lab:v.mp4"})
    assert [f.where for f in there] == ["lab:rig/CSC1.ncs", "lab:rig/Events.nev", "lab:v.mp4"]
    assert [(f.name, f.n_bytes) for f in there] == [(f.name, f.n_bytes) for f in here]
    assert all(abs(a.modified_s - b.modified_s) < 1e-5 for a, b in zip(here, there, strict=True))
    assert [f.read(1, 3) for f in there] == [f.read(1, 3) for f in here] == [b"SC1", b"ven", b"ide"]
    assert [f.read(4, 99) for f in there] == [f.read(4, 99) for f in here]


def test_a_video_of_the_remote_beside_a_folder_here(configure, rig, tmp_path):
    configure("cam", type="alias", remote=str(tmp_path))
    found = find_files({"source": str(rig), "video": "cam:v.mp4"})
    assert [f.remote for f in found] == [False, False, True]


def test_the_video_inside_the_remote_folder_is_one_file(configure, rig):
    configure("lab", type="alias", remote=str(rig))
    assert len(find_files({"source": "lab:", "video": "lab:Events.nev"})) == 2


@pytest.mark.parametrize("name", ["../a.dat", "/etc/a.dat", "a/../../b", "a//b", "a\0b"])
def test_a_name_that_leads_out_of_the_recording_is_refused(monkeypatch, name):
    file = rclone.RemoteFile(f"lab:day1/{name}", name, 5, 0.0)
    monkeypatch.setattr(rclone, "list_files", lambda _: [file])
    with pytest.raises(RecordingError, match="leads out of the recording's folder; rename it"):
        find_files({"source": "lab:day1"})


def test_two_files_of_one_name_are_refused(configure, rig, tmp_path):
    (tmp_path / "cam").mkdir()
    (tmp_path / "cam" / "CSC1.ncs").write_text("other")
    configure("lab", type="alias", remote=str(tmp_path))
    for other in (str(tmp_path / "cam" / "CSC1.ncs"), "lab:cam/CSC1.ncs"):
        with pytest.raises(RecordingError, match=r"called CSC1\.ncs"):
            find_files({"source": str(rig), "video": other})


@pytest.mark.parametrize("column", ["video", "video_times"])
@pytest.mark.parametrize("name", [".v.mp4", "cam"])
@pytest.mark.parametrize("afar", [False, True])
def test_a_cell_of_a_hidden_file_or_a_folder_is_told(configure, rig, tmp_path, column, name, afar):
    configure("lab", type="alias", remote=str(tmp_path))
    (tmp_path / "cam").mkdir()
    (tmp_path / "cam" / "a.mp4").write_text("x")
    (tmp_path / ".v.mp4").write_text("x")
    value = f"lab:{name}" if afar else str(tmp_path / name)
    with pytest.raises(RecordingError, match=rf"{column} is .* name a file that is seen"):
        find_files({"source": str(rig), column: value})


def test_a_remote_file_without_a_size_is_told(monkeypatch):
    file = rclone.RemoteFile("lab:day1/notes", "notes", -1, 0.0)
    monkeypatch.setattr(rclone, "list_files", lambda _: [file])
    with pytest.raises(RecordingError, match="has no size that its remote could tell"):
        find_files({"source": "lab:day1"})


def test_two_files_that_a_remote_keeps_under_one_name_are_told(monkeypatch):
    file = rclone.RemoteFile("drive:day1/a.dat", "a.dat", 5, 0.0)
    monkeypatch.setattr(rclone, "list_files", lambda _: [file, file])
    with pytest.raises(RecordingError, match=r"called a\.dat"):
        find_files({"source": "drive:day1"})


def test_each_file_tells_the_columns_that_lead_to_it(configure, rig, tmp_path):
    configure("lab", type="alias", remote=str(tmp_path))
    for place in (f"{tmp_path}/", "lab:"):
        cells = {"source": f"{place}rig", "video": f"{place}rig/CSC1.ncs"}
        cells["video_times"] = f"{place}v.mp4"
        columns = {f.name: f.columns for f in find_files(cells)}
        assert columns == {
            "CSC1.ncs": ("source", "video"),
            "Events.nev": ("source",),
            "v.mp4": ("video_times",),
        }


def test_a_folder_that_may_not_be_listed_is_told(rig, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(
        RecordingError, match=r"cannot be read \(permission denied\); give yourself"
    ):
        find_files({"source": str(rig)})
