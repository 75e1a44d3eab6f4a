"""Damaged files: every reader gives valid data or one sentence, and nothing else.

`python tests/downsample/fuzz.py --seconds 300` damages small valid files of every format at random
(bytes flipped, cut out, put in, blanked, files swapped for text) and opens and reads them.
"""

import argparse
import importlib.util
import logging
import resource
import shutil
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

import numpy as np

from vigil.downsample.ncs import UnseenBorder
from vigil.downsample.sources.choose import open_source
from vigil.recording import RecordingError

HERE = Path(__file__).parent
SLOWEST_S = 10.0
MOST_MB = 1000
SENTENCE = 700


def load(path):
    """A module from its file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def build(folder):
    """A small valid recording of each format, in a folder of its own."""
    small = load(HERE / "sources" / "small_files.py")
    write_ncs = load(HERE.parent / "conftest.py").write_ncs
    rng = np.random.default_rng(1)
    x = rng.integers(-2000, 2000, (3, 6000)).astype(np.int16)
    for i in range(2):
        write_ncs(folder / f"neuralynx/CSC{i + 1}.ncs", x[i], gaps=[(2000, 1.0)], channel=f"CSC{i}")
        late = 60_000_000
        write_ncs(
            folder / f"neuralynx/CSC{i + 1}_0001.ncs", x[i, :3000], channel=f"CSC{i}", start_us=late
        )
    small.write_open_ephys(folder / "open_ephys", x, gaps=[(2500, 700)])
    small.write_spikeglx(folder / "spikeglx", x)
    small.write_spikeglx(folder / "spikeglx", x, run="run_g0_t1", first=9000)
    for i in range(2):
        path = folder / f"legacy/100_CH{i + 1}.continuous"
        small.write_continuous(path, x[i], gaps=[(3, 2048)], channel=f"CH{i + 1}")
    for name in ("edf", "edf_d", "bdf"):
        (folder / name).mkdir()
    small.write_edf(folder / "edf/a.edf", x)
    small.write_edf(folder / "edf_d/a.edf", x, gaps={7: 5.0})
    small.write_edf(folder / "bdf/a.bdf", x.astype(np.int32) * 400, wide=True)
    small.write_brainvision(folder / "brainvision", x)
    small.write_brainvision(folder / "brainvision_float", x.astype(np.float32))
    small.write_blackrock(folder / "blackrock/a.ns5", x, [(0, 2000), (90000, 4000)])
    small.write_intan(folder / "intan", x, gaps=[(4000, 99)])
    return sorted(p for p in folder.iterdir() if p.is_dir())


def damage(raw, rng):
    """The bytes of a file with something done to them, more often at the beginning."""
    data = bytearray(raw)
    for _ in range(int(rng.integers(1, 4))):
        if not data:
            break
        reach = min(len(data), int(rng.choice([64, 512, 2048, 20000, len(data)])))
        at = int(rng.integers(0, reach))
        n = int(rng.choice([1, 2, 8, 100, 1044]))
        match int(rng.integers(0, 7)):
            case 0:
                for i in rng.integers(0, reach, min(n, 20)):
                    data[i] ^= 1 << int(rng.integers(0, 8))
            case 1:
                del data[at : at + n]
            case 2:
                data[at:at] = rng.bytes(n)
            case 3:
                data = data[:at]
            case 4:
                data[at : at + n] = bytes([int(rng.choice([0, 255, 32, 57]))]) * n
            case 5:
                # digits for digits: headers that lie and are well formed
                digits = [i for i in range(reach) if 48 <= data[i] <= 57]
                for i in rng.permutation(digits)[:3] if digits else []:
                    data[i] = 48 + int(rng.integers(0, 10))
            case _:
                other = int(rng.integers(0, len(data)))
                data[at : at + n] = data[other : other + n]
    return bytes(data)


def check(source):
    """What any source that opens has to be, and all of its samples."""
    n_channels = len(source.channels)
    assert n_channels
    assert n_channels == len(set(source.channels)), "names"
    assert len(source.scale_uv) == len(source.range_steps) == n_channels
    assert all(np.isfinite(s) and s != 0 for s in source.scale_uv), "scale"
    assert 0 < source.rate_hz < 1e8
    assert np.isfinite(source.clock_zero_us)
    assert source.segments
    assert source.segments[0][0] == 0
    end = 0.0
    for s, (start_s, n) in enumerate(source.segments):
        # timestamps that wander let segments overlap by what a clock reset is told from
        assert np.isfinite(start_s)
        assert start_s >= end - 2.1e-3 - 2 / source.rate_hz, "order of segments"
        end = start_s + n / source.rate_hz
        assert n > 0
        for a in range(0, n, 100_000):
            b = min(n, a + 100_000)
            for first in range(0, n_channels, source.together):
                some = range(first, min(first + source.together, n_channels))
                x = source.read(s, a, b, some)
                assert x.shape == (len(some), b - a)
                assert x.dtype == np.int16


def attempt(files, rng):
    """Open and read; the kind of outcome."""
    try:
        try:
            check(open_source(files, scan=bool(rng.integers(0, 2))))
        except UnseenBorder:
            check(open_source(files, scan=True))
    except RecordingError as error:
        text = str(error)
        assert text.strip().endswith("."), text
        assert "\n" not in text, text
        assert len(text) < SENTENCE, text
        return "refused"
    return "read"


def case(valid, seed):
    """One damaged recording: its format and outcome, or the error that should not be."""
    rng = np.random.default_rng(seed)
    chosen = valid[int(rng.integers(0, len(valid)))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / chosen.name
        shutil.copytree(chosen, folder)
        files = sorted(p for p in folder.rglob("*") if p.is_file())
        victim = files[int(rng.integers(0, len(files)))]
        match int(rng.integers(0, 12)):
            case 0:
                victim.write_bytes(b"")
            case 1:
                victim.write_text("This is a note that was saved in the wrong place.\n" * 50)
            case 2:
                victim.unlink()
                files.remove(victim)
            case _:
                victim.write_bytes(damage(victim.read_bytes(), rng))
        begun = time.monotonic()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what libraries say of damaged files is no outcome
            outcome = attempt(files, rng)
        assert time.monotonic() - begun < SLOWEST_S, "too slow"
    return chosen.name, outcome


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    # neo tells at length what it misses before it fails
    logging.getLogger("neo").setLevel(logging.CRITICAL)
    counts, failures, seed = Counter(), Counter(), arguments.seed
    end = time.monotonic() + arguments.seconds
    with tempfile.TemporaryDirectory() as name:
        valid = build(Path(name))
        while time.monotonic() < end:
            try:
                counts[case(valid, seed)] += 1
            except Exception:  # any is what is looked for
                told = traceback.format_exc().splitlines()
                failures[told[-1]] += 1
                if failures[told[-1]] == 1:
                    print(f"seed {seed}:", *told[-14:], sep="\n")
            seed += 1
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for (kind, outcome), n in sorted(counts.items()):
        print(f"{kind:20} {outcome:8} {n}")
    print(
        f"{seed - arguments.seed} cases, {sum(failures.values())} faults, {peak_mb:.0f} MB at most"
    )
    raise SystemExit(bool(failures) or peak_mb > MOST_MB)


if __name__ == "__main__":
    main()
