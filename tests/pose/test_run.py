"""The stage at work: existing tracks in this environment, videos in DeepLabCut's."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from vigil.pose import METHOD_VERSION
from vigil.pose.evaluation import errors
from vigil.pose.files import read_scorer, read_tracks, tracks_table, write_tracks
from vigil.pose.run import run
from vigil.pose.settings import Settings
from vigil.pose.shipped import FOLDER, SNAPSHOT
from vigil.provenance import hash_path
from vigil.recording import RecordingError
from vigil.simulate.mouse import BODY_PARTS
from vigil.stage import Job, not_analysed, run_stage

ROOT = Path(__file__).parents[2]


def job_of(folder: Path, **inputs: object) -> Job:
    outputs = {
        "tracks": folder / "tracks.h5",
        "quality": folder / "quality.tsv",
        "verdict": folder / "verdict.json",
        "provenance": folder / "provenance.json",
    }
    return Job(
        stage="pose",
        method_version=METHOD_VERSION,
        recording="m1",
        inputs=dict(inputs),
        outputs={k: str(v) for k, v in outputs.items()},
        settings=Settings().model_dump(),
    )


@dataclass(frozen=True)
class Command:
    """scripts/pose.py as a rule calls it."""

    python: str
    program: tuple[str, ...] = (str(ROOT / "scripts" / "pose.py"),)

    def __call__(self, folder: Path, videos: list[Path], settings: dict[str, object]) -> str:
        done = subprocess.run(
            [
                self.python,
                *self.program,
                *("--recording", "m1", "--tracks", str(folder / "tracks.h5")),
                *("--quality", str(folder / "quality.tsv")),
                *("--verdict", str(folder / "verdict.json")),
                *("--provenance", str(folder / "provenance.json")),
                *("--settings", json.dumps(settings), "--method", METHOD_VERSION),
                *("--threads", "1", "--log", str(folder / "log.txt")),
                *("--videos", *map(str, videos)),
            ],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return (folder / "log.txt").read_text()


@pytest.fixture(scope="module")
def tracked(films, pose_python, tmp_path_factory):
    """Both films of a recording tracked in one go; the folder and the log."""
    folder = tmp_path_factory.mktemp("tracked")
    log = Command(pose_python)(folder, [f.path for f in films], Settings().model_dump())
    return folder, log


def test_heads_are_found_where_they_are(films, tracked) -> None:
    folder, _ = tracked
    tracks = read_tracks(folder / "tracks.h5")
    truth = np.concatenate([f.truth for f in films])
    assert len(tracks) == len(truth)
    assert list(dict.fromkeys(tracks.columns.get_level_values(0))) == list(BODY_PARTS)
    found = tracks.to_numpy().reshape(len(tracks), len(BODY_PARTS), 3)
    table = errors(list(BODY_PARTS), found, truth)
    for ear in ("left_ear", "right_ear"):
        assert table["parts"][ear]["median_px"] < 1.0
        assert table["parts"][ear]["confident_share"] > 0.95
    assert table["direction"]["median_deg"] < 5.0
    assert table["direction"]["swapped_share"] < 0.005


def test_results_say_where_they_come_from(tracked) -> None:
    folder, log = tracked
    quality = pd.read_csv(folder / "quality.tsv", sep="\t")
    assert list(quality.columns) == ["part", "share_over_threshold", "median_likelihood", "jumps"]
    assert list(quality["part"]) == list(BODY_PARTS)
    provenance = json.loads((folder / "provenance.json").read_text())
    assert provenance["stage"] == "pose"
    assert len(provenance["inputs"]["videos"]) == 2
    assert set(provenance["outputs"]) == {"tracks", "quality", "verdict"}
    assert provenance["resources"] == {"batch_size": 0, "frame_step": 1}
    assert provenance["decided"] == {
        "device": "cpu",
        "batch_size": 32,
        "frame_step": 1,
        "weights": SNAPSHOT,
        "weights_hash": hash_path(FOLDER / SNAPSHOT),
    }
    assert "network on cpu, 32 frames at once" in log
    assert provenance["inputs"]["model"][0]["hash"] == hash_path(FOLDER / SNAPSHOT)
    assert "240 frames of 2 videos" in log
    assert "frames/s" in log


def test_tracks_open_in_deeplabcuts_environment(tracked, pose_python) -> None:
    """Written by either environment, read by the other, which has an older pandas."""
    folder, _ = tracked
    write_tracks(folder / "core.h5", read_tracks(folder / "tracks.h5"), "vigil-mouse")
    script = (
        "import sys, pandas as pd\n"
        "one, other = (pd.read_hdf(p) for p in sys.argv[1:])\n"
        "pd.testing.assert_frame_equal(one, other)\n"
        "print(*one.columns[0], one.shape)\n"
    )
    done = subprocess.run(
        [pose_python, "-c", script, str(folder / "tracks.h5"), str(folder / "core.h5")],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.strip() == "vigil-mouse left_ear x (240, 12)"


MORE_RUNS = """
import shutil, sys
from pathlib import Path
import cv2, deeplabcut, numpy as np, yaml
from vigil.pose.command import read_job
from vigil.pose.project import create_dataset, create_project, write_labels
from vigil.pose.run import run
from vigil.pose.shipped import CONFIG, FOLDER, SNAPSHOT
from vigil.simulate.mouse import BODY_PARTS
from vigil.stage import run_stage

