"""Frames placed by the files of a recording, and files that are refused."""

import json

import numpy as np
import pytest

from vigil.kinematics.files import write_clock
from vigil.kinematics.frame_times import frame_clock
from vigil.kinematics.settings import Settings
from vigil.neuralynx import NEV_RECORD, NVT_RECORD
from vigil.recording import RecordingError
from vigil.simulate.camera import exposure_camera_s, exposure_time_s
from vigil.simulate.cheetah import EventsFile, first_timestamp_us
from vigil.simulate.plan import CameraClock, plan_rig
from vigil.simulate.settings import Rig


@pytest.fixture
def times(tmp_path):
    def write(text):
        path = tmp_path / "video_times.csv"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def events(tmp_path):
    """Pulses of 30 Hz from 2 s on port 1, and something else on port 0 between them."""
    pulse_us = 1_000_000 + np.round(2e6 + np.arange(10) / 30 * 1e6).astype(int)
    rows = []
    for t in pulse_us:
        rows += [(t, 2, 1), (t + 5000, 0, 1), (t + 7000, 2, 0), (t + 9000, 0, 0)]
    records = np.zeros(len(rows), NEV_RECORD)
    for record, (t, value, port) in zip(records, rows, strict=True):
        record["timestamp_us"], record["ttl"] = t, value
        record["text"] = b"TTL Input on AcqSystem1_0 board 0 port %d value" % port
    path = tmp_path / "Events.nev"
    header = b"######## Neuralynx Data File Header\r\n-FileType Event\r\n".ljust(16384, b"\0")
    path.write_bytes(header + records.tobytes())
    return path


def place(n, times=None, events=(), **settings):
    return frame_clock(n, times, list(events), 1_000_000, Settings(**settings))


@pytest.mark.parametrize("first", [0, 1])
def test_the_pulses_of_the_cameras_port_place_the_frames(times, events, first):
    rows = "".join(f"{k + first},{k / 30:.6f}\n" for k in range(10))
    clock = place(10, times("frame,camera_s\n" + rows), [events], camera_input=1, camera_port=1)
    assert clock.offset_s == pytest.approx(2, abs=1e-5)
    assert clock.time_s == pytest.approx(2 + np.arange(10) / 30, abs=1e-5)
    with pytest.raises(RecordingError, match=r"0 camera pulses.*camera_port.*camera_input"):
        place(10, times("frame,camera_s\n" + rows), [events], camera_input=1, camera_port=2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("frame,time_s\n0,0.0\n2,0.1\n3,0.2\n", "has frame 2 in row 2 where 1 is due"),
        ("frame,time_s\n5,0.0\n6,0.1\n7,0.2\n", "has frame 5 in row 1 where 0 is due"),
        ("frame,camera_s\n0,0.0\n,0.1\n2,0.2\n", "in row 2 where 1 is due"),
        ("frame,time_s\n0,0.0\n1,\n2,0.2\n", "no time in column time_s of row 2"),
        ("camera_s\n0.0\n0.1\ninf\n", "no time in column camera_s of row 3"),
        ("camera_s\n0.0\nnone\n0.1\n", "no time in column camera_s of row 2"),
        ("frame,time_s\n0,0.0\n1,0.1,7,8\n2,0.2\n", "cannot be read as a table"),
        ("", "cannot be read as a table"),
        ("time_s\n0.0\n0.1\n", "has 2 frames, the video 3"),
        ("t\n0.0\n0.1\n0.2\n", "needs time_s"),
    ],
)
def test_frame_times_that_cannot_be_right_are_refused(times, text, reason):
    with pytest.raises(RecordingError, match=reason) as refused:
        place(3, times(text))
    assert "video_times.csv" in str(refused.value)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "video_times.csv"
    path.write_bytes(b"time_s\n\xff\xfe\x00\n")
    with pytest.raises(RecordingError, match="cannot be read as a table"):
        place(1, path)


