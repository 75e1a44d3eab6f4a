"""What a cell of the table that names a remote looks like."""

import pytest

from vigil.remote import inside, is_connection, is_here, is_remote, name_of, remote_of, same_place


@pytest.mark.parametrize(
    ("cell", "remote"),
    [
        ("rig:2026/day1", True),
        ("rig:", True),
        ("Rig 2.b+c@lab-x:day 1", True),
        ("/rig/day1", False),
        ("/rig:x/day1", False),
        ("rig/12:30", False),
        ("day1", False),
        ("-rig:day1", False),
        (" rig:day1", False),
        (":sftp,host=lab:day1", False),
        ("", False),
    ],
)
def test_a_remote_is_told_from_a_path(cell, remote):
    assert is_remote(cell) == remote


def test_a_file_that_is_there_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert is_remote("rig:day1")
    (tmp_path / "rig:day1").mkdir()
    assert not is_remote("rig:day1")


@pytest.mark.parametrize(
    "cell",
    [":sftp,host=lab,pass=secret:day1", ":http:day1", "rig,pass=secret:day1", ":local:/rig"],
)
def test_a_connection_that_is_spelt_out(cell):
    assert is_connection(cell)
    assert not is_remote(cell)


def test_names_and_places():
    assert name_of("rig:2026/v.mp4") == name_of("rig:v.mp4") == name_of("/rig/v.mp4") == "v.mp4"
    assert remote_of("rig:2026/v.mp4") == "rig"
    assert inside("rig:", "v.mp4") == "rig:v.mp4"
    assert inside("rig:day1", "v.mp4") == inside("rig:day1/", "v.mp4") == "rig:day1/v.mp4"


def test_places_that_may_be_the_same_are_compared_as_one():
    for text in ("lab:day1", "lab:/day1/", "lab:./day1", "lab://day1", "lab:a/../day1"):
        assert same_place(text) == "lab:day1"
    assert same_place("lab:") == same_place("lab:/") == "lab:"
    assert same_place("lab:day1/a") != same_place("box:day1/a")


def test_a_path_that_no_disk_could_have_leads_nowhere(tmp_path):
    assert is_here(str(tmp_path))
    for path in (tmp_path / "none", tmp_path / ("a" * 300)):
        assert not is_here(str(path))
        assert not is_remote(str(path))
    assert is_remote("lab:" + "a" * 300)
