"""Files that are not closed are told from those that are."""

import os
import shutil
import threading
import time

import cv2
import numpy as np
import pyedflib
import pytest

from vigil.transfer.settle import (
    StillBeingWritten,
    compare,
    lacks_end,
    refuse_open_files,
    watch,
)
from vigil.transfer.source import find_files


def seen(path):
    (file,) = find_files({"source": str(path)})
    return file


@pytest.fixture
def whole(tmp_path, ncs):
    return ncs(tmp_path / "rig" / "CSC1.ncs", np.arange(2000))


def test_a_file_that_grows_while_it_is_watched(whole):
    def grow():
        with whole.open("ab") as f:
            f.write(bytes(1044))

    timer = threading.Timer(0.05, grow)
    timer.start()
    with pytest.raises(StillBeingWritten, match=r"CSC1\.ncs is still being written \(it went from"):
        watch([seen(whole)], lambda: [seen(whole)], 0.3)
    timer.join()


def test_a_file_that_is_rewritten_at_the_same_size(whole):
    before = [seen(whole)]
    os.utime(whole, ns=(0, whole.stat().st_mtime_ns + 1_000_000))
    with pytest.raises(StillBeingWritten, match="was written to while it was watched"):
        compare(before, [seen(whole)])


def test_a_further_file_that_appears(whole):
    before = [seen(whole)]
    shutil.copy2(whole, whole.with_name("CSC1_0001.ncs"))
    with pytest.raises(StillBeingWritten, match=r"CSC1_0001\.ncs .*it appeared"):
        compare(before, find_files({"source": str(whole.parent)}))


def test_quiet_files_are_taken_and_the_watch_takes_its_time(whole):
    started = time.monotonic()
    watch([seen(whole)], lambda: [seen(whole)], 0.2)
    assert time.monotonic() - started >= 0.2


@pytest.mark.parametrize(("cut", "where"), [(1, 19516), (1043, 19516), (16384 + 4 * 1044 - 9, 9)])
def test_a_neuralynx_file_that_ends_inside_a_record_or_its_header(whole, cut, where):
    whole.write_bytes(whole.read_bytes()[:-cut])
    with pytest.raises(StillBeingWritten, match=rf"byte {where}\b"):
        refuse_open_files([seen(whole)], time.time())


def test_an_old_file_without_an_end_was_cut_short_and_is_taken(whole, caplog):
    whole.write_bytes(whole.read_bytes()[:-100])
    os.utime(whole, (1_700_000_000, 1_700_000_000))
    refuse_open_files([seen(whole)], time.time())
    assert "was cut short: it ends in the middle of the record at byte 19516" in caplog.text


@pytest.mark.parametrize("ahead_s", [-60, 60, 3600])
def test_a_fresh_file_without_an_end_is_open_whatever_the_clock_of_the_rig(whole, ahead_s):
    whole.write_bytes(whole.read_bytes()[:-100])
    now_s = time.time()
    os.utime(whole, (now_s + ahead_s, now_s + ahead_s))
    with pytest.raises(StillBeingWritten):
        refuse_open_files([seen(whole)], now_s)


def video(path, kind):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*kind), 30, (32, 32))
    assert writer.isOpened()
    for value in range(0, 250, 10):
        writer.write(np.full((32, 32, 3), value, np.uint8))
    writer.release()
    return path


def test_a_video_without_its_index(tmp_path):
    path = video(tmp_path / "v.mp4", "mp4v")
    assert lacks_end(seen(path)) is None
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"moov") - 4])
    assert "moov" in lacks_end(seen(path))


def test_a_large_box_and_a_box_to_the_end_of_the_file(tmp_path):
    path = tmp_path / "v.mp4"
    start = b"\0\0\0\x10ftypisom\0\0\0\0"
    large = b"\0\0\0\x01mdat" + (16 + 5).to_bytes(8, "big") + b"video"
    path.write_bytes(start + large + b"\0\0\0\x08moov")
    assert lacks_end(seen(path)) is None
    path.write_bytes(start + b"\0\0\0\0mdat" + b"video")
    assert "moov" in lacks_end(seen(path))


def test_an_avi_without_its_length(tmp_path):
    path = video(tmp_path / "v.avi", "MJPG")
    assert lacks_end(seen(path)) is None
    content = path.read_bytes()
    path.write_bytes(content[:4] + bytes(4) + content[8:])
    assert "bytes 4 to 7" in lacks_end(seen(path))


def test_an_edf_that_does_not_know_its_records(tmp_path):
    path = tmp_path / "night.edf"
    with pyedflib.EdfWriter(str(path), 1) as f:
        f.setSamplefrequency(0, 256)
        f.writeSamples([np.zeros(512)])
    assert lacks_end(seen(path)) is None
    content = path.read_bytes()
    path.write_bytes(content[:236] + b"-1      " + content[244:])
    assert "number of its records" in lacks_end(seen(path))


def test_a_run_of_spikeglx_that_is_open(tmp_path):
    path = tmp_path / "run.imec0.lf.meta"
    path.write_text("appVersion=20230905\nfileName=run.bin\nimSampRate=2500\n")
    assert "fileSizeBytes" in lacks_end(seen(path))
    path.write_text(path.read_text() + "fileSizeBytes=800\n")
    assert lacks_end(seen(path)) is None


def test_a_remote_file_is_looked_into_as_well(configure, tmp_path, whole):
    whole.write_bytes(whole.read_bytes()[:-1])
    path = video(whole.parent / "v.mp4", "mp4v")
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"moov") - 4])
    configure("rig", type="alias", remote=str(whole.parent))
    lacks = {f.name: lacks_end(f) for f in find_files({"source": "rig:"})}
    assert "byte 19516" in lacks["CSC1.ncs"]
    assert "moov" in lacks["v.mp4"]
