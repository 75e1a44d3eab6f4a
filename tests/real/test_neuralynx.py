"""Every real .ncs and .nev file against what other programs read from it."""

import collections

import numpy as np
import pytest
from scipy.io import loadmat

from vigil.downsample.ncs import NcsFile
from vigil.neuralynx import NCS_RECORD, read_events

# the text dumps: timestamp, channel, rate, number of valid samples, 512 samples
DUMPS = {
    "BML/original_data/CSC1_trunc.Ncs": "BML/plain_data/CSC1_trunc.txt",
    "BML_unfilledsplit/original_data/unfilledSplitRecords.Ncs": (
        "BML_unfilledsplit/plain_data/unfilledSplitRecords.txt"
    ),
    "Cheetah_v1.1.0/original_data/CSC67_trunc.Ncs": "Cheetah_v1.1.0/plain_data/CSC67_trunc.txt",
    "Cheetah_v4.0.2/original_data/CSC14_trunc.Ncs": "Cheetah_v4.0.2/plain_data/CSC14_trunc.txt",
    "Cheetah_v5.4.0/original_data/CSC5_trunc.Ncs": "Cheetah_v5.4.0/plain_data/CSC5_trunc.txt",
    "Cheetah_v5.7.4/original_data/CSC1.ncs": "Cheetah_v5.7.4/plain_data/CSC1.txt",
    "Cheetah_v5.7.4/original_data/CSC2.ncs": "Cheetah_v5.7.4/plain_data/CSC2.txt",
}
MATLAB = ["LAHC1", "LAHC2", "LAHC3", "LAHCu1", "xAIR1", "xEKG1", "LAHC1_3_gaps", "LAHC2_3_gaps"]


@pytest.fixture(scope="module")
def neo_files(realdata):
    return realdata / "neuralynx_neo_ephy_testing"


def test_no_file_is_left_out(realdata):
    found = {p for p in realdata.rglob("*") if p.suffix.lower() == ".ncs"}
    known = {realdata / "neuralynx_neo_ephy_testing" / n for n in DUMPS}
    known |= {realdata / "neuralynx_mne_testing" / f"{n}.ncs" for n in MATLAB}
    assert found == known


@pytest.mark.parametrize("name", DUMPS)
def test_samples_and_timestamps_equal_the_text_dump(neo_files, name):
    file = NcsFile(neo_files / name)
    lines = (neo_files / DUMPS[name]).read_text().splitlines()
    rows = [np.array(line.split(), dtype=np.int64) for line in lines if line.strip()]
    records = np.fromfile(neo_files / name, NCS_RECORD, offset=16384)[: len(rows)]
    assert records["timestamp_us"].tolist() == [r[0] for r in rows]
    # some dumps list only the valid samples of a record, some all 512
    wanted = np.concatenate([r[4 : 4 + r[3]] for r in rows])
    assert len(wanted) > 1000
    assert np.array_equal(file.read(0, len(wanted)), wanted)


@pytest.mark.parametrize("name", MATLAB)
def test_samples_equal_what_the_makers_own_reader_gave(realdata, name):
    folder = realdata / "neuralynx_mne_testing"
    file = NcsFile(folder / f"{name}.ncs")
    mat = loadmat(folder / f"{name}.mat")
    valid = mat["NumberOfValidSamples"].ravel().astype(int)
    wanted = np.concatenate([c[:n] for c, n in zip(mat["Samples"].T, valid, strict=True)])
    assert np.array_equal(file.read(0, len(wanted)), wanted)
    assert file.rate_hz == mat["SampleFrequencies"].ravel()[0]
    assert file.runs[0].start_us == mat["Timestamps"].ravel()[0]


def test_the_three_gaps_of_a_stopped_recording(neo_files):
    file = NcsFile(neo_files / "Cheetah_v5.7.4/original_data/CSC1.ncs")
    zero = file.runs[0].start_us
    spans = [
        ((r.start_us - zero) / 1e6, (r.start_us - zero) / 1e6 + r.n_samples / file.rate_hz)
        for r in file.runs
    ]
    # the four stretches that neo 0.14 finds
    assert np.array(spans) == pytest.approx(
        np.array([[0, 10.705], [13.710, 24.711], [29.159, 40.048], [44.252, 55.252]]), abs=2e-3
    )


@pytest.mark.parametrize("name", ["LAHC1_3_gaps", "LAHC2_3_gaps"])
def test_three_shortened_records_are_three_gaps(realdata, name):
    file = NcsFile(realdata / "neuralynx_mne_testing" / f"{name}.ncs")
    ends = [r.start_us + r.n_samples * 1e6 / file.rate_hz for r in file.runs]
    gaps_ms = [(b.start_us - e) / 1e3 for e, b in zip(ends[:-1], file.runs[1:], strict=True)]
    assert gaps_ms == pytest.approx([50.0, 3.5, 11.5], abs=0.01)


@pytest.mark.parametrize(
    ("name", "rate_hz"),
    [
        ("BML/original_data/CSC1_trunc.Ncs", 24000.0),
        ("Cheetah_v1.1.0/original_data/CSC67_trunc.Ncs", 32768.0),
        # the header says 27789 Hz, the timestamps 512 samples in 17920 us
        ("Cheetah_v4.0.2/original_data/CSC14_trunc.Ncs", 512e6 / 17920),
        ("Cheetah_v5.7.4/original_data/CSC1.ncs", 32000.0),
    ],
)
def test_rates(neo_files, name, rate_hz):
    assert NcsFile(neo_files / name).rate_hz == pytest.approx(rate_hz, rel=1e-6)


def test_a_huge_gap_is_kept(neo_files):
    file = NcsFile(neo_files / "BML_unfilledsplit/original_data/unfilledSplitRecords.Ncs")
    assert [r.n_samples for r in file.runs] == [820, 512]
    assert (file.runs[1].start_us - file.runs[0].start_us) / 1e6 == pytest.approx(
        4295.002, abs=0.01
    )


def test_events_of_several_versions(realdata):
    texts = {
        p.relative_to(realdata).as_posix(): collections.Counter(read_events(p).text)
        for p in realdata.rglob("*.nev")
    }
    assert len(texts) == 6
    for name, counted in texts.items():
        assert counted["Starting Recording"] == counted["Stopping Recording"] > 0, name
    cheetah = next(c for n, c in texts.items() if "v5.7.4" in n)
    assert cheetah["Starting Recording"] == 4
