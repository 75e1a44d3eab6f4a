"""The benchmarks' own arithmetic, files and processes; nothing here is timed."""

import importlib
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from neo.rawio import NeuralynxRawIO

from vigil.sleep.files import read_hypnogram
from vigil.sleep.threshold import score_by_thresholds


@pytest.fixture
def bench_module(checkout, monkeypatch):
    """Import a module of benchmarks/, which is a folder of scripts and no package."""
    monkeypatch.syspath_prepend(str(checkout / "benchmarks"))
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and "/benchmarks/" in (
            sys.modules[name].__file__ or ""
        ):
            del sys.modules[name]


@pytest.fixture
def harness(bench_module):
    return bench_module("harness")


@pytest.mark.parametrize(
    ("value", "aim", "reached"),
    [
        (10.0, ">= 10", True),
        (9.99, ">= 10", False),
        (350.0, "<= 350", True),
        (351.0, "<= 350", False),
        (1.0, None, None),
    ],
)
def test_an_aim_is_reached_or_not(harness, value, aim, reached):
    assert harness.Result("x", value, "1", aim).reached() is reached


def test_an_aim_of_another_form_is_refused(harness):
    with pytest.raises(KeyError):
        harness.Result("x", 1.0, "1", "> 1").reached()


def test_runs_take_turns_and_none_is_always_first(harness):
    order = []

    def measure(name):
        def run():
            order.append(name)
            return float(len(order))

        return run

    runs = harness.interleaved({name: measure(name) for name in "abc"}, 4)
    assert order == list("abcbcacababc")
    assert runs["a"] == (1, 6, 8, 10)
    assert {len(r) for r in runs.values()} == {4}


def test_ratio_is_of_the_medians_and_rounds_show_their_spread(harness):
    a, b = (2.0, 4.0, 100.0), (1.0, 2.0, 4.0)
    assert harness.median_ratio(a, b) == 2.0
    assert harness.round_ratios(a, b) == (2.0, 2.0, 25.0)
    assert harness.spread((9.0, 10.0, 12.0)) == pytest.approx(0.3)
    assert harness.spread((5.0,)) == 0.0


def test_straight_line_is_the_one_of_numpy(harness):
    rng = np.random.default_rng(4)
    x = np.arange(6.0)
    y = 3 * x + 2 + rng.normal(0, 0.1, 6)
    slope, intercept, r2 = harness.straight_line(x.tolist(), y.tolist())
    np.testing.assert_allclose((slope, intercept), np.polyfit(x, y, 1))
    assert r2 == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.123456, "0.123"),
        (1.2345, "1.23"),
        (99.99, "100"),
        (5.0, "5"),
        (1776.8, "1777"),
        (-0.00051234, "-0.000512"),
    ],
)
def test_numbers_have_three_figures(harness, value, text):
    assert harness.number(value) == text


def test_the_json_is_as_the_design_has_it(harness, tmp_path, capsys):
    bench = harness.Bench("downsample", {"seconds": 1})
    bench.versions = harness.versions_of(["numpy"])
    bench.add("speed", 3, "MS/s", ">= 5", runs=(2.0, 3.0, 4.0))
    bench.add_ratio("gain", (4.0, 6.0), (2.0, 3.0), ">= 2")
    record = json.loads(bench.write(tmp_path).read_text())
    assert record["results"] == [
        {"name": "speed", "value": 3.0, "unit": "MS/s", "aim": ">= 5"},
        {"name": "gain", "value": 2.0, "unit": "1", "aim": ">= 2"},
    ]
    assert record["runs"] == {"speed": [2.0, 3.0, 4.0], "gain": [2.0, 2.0]}
    assert record["versions"] == {"numpy": np.__version__}
    assert record["machine"]["cores"] >= 1
    printed = capsys.readouterr().out
    assert re.search(r"^speed +3 +MS/s +>= 5 +MISSED +2 .. 4 in 3 runs noisy$", printed, re.M)
    assert re.search(r"^gain +2 +1 +>= 2 +reached", printed, re.M)
    assert "1 of 2 aims reached" in printed


def test_a_recording_is_what_neo_reads(bench_module, tmp_path):
    rig_files = bench_module("rig_files")
    with rig_files.Rig(tmp_path) as rig:
        files = rig.recording(2, 0.8)
        assert rig_files.n_samples(files) == 2 * 25_600
        assert rig_files.n_bytes(files) == 2 * (16_384 + 50 * 1044)
        reader = NeuralynxRawIO(dirname=str(files[0].parent))
        reader.parse_header()
        assert reader.get_signal_sampling_rate(0) == 32_000
        read = reader.get_analogsignal_chunk(stream_index=0)
        for i in range(2):
            np.testing.assert_array_equal(read[:, i], rig_files.channel_noise(i)[:25_600])
        assert reader.segment_t_stop(0, 0) - reader.segment_t_start(0, 0) == pytest.approx(0.8)
        again = rig.recording(1, 0.8)
        assert [p.name for p in again[0].parent.iterdir()] == ["CSC1.ncs"]
        assert again[0].samefile(files[0])
        rig.remove(0.8)
        assert not files[0].exists()
    assert list(tmp_path.iterdir()) == []


