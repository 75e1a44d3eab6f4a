"""The frame that is drawn on is the frame that was tracked, and what is drawn on it."""

import argparse
import json

import cv2
import numpy as np
import pandas as pd
import pytest

from vigil.pose.files import tracks_table, write_tracks
from vigil.pose.overlay.browser_video import write_video
from vigil.pose.overlay.command import add_arguments, gather, main, rows_between, shown_at
from vigil.pose.overlay.drawing import PART_COLOURS, Shown, annotate, clock_words, contact_sheet
from vigil.pose.overlay.exact_frames import ExactVideo, frame_counts, frames_of
from vigil.recording import RecordingError

BITS = 10
BLOCK = 16
WIDE, HIGH = BITS * BLOCK, 32
PARTS = ["left_ear", "right_ear", "snout"]


def numbered(number):
    """A frame that shows its number as blocks of light and dark."""
    bits = [(number >> k) & 1 for k in range(BITS)]
    row = np.repeat(np.where(bits, 220, 30), BLOCK).astype(np.uint8)
    return np.repeat(np.tile(row, (HIGH, 1))[:, :, None], 3, axis=2)


def number_of(image):
    """The number that a frame shows, whatever was enlarged; its upper quarter is looked at."""
    scale = image.shape[1] // WIDE
    middles = ((np.arange(BITS) + 0.5) * BLOCK * scale).astype(int)
    return int(((image[2 * scale, middles].mean(axis=1) > 125) << np.arange(BITS)).sum())