def test_the_clock_file_says_by_how_many_frames_the_video_may_be_off(times, events, tmp_path):
    rows = "".join(f"{k / 30:.6f}\n" for k in range(14))
    clock = place(14, times("camera_s\n" + rows), [events], camera_input=1, camera_port=1)
    write_clock(tmp_path / "clock.json", clock, 0, 0)
    record = json.loads((tmp_path / "clock.json").read_text())
    assert record["ambiguous_frames"] == 4
    assert "cannot tell" in record["notes"][0]


@pytest.fixture
def noted(tmp_path):
    """Writes times of frames, in seconds on the recording's clock, as the acquisition does."""

    def write(name, time_s):
        path = tmp_path / name
        us = 1_000_000 + np.round(np.asarray(time_s) * 1e6).astype(int)
        if path.suffix == ".nvt":
            records = np.zeros(len(us), NVT_RECORD)
            records["timestamp_us"] = us
            header = b"######## Neuralynx Data File Header\r\n-RecordSize 1828\r\n"
            path.write_bytes(header.ljust(16384, b"\0") + records.tobytes())
        else:
            rows = [f"<SYNC Start={k * 40}><P Class=ENUSCC>{t}</SYNC>" for k, t in enumerate(us)]
            path.write_text("<SAMI>\n<BODY>\n" + "\n".join(rows) + "\n</BODY>\n</SAMI>\n")
        return path

    return write


@pytest.mark.parametrize("kind", [".nvt", ".smi"])
def test_what_the_acquisition_noted_is_taken_file_by_file(noted, kind, tmp_path):
    # 25 frames a second, two lost in the first file, ten minutes between the files
    first_s = np.delete(2 + np.arange(40) * 0.04, [10, 20])
    second_s = 600 + np.arange(30) * 0.04
    paths = [noted("VT1" + kind, first_s), noted("VT1_02" + kind, second_s)]
    for n in (68, [38, 30]):
        clock = place(n, paths)
        assert clock.time_s == pytest.approx(np.concatenate([first_s, second_s]), abs=1e-6)
        assert clock.source == kind
        assert clock.dropped_frames == 2
        assert clock.exposure[[0, 37, 38]].tolist() == [0, 39, 14950]
        assert clock.notes == ()
    write_clock(tmp_path / "clock.json", clock, 0, 0)
    record = json.loads((tmp_path / "clock.json").read_text())
    assert (record["source"], record["drift_ppm"], record["residual_ms"]) == (kind, None, None)


def test_what_passes_while_the_acquisition_is_stopped_was_not_dropped(noted, tmp_path):
    records = np.zeros(4, NEV_RECORD)
    records["timestamp_us"] = 1_000_000 + np.array([0, 3_990_000, 300_000_000, 310_000_000])
    records["text"] = [b"Starting Recording", b"Stopping Recording"] * 2
    path = tmp_path / "Events.nev"
    path.write_bytes(b"######## Neuralynx\r\n".ljust(16384, b"\0") + records.tobytes())
    time_s = np.concatenate([np.delete(np.arange(100), [7]), 7500 + np.arange(100)]) * 0.04
    clock = place(199, noted("VT1.nvt", time_s), [path])
    assert clock.dropped_frames == 1
    assert clock.exposure[-1] == 7599
    assert place(199, noted("VT1.nvt", time_s)).dropped_frames == 7401


def test_neither_was_it_by_pulses(times, tmp_path):
    records = np.zeros(801, NEV_RECORD)
    exposed = np.r_[0:200, 7500:7700]
    exposed_us = 1_000_000 + exposed * 40_000
    records["timestamp_us"][:-1] = np.repeat(exposed_us, 2) + np.tile([0, 5000], 400)
    records["ttl"][:-1:2] = 1
    records["text"][:-1] = b"TTL Input on AcqSystem1_0 board 0 port 0 value"
    records["timestamp_us"][-1], records["text"][-1] = 100_000_000, b"Stopping Recording"
    path = tmp_path / "Events.nev"
    path.write_bytes(b"######## Neuralynx\r\n".ljust(16384, b"\0") + records.tobytes())
    rows = "".join(f"{k * 0.04:.6f}\n" for k in np.delete(exposed, [7, 8]))
    clock = place(398, times("camera_s\n" + rows), [path])
    assert clock.dropped_frames == 2
    assert clock.exposure[-1] == 7699