folder, words = Path(sys.argv[1]), sys.argv[2:]

def run_into(name, model="", **changes):
    job = read_job(words)
    job.outputs = {n: str(folder / name / Path(p).name) for n, p in job.outputs.items()}
    if model:
        job.settings["model"] = model
        job.inputs["model"] = model
    job.inputs |= changes.pop("inputs", {})
    job.resources |= changes
    run_stage(run, job)
    return job

run_into("early", inputs={"videos": [str(folder / "cut.mp4")]})
run_into("stepped", frame_step=4, batch_size=7)
writer = cv2.VideoWriter(str(folder / "wide.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 30, (160, 128))
for grey in range(40):
    writer.write(np.full((128, 160, 3), 100 + grey, np.uint8))
writer.release()
run_into("sizes", inputs={"videos": [str(folder / "wide.mp4"), *read_job(words).inputs["videos"]]})

config = create_project(
    folder / "lab", "lab", "me", BODY_PARTS, {"drawn": (128, 128)}, {"TrainingFraction": [0.9]}
)
labels = config.parent / "labeled-data" / "drawn"
labels.mkdir(parents=True, exist_ok=True)
names = [f"img{k}.png" for k in range(20)]
for name in names:
    cv2.imwrite(str(labels / name), np.zeros((128, 128, 3), np.uint8))
points = np.random.default_rng(0).uniform(0, 127, (20, len(BODY_PARTS), 2))
write_labels(labels, "me", BODY_PARTS, names, points)
create_dataset(config)
place = next(config.parent.glob("dlc-models-pytorch/*/*/train"))
own = yaml.safe_load((place / CONFIG).read_text())
shipped = yaml.safe_load((FOLDER / CONFIG).read_text())
(place / CONFIG).write_text(yaml.safe_dump({**own, "model": shipped["model"]}))
shutil.copy(FOLDER / SNAPSHOT, place / "snapshot-030.pt")
job = run_into("own", str(config))
(folder / "theirs").mkdir()
deeplabcut.analyze_videos(str(config), job.inputs["videos"], destfolder=str(folder / "theirs"))

settings = yaml.safe_load(config.read_text())
settings |= {"cropping": True, "x1": 0, "x2": 128, "y1": 0, "y2": 128}
config.write_text(yaml.safe_dump(settings))
run_into("cropped", str(config), frame_step=4)
settings |= {"x1": 8, "y1": 16}
config.write_text(yaml.safe_dump(settings))
run_into("shifted", str(config))
"""


@pytest.fixture(scope="module")
def more_runs(films, pose_python, tmp_path_factory):
    """Two more runs of the stage in one process, because DeepLabCut takes 10 s to start.

    One has a video whose index stands and whose second half is gone (`early/`), the other
    a DeepLabCut project that holds the shipped network as its own.
    """
    folder = tmp_path_factory.mktemp("more")
    whole = films[1].path.read_bytes()
    start = whole.index(b"mdat") + 4
    stop = start + int.from_bytes(whole[start - 8 : start - 4], "big") - 8
    half = (start + stop) // 2
    (folder / "cut.mp4").write_bytes(whole[:half] + bytes(stop - half) + whole[stop:])
    command = Command(pose_python, ("-c", MORE_RUNS, str(folder)))
    command(folder, [f.path for f in films], Settings().model_dump())
    return folder


def test_video_that_ends_early(more_runs) -> None:
    capture = cv2.VideoCapture(str(more_runs / "cut.mp4"))
    decodable = 0
    while capture.read()[0]:
        decodable += 1
    assert 0 < decodable < 140
    reason = not_analysed(more_runs / "early" / "tracks.h5")
    assert reason is not None
    assert f"cut.mp4 ends after {decodable} of its 150 frames" in reason.reason


def test_own_project(films, tracked, more_runs) -> None:
    """The project finds what the shipped model finds, because they are one network."""
    own, shipped = (read_tracks(f / "tracks.h5") for f in (more_runs / "own", tracked[0]))
    np.testing.assert_allclose(own.to_numpy(), shipped.to_numpy(), atol=1e-3)
    assert read_scorer(more_runs / "own" / "tracks.h5").startswith("DLC_")
    decided = json.loads((more_runs / "own" / "provenance.json").read_text())["decided"]
    assert (decided["batch_size"], decided["weights"]) == (8, "snapshot-030.pt")


def test_own_project_as_deeplabcut_tracks_it(films, more_runs) -> None:
    """Frame for frame and to a thousandth of a pixel what `analyze_videos` finds."""
    paths = [next((more_runs / "theirs").glob(f"{f.path.stem}DLC*.h5")) for f in films]
    theirs = np.concatenate([read_tracks(path).to_numpy() for path in paths])
    ours = read_tracks(more_runs / "own" / "tracks.h5").to_numpy()
    assert ours.shape == theirs.shape == (240, 12)
    np.testing.assert_allclose(ours, theirs, atol=1e-3, rtol=0)
    assert read_scorer(more_runs / "own" / "tracks.h5") == read_scorer(paths[0])


def test_other_kinds_of_project_go_through_deeplabcut(more_runs) -> None:
    """Here one that crops the picture; it tracks every frame, and the provenance says so."""
    own, other = (read_tracks(more_runs / n / "tracks.h5") for n in ("own", "cropped"))
    np.testing.assert_allclose(own.to_numpy(), other.to_numpy(), atol=1e-3)
    decided = json.loads((more_runs / "cropped" / "provenance.json").read_text())["decided"]
    assert decided["weights"] == "snapshot-030.pt"
    assert (decided["batch_size"], decided["frame_step"]) == (0, 1)
    own, other = (
        json.loads((more_runs / n / "verdict.json").read_text())["measures"]
        for n in ("own", "cropped")
    )
    assert own["brightness"] == other["brightness"] > 20


def test_points_of_a_cropped_picture_are_those_of_the_frame(more_runs) -> None:
    """DeepLabCut itself gives them in the cropped picture, here 8 and 16 px further up left."""
    whole, cropped = (read_tracks(more_runs / n / "tracks.h5") for n in ("own", "shifted"))
    for part in ("left_ear", "right_ear"):
        inside = (
            (whole[part]["x"] > 24) & (whole[part]["y"] > 32) & (whole[part]["likelihood"] > 0.8)
        )
        away = cropped[part][["x", "y"]] - whole[part][["x", "y"]]
        assert inside.sum() > 50
        assert away[inside].abs().median().max() < 0.5


def test_skipped_frames_are_missing(tracked, more_runs) -> None:
    """Across the border of two files, too: the first has 90 frames, not a multiple of 4."""
    every, stepped = (
        read_tracks(f / "tracks.h5").to_numpy() for f in (tracked[0], more_runs / "stepped")
    )
    assert stepped.shape == every.shape
    kept = np.arange(len(every)) % 4 == 0
    np.testing.assert_allclose(stepped[kept], every[kept], atol=1e-3)
    assert np.isnan(stepped[~kept]).all()
    provenance = json.loads((more_runs / "stepped" / "provenance.json").read_text())
    assert provenance["resources"] == {"batch_size": 7, "frame_step": 4}
    decided = provenance["decided"]
    assert (decided["batch_size"], decided["frame_step"]) == (7, 4)
    measures = json.loads((more_runs / "stepped" / "verdict.json").read_text())["measures"]
    assert (measures["frames"], measures["frames_tracked"]) == (240, 60)
    assert measures["share_over_threshold"]["left_ear"] > 0.9


def test_a_camera_that_was_set_anew(tracked, more_runs) -> None:
    """Files may have frames of another size: 40 wide ones do not fill a batch of 32 twice."""
    before, after = (
        read_tracks(f / "tracks.h5").to_numpy() for f in (tracked[0], more_runs / "sizes")
    )
    assert len(after) == 40 + len(before)
    says = json.loads((more_runs / "sizes" / "verdict.json").read_text())
    assert any("frames of 160 x 128, 128 x 128 px" in reason for reason in says["reasons"])
    np.testing.assert_allclose(after[40:], before, atol=1e-3)


def test_a_good_recording_is_ok(tracked) -> None:
    says = json.loads((tracked[0] / "verdict.json").read_text())
    assert (says["verdict"], says["reasons"]) == ("ok", [])
    measures = says["measures"]
    # 1.9 cm at 4.2 px/cm, as the simulator draws the head
    assert 6.0 < measures["ear_distance_px"] < 10.0
    assert measures["frozen_share"] == measures["dark_share"] == measures["blank_share"] == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is an empty file; copy it again"),
        (bytes(range(256)) * 40, "no frame can be decoded"),
        (None, "is not there"),
    ],
)
def test_damaged_videos_end_the_recording(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    video = tmp_path / "video.mp4"
    if content is not None:
        video.write_bytes(content)
    run_stage(run, job_of(tmp_path, videos=[str(video)]))
    for name in ("tracks.h5", "quality.tsv", "verdict.json", "provenance.json"):
        reason = not_analysed(tmp_path / name)
        assert reason is not None
        assert str(video) in reason.reason
        assert words in reason.reason


def test_half_a_copy_is_damaged(films, tmp_path) -> None:
    """A copy that broke off has lost the index at the end of the file."""
    video = tmp_path / "video.mp4"
    video.write_bytes(films[0].path.read_bytes()[:20_000])
    run_stage(run, job_of(tmp_path, videos=[str(video)]))
    reason = not_analysed(tmp_path / "tracks.h5")
    assert reason is not None
    assert "no frame can be decoded" in reason.reason


def test_existing_tracks_are_taken_over(tmp_path: Path) -> None:
    points = np.random.default_rng(2).uniform(0, 100, (50, 4, 3))
    write_tracks(tmp_path / "given.h5", tracks_table(list(BODY_PARTS), points), "DLC_mine")
    run_stage(run, job_of(tmp_path, videos=[], tracks=str(tmp_path / "given.h5")))
    tracks = read_tracks(tmp_path / "tracks.h5")
    np.testing.assert_array_equal(tracks.to_numpy().reshape(50, 4, 3), points)
    raw = pd.read_hdf(tmp_path / "tracks.h5")
    assert raw.columns[0][0] == "DLC_mine"


def test_unknown_part_lists_those_that_there_are(tmp_path: Path) -> None:
    points = np.zeros((5, 2, 3))
    write_tracks(tmp_path / "given.h5", tracks_table(["nose", "ear_l"], points), "DLC_mine")
    job = job_of(tmp_path, tracks=str(tmp_path / "given.h5"))
    job.settings["body_parts"] = {"left_ear": "ear_l", "right_ear": "ear_r", "snout": "nose"}
    with pytest.raises(RecordingError, match=r"right_ear is 'ear_r'.*body parts nose, ear_l:"):
        run(job)


def test_a_model_without_snout_is_welcome(tmp_path: Path) -> None:
    points = np.zeros((5, 2, 3))
    write_tracks(tmp_path / "given.h5", tracks_table(["left_ear", "right_ear"], points), "DLC")
    job = job_of(tmp_path, tracks=str(tmp_path / "given.h5"))
    job.settings["body_parts"] = {"snout": None}
    run(job)
    assert len(read_tracks(tmp_path / "tracks.h5")) == 5


def test_no_video_says_what_to_fill_in(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no video to track: fill the column 'video'"):
        run(job_of(tmp_path, videos=[]))


def test_project_that_is_not_there(films, tmp_path) -> None:
    job = job_of(tmp_path, videos=[str(films[0].path)])
    job.settings["model"] = str(tmp_path / "arena" / "config.yaml")
    with pytest.raises(FileNotFoundError, match=r"project .*arena/config\.yaml is not there"):
        run(job)
