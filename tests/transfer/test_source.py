"""The files of a recording, here and on remotes."""

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