def test_files_that_do_not_fit_the_videos_are_refused(noted, times):
    paths = [noted("VT1.smi", np.arange(40) / 25), noted("VT1_02.smi", 9 + np.arange(30) / 25)]
    with pytest.raises(RecordingError, match=r"VT1.smi, VT1_02.smi have 40 \+ 30 frames, the vid"):
        place(71, paths)
    with pytest.raises(RecordingError, match=r"video has 1 files, and VT1.smi, VT1_02.smi are 2"):
        place([70], paths)
    with pytest.raises(RecordingError, match="do not rise at frame 30"):
        place(70, paths[::-1])
    with pytest.raises(RecordingError, match="are of several kinds"):
        place(3, [paths[0], times("time_s\n0\n1\n2\n")])
    # of each file alone the captions tell the frames
    assert "2 more captions" in place([38, 30], paths).notes[0]
    assert len(place([38, 30], paths).time_s) == 68


def test_a_tracker_with_more_frames_than_the_video_is_ambiguous(noted):
    clock = place(38, noted("VT1.nvt", np.arange(40) / 25))
    assert clock.ambiguous_frames == 2
    assert "2 more frames than its video" in clock.notes[0]


def test_tables_of_several_files_are_one(tmp_path, events):
    rows = [f"{k},{k / 30:.6f}" for k in range(10)]
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for path, part in zip(paths, (rows[:6], rows[6:]), strict=True):
        path.write_text("frame,camera_s\n" + "\n".join(part) + "\n")
    settings = {"camera_input": 1, "camera_port": 1}
    assert place(10, paths, [events], **settings).time_s[-1] == pytest.approx(2.3, abs=1e-5)
    # the second file counts frames and seconds anew
    again = [f"{k},{k / 30:.6f}" for k in range(4)]
    paths[1].write_text("frame,camera_s\n" + "\n".join(again) + "\n")
    clock = place([6, 4], paths, [events], **settings)
    assert clock.time_s == pytest.approx(2 + np.arange(10) / 30, abs=1e-5)
    with pytest.raises(RecordingError, match=r"have 6 \+ 4 frames, the video 5 \+ 5"):
        place([5, 5], paths, [events], **settings)
    paths[1].write_text("time_s\n0.5\n0.6\n0.7\n0.8\n")
    with pytest.raises(RecordingError, match=r"a\.csv has the columns frame.*same as the oth"):
        place(10, [paths[1], paths[0]], [events], **settings)


@pytest.mark.parametrize("drift_ppm", [-200.0, 0.0, 123.4, 200.0])
def test_the_simulated_rig_is_recovered_to_within_one_frame(tmp_path, drift_ppm):
    rig = Rig(animals=1, labelled=0, minutes=10, channels=3, seed=9)
    plan = plan_rig(rig)[0]
    rng = np.random.default_rng(abs(round(drift_ppm)))
    n = 17000
    lost = np.union1d(rng.choice(np.arange(1, n - 1), 30, replace=False), np.arange(5000, 5020))
    camera = CameraClock(2.345678, drift_ppm, n, tuple(lost.tolist()))
    camera_s = exposure_camera_s(np.arange(n), 30.0)
    exposed_s = exposure_time_s(camera, camera_s)
    events = EventsFile(tmp_path / "Events.nev", plan, rig.seed)
    events.append(exposed_s, 599.0)
    events.close()
    kept = np.setdiff1d(np.arange(n), lost)
    rows = "".join(f"{k},{t:.6f}\n" for k, t in enumerate(camera_s[kept]))
    (tmp_path / "times.csv").write_text("frame,camera_s\n" + rows)
    zero_us = first_timestamp_us(plan, rig.seed)
    args = (tmp_path / "times.csv", [tmp_path / "Events.nev"], zero_us, Settings())
    clock = frame_clock(len(kept), *args)
    assert np.abs(clock.time_s - exposed_s[kept]).max() < 1e-3
    assert clock.drift_ppm == pytest.approx(drift_ppm, abs=0.5)
    assert clock.offset_s == pytest.approx(2.345678, abs=1e-3)
    assert clock.dropped_frames == len(lost)
    assert clock.ambiguous_frames == 0