def test_channels_differ_and_stay_inside_the_converter(bench_module):
    rig_files = bench_module("rig_files")
    a, b = rig_files.channel_noise(0), rig_files.channel_noise(rig_files.SOURCES)
    assert 50 < a.std() * rig_files.STEP_UV < 200
    assert max(np.abs(a).max(), np.abs(b).max()) < 32_000
    # neighbours share a field, and none is the other
    assert 0.2 < np.corrcoef(a, b)[0, 1] < 0.8


def test_a_worker_answers_and_tells_its_faults(bench_module, tmp_path, checkout):
    worker = bench_module("worker")
    script = tmp_path / "tasks.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(checkout / 'benchmarks')!r})\n"
        "from worker import serve\n"
        "def add(a, b):\n    print('not an answer')\n    return a + b\n"
        "def fail():\n    raise ValueError('broken')\n"
        "serve({'add': add, 'fail': fail})\n"
    )
    with worker.Worker(sys.executable, script) as w:
        assert w.ask("add", a=1, b=2) == 3
        with pytest.raises(RuntimeError, match="broken"):
            w.ask("fail")
        assert w.ask("add", a=2, b=2) == 4
    assert w.process.returncode == 0


def test_the_stages_are_measured_on_what_they_leave(bench_module, tmp_path, checkout):
    rig_files, worker = bench_module("rig_files"), bench_module("worker")
    stage = bench_module("downsample_stage")
    with (
        rig_files.Rig(tmp_path) as rig,
        worker.Worker(sys.executable, checkout / "benchmarks" / "stage_worker.py") as w,
    ):
        recording = stage.prepare(rig, w, 2, 2.0)
        assert len(recording.manifest.read_text().splitlines()) == 1 + 2
        kept = tmp_path / "kept"
        seconds = w.ask(
            "reduce",
            manifest=str(recording.manifest),
            folder=str(recording.out),
            threads=1,
            whole=str(kept),
        )
        assert seconds > 0
        assert {"lfp.zarr", "quality.tsv", "provenance.json"} <= {p.name for p in kept.iterdir()}
        assert stage.reducing(w, recording, 2)() > 0
        assert not recording.out.exists()
        for block in stage.READING.values():
            assert stage.reading(w, recording, 2, block)() > 0
        w.ask("drop_from_cache", files=recording.names)
        assert 20 < w.ask("peak_mb") < 2000
        # a recording that cannot be analysed is not a fast one
        recording.files[0].write_bytes(b"text")
        with pytest.raises(RuntimeError, match=r"CSC1\.ncs"):
            stage.reducing(w, recording, 1)()


@pytest.fixture
def results_of(bench_module, tmp_path, monkeypatch):
    """Run a benchmark with tiny sizes in this environment and return what it wrote."""

    def run(stage, *options):
        module = bench_module(stage)
        for name in (stage, "downsample_stage"):
            monkeypatch.setattr(bench_module(name), "python_of", lambda _: sys.executable)
        monkeypatch.setattr(bench_module("harness"), "RESULTS", tmp_path)
        monkeypatch.setattr(sys, "argv", [stage, "--folder", str(tmp_path), *options])
        module.main()
        return json.loads((tmp_path / f"{stage}.json").read_text())

    return run


def test_transfer_is_measured(results_of, tmp_path):
    record = results_of("transfer", "--channels=2", "--seconds=1", "--repeats=2")
    results = {r["name"]: r for r in record["results"]}
    against = "copy: Vigil against cp, sync, both hashed, the copy from disk"
    assert results[against]["aim"] == ">= 1"
    assert re.fullmatch(r"[\d.]+", record["versions"]["cp"])
    assert results["archive: times smaller, Vigil"]["value"] > 1
    assert record["options"] == {"channels": 2, "seconds": 1.0, "repeats": 2, "quick": False}
    assert [p.name for p in tmp_path.iterdir()] == ["transfer.json"], "a folder was left behind"


