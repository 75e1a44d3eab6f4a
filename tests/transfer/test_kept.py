"""What raw/ keeps: new versions take their places at once, and no only copy is lost."""

import multiprocessing

import pytest

from vigil.recording import RecordingError
from vigil.transfer import kept as module
from vigil.transfer.disk import hash_from_disk, next_of
from vigil.transfer.files import Brought
from vigil.transfer.kept import (
    Kept,
    as_named_now,
    commit,
    deleted_before,
    locked,
    note_deleted,
    note_stays,
    read_kept,
)
from vigil.transfer.progress import Progress

NAMES = ("A.dat", "sub/B.dat", "C.dat")


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw" / "m1"
    (folder / "sub").mkdir(parents=True)
    return folder


def version(raw, text, names=NAMES):
    """Files of a version that were brought: in their places where these are free."""
    every = []
    for name in names:
        place = raw / name
        there = next_of(place) if place.exists() else place
        there.write_text(text + name)
        digest = hash_from_disk(["xxh3"], there, Progress(1))[0]
        row = Brought(place, there.stat().st_size, digest, "read back", f"/rig/{name}", name)
        every.append(Kept(row, {"source": "/rig"}))
    return every


def content(folder):
    names = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    return {n: p.read_text() for n, p in names.items() if "/." not in f"/{n}"}


def texts(text):
    return {name: text + name for name in NAMES}


def test_what_is_committed_is_read_again(raw):
    one = version(raw, "one ")
    commit(raw, [], one, [])
    assert read_kept(raw) == one
    assert read_kept(raw / "none") == []


def test_a_new_version_takes_its_places_and_the_old_one_is_kept(raw):
    commit(raw, [], version(raw, "one "), [])
    two = version(raw, "two ")
    assert content(raw) == texts("one ")
    commit(raw, read_kept(raw), two, [])
    assert content(raw) == texts("two ")
    assert read_kept(raw) == two
    (aside,) = (raw / ".replaced").iterdir()
    assert content(aside).keys() == {*NAMES, "manifest.tsv"}
    assert {n: content(aside)[n] for n in NAMES} == texts("one ")


@pytest.mark.parametrize("step", range(11))
def test_an_exchange_cut_off_anywhere_is_finished_by_the_next_run(raw, monkeypatch, step):
    commit(raw, [], version(raw, "one "), [])
    two = version(raw, "two ")
    real, steps = module.put_in_place, []

    def cut(beside, place):
        if len(steps) == step:
            raise KeyboardInterrupt
        steps.append(place)
        real(beside, place)

    with monkeypatch.context() as m:
        m.setattr(module, "put_in_place", cut)
        try:
            commit(raw, read_kept(raw), two, [])
        except KeyboardInterrupt:
            pass
        else:
            assert step >= 9
    told = read_kept(raw)
    begun = step > 0
    assert content(raw) == texts("two " if begun else "one ")
    assert (told == two) is begun
    for k in told:
        assert hash_from_disk(["xxh3"], k.row.path, Progress(1)) == [k.row.hash]
    every = [p.read_text() for p in raw.rglob("*") if p.is_file()]
    assert all("one " + n in every and "two " + n in every for n in NAMES)


def test_a_copy_that_rotted_is_replaced_by_the_same_and_not_kept(raw):
    one = version(raw, "one ")
    commit(raw, [], one, [])
    (raw / "A.dat").write_text("rot")
    next_of(raw / "A.dat").write_text("one A.dat")
    commit(raw, read_kept(raw), one, [])
    assert content(raw) == texts("one ")
    assert not (raw / ".replaced").exists()


@pytest.mark.parametrize("row_forgets", [False, True])
def test_a_copy_whose_source_was_deleted_is_never_replaced(raw, row_forgets):
    one = version(raw, "one ")
    commit(raw, [], one, [])
    note_deleted(raw, "/rig/A.dat")
    if row_forgets:
        # the file is of a cell that was cleared meanwhile
        commit(raw, read_kept(raw), one[1:], [])
    two = version(raw, "two ", ["A.dat"])
    with pytest.raises(RecordingError, match=r"A\.dat is not what .* give what is new a recording"):
        commit(raw, read_kept(raw), two, [])
    assert content(raw) == texts("one ")
    assert not next_of(raw / "A.dat").exists()
    # the same content under another hash is the same
    next_of(raw / "A.dat").write_text("one A.dat")
    digest = hash_from_disk(["sha256"], raw / "A.dat", Progress(1))[0]
    same = Brought(raw / "A.dat", 9, digest, "read back", "/rig/A.dat", "A.dat")
    commit(raw, read_kept(raw), [Kept(same, {})], [])


def test_odd_names_of_deleted_files_are_known_again(raw):
    names = ["/rig/a\nb", "/rig/ü\u2028z", '/rig/"q"', "/rig/tab\t", "{x}", "lab:day/cr\r"]
    for name in names:
        note_deleted(raw, name)
    note_deleted(raw, "/rig/stays")
    note_stays(raw, "/rig/stays")
    assert deleted_before(raw) == set(names)


def hold(raw, ready, leave):
    with locked(raw):
        ready.set()
        leave.wait(20)


def test_two_jobs_do_not_fill_one_folder(raw):
    fork = multiprocessing.get_context("fork")
    ready, leave = fork.Event(), fork.Event()
    other = fork.Process(target=hold, args=(raw, ready, leave))
    other.start()
    assert ready.wait(20)
    with pytest.raises(OSError, match="is being filled by another job"), locked(raw):
        pass
    leave.set()
    other.join()
    with locked(raw):
        assert (raw / ".lock").exists()


@pytest.mark.parametrize(
    ("before", "row", "now"),
    [
        ({"video": "a"}, {"video": "b", "video 2": "a"}, {"video 2": "a"}),
        ({"video 2": "b"}, {"video": "b"}, {"video": "b"}),
        # by two cells, one of which the row has no longer: neither is lost
        ({"video": "a", "video 2": "b"}, {"video": "b"}, {"video": "b", "video 2": "a"}),
        ({"source": "a", "video": "a"}, {"source": "a"}, {"source": "a", "video": "a"}),
        # the same file in another column is another cell
        ({"video": "a"}, {"video_times": "a"}, {"video": "a"}),
        ({}, {"video": "a"}, {}),
    ],
)
def test_cells_follow_the_numbers_of_the_row(raw, before, row, now):
    (one,) = version(raw, "one ", ["A.dat"])
    assert as_named_now(Kept(one.row, before), row) == Kept(one.row, now)