def write_numbered(path, numbers, codec="mp4v"):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), 30, (WIDE, HIGH))
    for n in numbers:
        writer.write(numbered(n))
    writer.release()
    return path


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Three videos with 300, 7 and 200 frames, numbered on."""
    folder = tmp_path_factory.mktemp("films")
    borders = [0, 300, 307, 507]
    return [
        write_numbered(folder / f"part{k}.mp4", range(borders[k], borders[k + 1])) for k in range(3)
    ]


@pytest.fixture(scope="module")
def results(films, tmp_path_factory):
    """Results of a recording whose video begins 10 s late; the head goes right, then up."""
    results = tmp_path_factory.mktemp("run") / "results"
    folder = results / "m1"
    for stage in ("pose", "kinematics", "sleep"):
        (folder / stage).mkdir(parents=True)
    n = 507
    x_px = 20 + 100 * np.arange(n) / n
    points = np.full((n, 3, 3), 0.9)
    points[:, :, 0] = x_px[:, None] + [0, 0, 6]
    points[:, :, 1] = 24 + np.array([-3, 3, 0])
    write_tracks(folder / "pose" / "tracks.h5", tracks_table(PARTS, points), "truth")
    inputs = {"videos": [{"path": str(p), "hash": ""} for p in films]}
    (folder / "pose" / "provenance.json").write_text(json.dumps({"inputs": inputs}))
    direction = np.where(np.arange(n) < 400, 0.0, np.pi / 2)
    pd.DataFrame(
        {
            "time_s": 10 + np.arange(n) / 30,
            "x_cm": x_px / 4,
            "y_cm": 24 / 4,
            "head_direction_rad": direction,
            "speed_cm_s": 1.5,
            "angular_velocity_rad_s": np.pi,
            "valid": True,
        }
    ).to_parquet(folder / "kinematics" / "kinematics.parquet")
    history = {"row": {"px_per_cm": 4.0}, "settings": {"likelihood_min": 0.5}}
    (folder / "kinematics" / "provenance.json").write_text(json.dumps(history))
    pd.DataFrame(
        {"start_s": [8.0, 12.0, 20.0], "duration_s": 4.0, "state": ["wake", "rem", "nrem"]}
    ).to_parquet(folder / "sleep" / "hypnogram.parquet")
    return results


def run(*words):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return main(parser.parse_args([str(w) for w in words]))


def read_all(path):
    capture = cv2.VideoCapture(str(path))
    images = []
    while True:
        shows, image = capture.read()
        if not shows:
            return images
        images.append(image)


@pytest.mark.parametrize("number", [0, 1, 11, 12, 13, 59, 250, 299])
def test_a_frame_is_found_by_its_number(number, films):
    with ExactVideo(films[0]) as video:
        assert number_of(video.frame(number)) == number


def test_frames_are_found_forwards_and_backwards(films):
    with ExactVideo(films[0], 300) as video:
        asked = [290, 3, 150, 151, 149, 299, 0, 120]
        assert [number_of(video.frame(n)) for n in asked] == asked


def test_packets_that_lie_are_found_out(films, monkeypatch):
    with ExactVideo(films[0]) as video:
        truth = video._shown_ms_of_packets()
    for lie in (truth + 1000 / 30, truth * 1.001, truth[5:]):
        monkeypatch.setattr(ExactVideo, "_shown_ms_of_packets", lambda self, lie=lie: lie)
        with ExactVideo(films[0]) as video:
            assert [number_of(video.frame(n)) for n in (250, 60, 299)] == [250, 60, 299]


def test_a_video_without_usable_packets_is_counted_from_its_first_frame(films, monkeypatch):
    monkeypatch.setattr(ExactVideo, "_shown_ms_of_packets", lambda self: None)
    with ExactVideo(films[0]) as video:
        assert video.packets() == 0
        assert [number_of(video.frame(n)) for n in (200, 100)] == [200, 100]


def test_rows_run_on_over_several_videos(films):
    counts = frame_counts(films, 507)
    assert counts == [300, 7, 200]
    asked = [*range(295, 312), 480, 506]
    found = list(frames_of(films, counts, asked))
    assert [n for n, _ in found] == asked
    assert [number_of(image) for _, image in found] == asked


def test_frames_are_counted_where_the_tracks_have_a_few_less(films):
    assert frame_counts(films, 505) == [300, 7, 200]


def test_videos_of_other_tracks_are_refused(films):
    with pytest.raises(RecordingError, match="hold 300 frames and the tracks 507"):
        frame_counts(films[:1], 507)


def test_a_frame_beyond_the_end_is_refused(films):
    with ExactVideo(films[1]) as video, pytest.raises(RecordingError, match="Frame 7 of the video"):
        video.frame(7)


def test_parts_are_as_opaque_as_they_are_likely_and_hollow_below_the_threshold():
    grey = np.full((480, 640, 3), 100, np.uint8)
    parts = {"a": (100, 100, 1.0), "b": (300, 100, 0.7), "c": (500, 100, 0.3), "d": (np.nan,) * 3}
    drawn = annotate(grey, Shown(0, 0.0, parts), 0.6)
    colours = [[int(c[k : k + 2], 16) for k in (5, 3, 1)] for c in PART_COLOURS[:2]]
    assert drawn[100, 100].tolist() == colours[0]
    assert drawn[100, 300] == pytest.approx(0.7 * np.array(colours[1]) + 0.3 * 100, abs=1)
    assert drawn[100, 500].tolist() == [100, 100, 100]
    assert (drawn[95:106, 495:506] != 100).any()
    assert drawn.shape[0] % 2 == drawn.shape[1] % 2 == 0


def test_a_small_frame_is_enlarged_about_the_middle_of_its_pixels():
    grey = np.full((128, 128, 3), 100, np.uint8)
    drawn = annotate(grey, Shown(0, 0.0, {"a": (40.0, 60.0, 1.0)}), 0.6)
    assert drawn.shape[1] == 640
    rows, columns = np.nonzero((drawn[:640] != 100).any(axis=2))
    assert columns.mean() == pytest.approx(5 * 40.5 - 0.5, abs=0.3)
    assert rows.mean() == pytest.approx(5 * 60.5 - 0.5, abs=0.3)


@pytest.mark.parametrize(
    ("direction_rad", "ahead"),
    [(0, (1, 0)), (np.pi / 2, (0, -1)), (np.pi, (-1, 0)), (-np.pi / 2, (0, 1))],
)
def test_the_arrow_points_counter_clockwise_from_the_right(direction_rad, ahead):
    grey = np.full((480, 640, 3), 100, np.uint8)
    shown = Shown(0, 0.0, {}, head_px=(320, 240), direction_rad=direction_rad)
    rows, columns = np.nonzero((annotate(grey, shown, 0.6)[:480] != 100).any(axis=2))
    reach = np.array([columns.mean() - 320, rows.mean() - 240])
    assert reach @ ahead > 20
    assert abs(reach @ (ahead[1], ahead[0])) < 1


def test_a_strip_is_as_high_whatever_it_says():
    grey = np.full((240, 320, 3), 100, np.uint8)
    parts = dict.fromkeys(PARTS, (1.0, 1.0, 0.5))
    one = annotate(grey, Shown(1, 1.0, parts, state="rem"), 0.6)
    other = annotate(
        grey, Shown(9999999, 86399.9, parts, None, np.nan, 99.9, -999, "unclassified"), 0.6
    )
    assert one.shape == other.shape


def test_clock_words():
    assert clock_words(3725.9) == "1:02:05"
    assert clock_words(-61.0) == "-0:01:01"


def test_what_is_known_of_a_frame(results):
    shown = shown_at(gather(results, "m1"), 405)
    assert shown.time_s == pytest.approx(10 + 405 / 30)
    assert shown.head_px == pytest.approx((20 + 100 * 405 / 507, 24))
    assert shown.direction_rad == pytest.approx(np.pi / 2)
    assert shown.turning_deg_s == pytest.approx(180)
    assert shown.parts["snout"] == pytest.approx((26 + 100 * 405 / 507, 24, 0.9))
    assert shown.state == "nrem"
    assert len(shown.trail_px) == 31
    # from 16 s to 20 s nothing was scored
    assert shown_at(gather(results, "m1"), 240).state == ""


def test_the_scale_of_the_arena_is_in_the_clock(results):
    clock = results / "m1" / "kinematics" / "clock.json"
    clock.write_text(json.dumps({"scale": {"px_per_cm": 8.0}}))
    try:
        assert gather(results, "m1").px_per_cm == 8.0
    finally:
        clock.unlink()
    assert gather(results, "m1").px_per_cm == 4.0
    assert gather(results, "m1").likelihood_min == 0.5


def test_rows_between_times(results):
    motion = gather(results, "m1").motion
    assert rows_between(motion, 11.0, 12.0) == range(30, 60)
    assert rows_between(motion, None, 10.1) == range(3)
    assert rows_between(motion, 26.8, None) == range(504, 507)
    for outside in ((0.0, 9.0), (27.0, 30.0), (12.0, 11.0)):
        with pytest.raises(RecordingError, match=r"from 10\.0 s to 26\.9 s"):
            rows_between(motion, *outside)


@pytest.mark.parametrize("ending", [".webm", ".mp4"])
def test_the_minute_shows_the_frames_that_were_tracked(ending, results, tmp_path, capsys):
    out = tmp_path / f"minute{ending}"
    # over the border of the first and the second video, and of the second and the third
    assert run("m1", "--results", results, "--from", 19.8, "--to", 20.4, "--out", out) == 0
    assert [number_of(image) for image in read_all(out)] == list(range(294, 312))
    assert cv2.VideoCapture(str(out)).get(cv2.CAP_PROP_FPS) == pytest.approx(30)
    assert [p.name for p in tmp_path.iterdir()] == [out.name]
    assert "18 frames, 0.6 s" in capsys.readouterr().out


def test_a_sheet_shows_frames_over_the_whole_video(results, tmp_path):
    out = tmp_path / "sheet.png"
    assert run("m1", "--results", results, "--sheet", out, "--frames", 4) == 0
    sheet = cv2.imread(str(out))
    assert sheet.shape[1] == 3 * 646
    high = sheet.shape[0] // 2
    tiles = [sheet[r * high + 3 :, c * 646 + 3 :][:, :640] for r, c in ((0, 0), (0, 1), (1, 0))]
    assert [number_of(tile) for tile in tiles] == [0, 168, 506]


def test_tiles_of_a_sheet_are_no_wider_than_640_px():
    images = [np.zeros((600, 1280, 3), np.uint8)] * 5
    assert contact_sheet(images, 2).shape == (3 * 306, 2 * 646, 3)


def test_tracks_made_elsewhere_are_drawn_on_the_video_of_the_manifest(results, films):
    folder = results / "m1"
    kept = (folder / "pose" / "provenance.json").read_text()
    (folder / "pose" / "provenance.json").write_text(json.dumps({"inputs": {"videos": []}}))
    (folder / "transfer").mkdir()
    manifest = folder / "transfer" / "manifest.tsv"
    try:
        with pytest.raises(RecordingError, match="No video of m1 is known"):
            gather(results, "m1")
        manifest.write_text(f"path\tbytes\thash\nraw/a.ncs\t1\tx\n{films[0]}\t1\tx\n")
        assert gather(results, "m1").videos == films[:1]
        manifest.write_text(f"path\tbytes\thash\n{films[0]}\t1\tx\n{films[1]}\t1\tx\n")
        with pytest.raises(RecordingError, match="2 videos and tracks that were made elsewhere"):
            gather(results, "m1")
    finally:
        (folder / "pose" / "provenance.json").write_text(kept)
        manifest.unlink()
        manifest.parent.rmdir()


def test_without_kinematics_the_parts_are_drawn_by_the_video_s_own_time(results, tmp_path):
    folder = tmp_path / "results" / "m1" / "pose"
    folder.mkdir(parents=True)
    for name in ("tracks.h5", "provenance.json"):
        (folder / name).symlink_to(results / "m1" / "pose" / name)
    shown = shown_at(gather(tmp_path / "results", "m1"), 60)
    assert shown.time_s == pytest.approx(2.0)
    assert shown.head_px is None
    assert shown.state is None


def said(capsys, *words):
    assert run(*words) == 1
    return capsys.readouterr().out.strip()


def test_what_cannot_be_drawn_is_said_in_a_sentence(results, films, tmp_path, capsys):
    out = ("--out", tmp_path / "x.webm")
    assert "There is no recording m7" in said(capsys, "m7", "--results", results, *out)
    assert "Nothing to write" in said(capsys, "m1", "--results", results)
    late = ("m1", "--results", results, "--from", 100)
    assert "the video goes from 10.0 s to 26.9 s" in said(capsys, *late, *out)
    gone = ("m1", "--results", results, "--video", tmp_path / "gone.mp4")
    assert "gone.mp4 is not there any more" in said(capsys, *gone, *out)
    avi = ("m1", "--results", results, "--out", tmp_path / "x.avi")
    assert "end it in .mp4 or .webm" in said(capsys, *avi)
    other = ("m1", "--results", results, "--video", films[0])
    assert "do not belong together" in said(capsys, *other, *out)
    assert list(tmp_path.iterdir()) == []


def test_no_tracks_is_said_with_the_reason_that_pose_left(tmp_path, capsys):
    folder = tmp_path / "results" / "m1" / "pose"
    folder.mkdir(parents=True)
    words = ("m1", "--results", tmp_path / "results", "--out", tmp_path / "x.webm")
    assert "run the workflow for it first" in said(capsys, *words)
    mark = {"not_analysed": {"recording": "m1", "stage": "pose", "reason": "It is dark."}}
    (folder / "tracks.h5").write_text(json.dumps(mark))
    assert said(capsys, *words).endswith("It is dark.")


def test_a_video_that_cannot_be_finished_leaves_nothing(tmp_path):
    def images():
        yield np.zeros((64, 64, 3), np.uint8)
        yield np.zeros((32, 64, 3), np.uint8)

    with pytest.raises(RecordingError, match="change their size"):
        write_video(tmp_path / "x.webm", images(), 30.0)
    assert list(tmp_path.iterdir()) == []