def test_downsample_is_measured_for_all_that_was_asked(results_of, tmp_path):
    sections = ["end_to_end", "memory", "cold_cache", "growth"]
    sizes = ["--channels=8", "--seconds=5", "--repeats=2"]
    record = results_of("downsample", *sizes, "--only", *sections)
    aims = {r["name"]: r["aim"] for r in record["results"] if r["aim"]}
    assert aims.items() >= {
        ("end to end: share of reading in blocks of 1 MiB, 1 thread", ">= 0.15"),
        ("end to end: share of reading a file at a time, 2 threads", ">= 0.15"),
        ("end to end: 2 threads against 1", ">= 1.7"),
        ("memory: peak, 2.5 s", "<= 350"),
        ("memory: peak, 10 s", "<= 350"),
        ("memory: more for four times the length", "<= 16"),
        ("growth with length: R squared of a straight line", ">= 0.99"),
        ("growth with channels: R squared of a straight line", ">= 0.99"),
    }
    grown = [r["name"] for r in record["results"] if " channels x " in r["name"]]
    assert len(grown) == 8
    assert all(np.isfinite(r["value"]) for r in record["results"])
    assert [p.name for p in tmp_path.iterdir()] == ["downsample.json"], "a folder was left behind"


def test_tools_are_held_against_vigil_at_equal_threads(bench_module, tmp_path):
    rig_files, harness = bench_module("rig_files"), bench_module("harness")
    stage, tools = bench_module("downsample_stage"), bench_module("downsample_tools")

    class Stage:
        def ask(self, task, threads, **_):
            return 1.0 / threads

    class Tools:
        def ask(self, task, folder, place, threads=1, **_):
            assert Path(folder) == files[0].parent
            return {"spikeinterface": 30.0, "mne": 80.0}[task] / threads**2

    bench = harness.Bench("downsample", {})
    with rig_files.Rig(tmp_path) as rig:
        files = rig.recording(1, 0.1)
        recording = stage.Recording(files, rig.manifest(files), rig.folder / "out")
        for peers in (tools.SPIKEINTERFACE, tools.MNE):
            tools.beside(bench, recording, Stage(), Tools(), peers, 2)
    found = {r.name: r for r in bench.results}
    assert found["whole tools: against spikeinterface resample to zarr, n_jobs 1"].value == 30
    two = found["whole tools: against spikeinterface resample to binary, n_jobs 2"]
    assert (two.value, two.aim, two.reached()) == (15, ">= 20", False)
    mne = found["whole tools: against mne resample by fft, n_jobs 1"]
    assert (mne.value, mne.aim, mne.reached()) == (80, ">= 50", True)


def test_spectra_are_measured_against_mne_and_scipy(bench_module, tmp_path, monkeypatch):
    monkeypatch.setattr(bench_module("harness"), "RESULTS", tmp_path)
    sizes = ["--channels=4", "--seconds=8", "--repeats=2"]
    monkeypatch.setattr(sys, "argv", ["spectra", *sizes, "--only", "epochs", "spectrogram"])
    bench_module("spectra").main()
    record = json.loads((tmp_path / "spectra.json").read_text())
    results = {r["name"]: r for r in record["results"]}
    for windows in ("epochs", "spectrogram"):
        assert results[f"{windows}: against mne psd_array_multitaper"]["aim"] == ">= 4"
        assert results[f"{windows}: against scipy rfft in float64"]["aim"] == ">= 2.5"
        assert 0 < results[f"{windows}: band powers, largest difference to mne"]["value"] < 1e-5
    assert all(np.isfinite(r["value"]) for r in record["results"])


