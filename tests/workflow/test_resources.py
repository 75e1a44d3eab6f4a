"""What jobs ask for: as much as was measured and more, growing with size and with each attempt."""

import csv
import re

import pytest

pytestmark = pytest.mark.workflow

GB = 10**9
SIZES = {"minute": GB // 5, "night": 50 * GB, "day": 361 * GB}
"""Of the raw files; a day has 64 channels of 32 kHz."""
CHANNELS = 64
FRAMES = 30 * 86_400
"""Of a day."""
FRAMES_A_S = 65
"""Tracked on one core (docs/scale.md)."""
VIDEOS = {"day": 11 * GB, "afar": 11 * GB} | dict.fromkeys(
    ["compressed", "table", "captions"], GB * 4 // 5
)
"""Of a day; strongly compressed it has as many frames in less."""
TIMES = {"table": ("times.csv", 17 * FRAMES), "captions": ("VT1.smi", 54 * FRAMES)}
MEASURED_MB = {
    "transfer": 131,
    "downsample": 354,
    "spectra": 659,
    "kinematics": 1395,
    "sleep": 1104,
    "seizures_evidence": 452,
}
"""For a day of 64 channels, or for any length where it does not matter (docs/performance.md)."""
# jobs say a sentence of their own instead of what they ask for
WITHOUT_MESSAGES = """
include: "{snakefile}"

for each in workflow.rules:
    each.message = None
"""
ASKED_TWICE = """
include: "{snakefile}"

print(f"before: {{raw_gb('r1'):g}} GB, {{frames_at_most('r1'):.0f}} frames")
for file, size in (("raw/r1/CSC1.ncs", 10**6), ("raw/r1/r1.mp4", 10**6)):
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_bytes(bytes(size))
Path("results/r1/transfer").mkdir(parents=True)
Path("results/r1/transfer/manifest.tsv").touch()
print(f"after: {{raw_gb('r1'):g}} GB, {{frames_at_most('r1'):.0f}} frames")
"""


@pytest.fixture(scope="module")
def asked(workflow_in, checkout):
    """Resources of each rule, size and attempt, of files that are as large but hold nothing."""
    workflow = workflow_in(lambda rows: [])
    rows = []
    for name in dict.fromkeys([*SIZES, *VIDEOS]):
        source = workflow.folder / "rig" / name
        source.mkdir(parents=True)
        times, times_length = TIMES.get(name, ("", 0))
        size = SIZES.get(name, SIZES["day"])
        # one channel, and the others together in one file
        files = {"CSC1.ncs": size // CHANNELS, "others.nrd": size - size // CHANNELS}
        files["video.mp4"] = VIDEOS.get(name, 0)
        if times:
            files[times] = times_length
        for file, length in files.items():
            with (source / file).open("wb") as f:
                f.truncate(length)
        row = {"recording": name, "animal": "mouse1", "source": f"rig/{name}"}
        row["video"] = f"rig/{name}/video.mp4" + "; lab:evening.mp4" * (name == "afar")
        rows.append({**row, "video_times": f"rig/{name}/{times}" if times else ""})
    workflow.write(rows)
    # what lies beside the Snakefile
    for name in ("vigil", "config.yaml"):
        (workflow.folder / name).symlink_to(checkout / name)
    own = workflow.folder / "Snakefile"
    own.write_text(WITHOUT_MESSAGES.format(snakefile=checkout / "Snakefile"))
    config = "transfer: {archive: true}\npublish: {to: published}"
    found = {}
    for attempt in (1, 2, 3):
        words = ["all", "-n", "-s", str(own), "--attempt", str(attempt)]
        done = workflow.snakemake(*words, config=config)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        for job in re.split(r"^(?:local)?rule ", done.stdout, flags=re.M)[1:]:
            rule = job.partition(":")[0]
            size = re.search(r"wildcards: recording=(\w+)", job)
            resources = re.search(r"resources: (.*)", job)[1]
            words = dict(word.split("=", 1) for word in resources.split(", "))
            found[rule, size and size[1], attempt] = words
    return found


def of_recordings(asked, name):
    """Numbers of the rules that run once for each recording."""
    return {key: int(words[name]) for key, words in asked.items() if key[1]}


def test_each_job_asks_for_memory_and_time_in_whole_numbers(asked):
    jobs = {key: words for key, words in asked.items() if key[0] != "all"}
    assert len({rule for rule, _, _ in jobs}) >= 14
    # Snakemake itself takes 160 MB in each
    assert all(int(words["mem_mb"]) >= 500 for words in jobs.values())
    assert all(int(words["runtime"]) >= 5 for words in jobs.values())


@pytest.mark.parametrize("name", ["mem_mb", "runtime"])
def test_more_is_asked_at_each_attempt_and_for_larger_recordings(asked, name):
    numbers = of_recordings(asked, name)
    for (rule, size, attempt), number in numbers.items():
        if attempt > 1:
            assert number > 1.4 * numbers[rule, size, attempt - 1] * (attempt - 1) / attempt
            assert number > numbers[rule, size, attempt - 1]
        if size == "day":
            assert number >= numbers[rule, "night", attempt] >= numbers[rule, "minute", attempt]


def test_a_day_of_64_channels_asks_for_more_than_was_measured(asked):
    numbers = of_recordings(asked, "mem_mb")
    asked_mb = {rule: numbers[rule, "day", 1] for rule in MEASURED_MB}
    too_little = {r: mb for r, mb in asked_mb.items() if mb < 1.25 * MEASURED_MB[r]}
    assert not too_little


def test_a_day_of_64_channels_fits_into_the_day_that_partitions_often_allow(asked):
    minutes = of_recordings(asked, "runtime")
    assert (
        max(n for (_, size, attempt), n in minutes.items() if (size, attempt) == ("day", 1)) < 1440
    )


@pytest.mark.parametrize("name", ["day", "compressed", "table", "captions"])
def test_pose_has_the_time_for_the_frames_of_a_day(asked, name):
    """Also where the video is small, by the times of its frames or the length of the recording."""
    minutes = int(asked["pose", name, 1]["runtime"])
    assert FRAMES / FRAMES_A_S / 60 < minutes < 1440


def test_each_video_on_a_remote_counts_beside_those_that_are_here(asked):
    here, with_one_afar = (int(asked["pose", name, 1]["runtime"]) for name in ("day", "afar"))
    assert with_one_afar > here + 300


def test_sizes_are_asked_again_when_transfer_has_brought_the_files(workflow_in, checkout):
    workflow = workflow_in(lambda rows: [])
    row = {"recording": "r1", "animal": "mouse1", "source": "lab:r1", "video": "lab:r1.mp4"}
    workflow.write([row])
    for name in ("vigil", "config.yaml"):
        (workflow.folder / name).symlink_to(checkout / name)
    own = workflow.folder / "Snakefile"
    own.write_text(ASKED_TWICE.format(snakefile=checkout / "Snakefile"))
    done = workflow.snakemake("-n", "-s", str(own))
    assert "before: 50 GB, 1300000 frames" in done.stdout, done.stdout + done.stderr
    assert "after: 0.002 GB, 460 frames" in done.stdout


def test_a_run_says_how_its_benchmarks_are_to_be_read(finished):
    """The table of `benchmarks/workflow.py resources` needs these columns."""
    path = next(finished.folder.glob("logs/*/downsample.benchmark.tsv"))
    with path.open() as f:
        columns = next(csv.reader(f, delimiter="\t"))
    assert {"resources", "input_size_mb", "threads", "rule_name"} <= set(columns)