def test_what_spectra_are_measured_against_computes_the_same(bench_module):
    multitaper = bench_module("spectra_multitaper")
    for n, nw in ((5000, 4.0), (2500, 2.0)):
        tapers = multitaper.make_tapers(n, multitaper.RATE_HZ, nw)
        x = multitaper.signals(10, n)
        ours, *theirs = (f() for f in multitaper.methods(x, tapers).values())
        assert ours.shape == (10, n * 200 // 1250 + 1)
        for found in theirs:
            assert found.shape == ours.shape
            np.testing.assert_allclose(
                multitaper.bands(found, tapers), multitaper.bands(ours, tapers), rtol=1e-5
            )
            np.testing.assert_allclose(found[:, 0], ours[:, 0], rtol=1e-2)


def test_a_page_takes_results_and_refuses_quick_ones(bench_module, tmp_path):
    page = bench_module("page")
    stage = bench_module("downsample_stage")
    growth = [
        {"name": stage.growth_name(c, s), "value": 1 + c * s / 1000, "unit": "s", "aim": None}
        for c, s in [(8, 240.0), (32, 240.0), (64, 240.0), (64, 30.0), (64, 60.0)]
    ]
    fast = {"name": "speed", "value": 0.5, "unit": "1", "aim": ">= 0.15"}
    record = {
        "results": [fast, *growth],
        "machine": {
            "processor": "p",
            "cores": 2,
            "system": "s",
            "python": "3",
            "load_at_start": 0.1,
        },
        "versions": {"numpy": "2"},
        "runs": {"speed": [0.4, 0.6]},
        "options": {},
    }
    empty = (
        "# A\n<!-- downsample: written by `make bench-page` -->\nold\n<!-- end of downsample -->\nB"
    )
    filled = page.fill(empty, "downsample", record)
    assert "| speed | 0.5 |  | ≥ 0.15 | yes | 0.4 to 0.6 |" in filled
    assert "p, 2 cores, s, Python 3, load 0.1 at the start; numpy 2." in filled
    assert "old" not in filled
    assert "growth" not in filled
    assert page.fill(filled, "downsample", record) == filled
    with pytest.raises(ValueError, match="quick"):
        page.fill(empty, "downsample", record | {"options": {"quick": True}})
    with pytest.raises(ValueError, match="no place"):
        page.fill("# A", "downsample", record)
    assert page.sizes(record)[64, 30.0] == pytest.approx(2.92)
    page.draw_growth(record, tmp_path / "growth.png")
    assert (tmp_path / "growth.png").stat().st_size > 10_000


def test_the_manual_has_a_place_for_each_benchmark(bench_module, checkout):
    page = bench_module("page")
    text = (checkout / "docs" / "performance.md").read_text()
    for stage in page.STAGES:
        assert text.count(f"<!-- {stage}: written by `make bench-page` -->") == 1
        assert text.count(f"<!-- end of {stage} -->") == 1
        assert (checkout / "benchmarks" / f"{stage}.py").exists()


def test_kernel_and_peers_are_measured_with_the_same_versions(checkout):
    pins = {}
    for name in ("vigil", "bench"):
        text = (checkout / "envs" / f"{name}.txt").read_text()
        pins[name] = {
            line.rstrip(" \\")
            for line in text.splitlines()
            if re.match(r"(llvmlite|mne|neo|numba|numpy|scipy)==", line)
        }
    assert pins["vigil"] == pins["bench"], "run `make lock`"
    assert len(pins["bench"]) >= 6


def test_made_up_sleep_has_the_features_of_spectra_and_labels_that_disagree(bench_module):
    made = bench_module("sleep_made")
    rng = np.random.default_rng(0)
    shown = made.states(5000, rng)
    table = made.features(shown, rng)
    assert table.shape == (5000, 4 + 284)
    assert score_by_thresholds(table, None, 3.0).tolist().count("unclassified") == 0
    assert (score_by_thresholds(table, None, 3.0) == shown).mean() > 0.9
    assert (made.labels(shown, rng) != shown).mean() == pytest.approx(made.DISAGREE, abs=0.01)
    one, two = made.labelled([0.5, 0.25])
    assert (len(one.labels), len(two.labels)) == (450, 225)
    assert one.normal.shape == (450, 331)
    assert (one.animal, two.animal) == ("a0", "a1")


def test_sleep_is_measured_as_a_stage_and_step_by_step(bench_module, tmp_path):
    worker = bench_module("sleep_worker")
    worker.write(str(tmp_path), hours=0.5)
    few = {"trees": 10, "forest_trees": 10}
    assert set(worker.train(str(tmp_path), 0.25, few)) == {"logistic", "forest", "xgboost"}
    before = worker.run.read_features, worker.model.SleepModel.load
    for scorer in ("xgboost", "threshold"):
        taken = worker.score(str(tmp_path), scorer)
        assert sum(taken[step] for step in worker.STEPS) <= taken["whole"]
        assert taken["scorer"] == ("model" if scorer == "xgboost" else "threshold")
        assert (taken["loading the model"] > 0) == (scorer == "xgboost")
    assert (worker.run.read_features, worker.model.SleepModel.load) == before
    assert len(read_hypnogram(tmp_path / "hypnogram.parquet")) == 450


def test_learners_and_peers_learn_the_same_from_made_up_sleep(bench_module):
    worker, bench = bench_module("sleep_worker"), bench_module("sleep")
    few = {"trees": 10, "forest_trees": 10}
    for name in bench.PEERS:
        found = worker.learn_peer(0.5, name, 1, few)
        assert found["cpu_s"] > 0
        assert found["right"] > 0.7
    assert worker.learn_once(0.5, "logistic", 1, few) > 0
    found = worker.peaks(0.5, 1, few)
    assert set(bench.PARTS) <= set(found)
    assert min(found[part] for part in bench.PARTS) > 100


def test_the_table_of_spectra_is_reckoned_from_an_hour(bench_module, tmp_path, monkeypatch):
    harness = bench_module("harness")
    bench = harness.Bench("spectra", {})
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    bench_module("spectra_table").table(bench, 4, hour_s=16.0, repeats=1)
    found = {r.name: r for r in bench.results}
    assert found["table: 4 channels of 24 h"].aim == "<= 10"
    shares = [r.value for r in bench.results if "share of" in r.name]
    assert len(shares) == 10
    assert all(0 <= s < 1 for s in shares)
    assert sum(shares) == pytest.approx(1)
    assert found["table: columns"].value == 287
    assert {"stage: memory, more per hour"} <= set(found)
