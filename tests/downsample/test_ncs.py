"""The reader of .ncs files, on files written by the format's description."""

from datetime import datetime

import numpy as np
import pytest

from vigil.downsample.ncs import NcsFile, UnseenBorder
from vigil.recording import RecordingError

RAMP = np.arange(2000, dtype=np.int16)


def test_reads_every_sample_of_a_gapless_file(tmp_path, ncs):
    file = NcsFile(ncs(tmp_path / "CSC1.ncs", RAMP))
    assert file.channel == "CSC1"
    assert file.rate_hz == 32000
    assert file.scale_uv == pytest.approx(0.061037)
    assert [(r.first_sample, r.n_samples) for r in file.runs] == [(0, 2000)]
    assert np.array_equal(file.read(0, 2000), RAMP)


@pytest.mark.parametrize(("first", "last"), [(0, 1), (511, 513), (700, 1900), (1999, 2000)])
def test_any_piece_is_the_same_as_the_whole(tmp_path, ncs, first, last):
    file = NcsFile(ncs(tmp_path / "a.ncs", RAMP, gaps=[(700, 2.0), (1300, 0.5)]))
    assert np.array_equal(file.read(first, last), RAMP[first:last])


def test_a_gap_splits_the_file_and_stale_values_are_not_read(tmp_path, ncs):
    file = NcsFile(ncs(tmp_path / "a.ncs", RAMP, gaps=[(700, 2.0)]))
    assert [(r.first_sample, r.n_samples) for r in file.runs] == [(0, 700), (700, 1300)]
    apart_us = file.runs[1].start_us - file.runs[0].start_us
    assert apart_us == pytest.approx(700 / 32000 * 1e6 + 2e6, abs=1)


def test_a_short_record_without_a_gap_splits_nothing(tmp_path, ncs):
    file = NcsFile(ncs(tmp_path / "a.ncs", RAMP, gaps=[(700, 0.0)]))
    assert len(file.runs) == 1
    assert np.array_equal(file.read(0, 2000), RAMP)


def test_inverted_input_turns_the_sign(tmp_path, ncs):
    assert NcsFile(ncs(tmp_path / "a.ncs", RAMP, header={"InputInverted": "True"})).scale_uv < 0


def with_stamp(path, record, timestamp_us=None, n_valid=None):
    """Change the header of a record in a file."""
    raw = bytearray(path.read_bytes())
    at = 16384 + record * 1044
    if timestamp_us is not None:
        raw[at : at + 8] = int(timestamp_us).to_bytes(8, "little")
    if n_valid is not None:
        raw[at + 16 : at + 20] = int(n_valid).to_bytes(4, "little")
    path.write_bytes(raw)
    return path


LONG = (np.arange(2000 * 512) % 30_000).astype(np.int16)


def test_a_border_that_a_few_headers_do_not_show_is_seen_while_reading(tmp_path, ncs):
    # a record in the middle that says it is short, with no gap in time
    path = with_stamp(ncs(tmp_path / "a.ncs", LONG), 1500, n_valid=400)
    file = NcsFile(path)
    assert len(file.runs) == 1
    assert np.array_equal(file.read(0, 1400 * 512), LONG[: 1400 * 512])
    for first in (1499 * 512, 1500 * 512, 1500 * 512 + 1):
        with pytest.raises(UnseenBorder, match="record 1500"):
            file.read(first, 1600 * 512)
    thorough = NcsFile(path, scan=True)
    assert [r.n_samples for r in thorough.runs] == [1500 * 512 + 400, 499 * 512]
    wanted = np.concatenate([LONG[: 1500 * 512 + 400], LONG[1501 * 512 :]])
    assert np.array_equal(thorough.read(0, len(wanted)), wanted)


def test_the_border_before_the_first_record_of_a_piece_is_looked_at(tmp_path, ncs):
    # a jump forth that a later one takes back: only neighbours show it
    path = ncs(tmp_path / "a.ncs", LONG)
    for record in range(1501, 1503):
        with_stamp(path, record, timestamp_us=10_000_000 + record * 16_000 + 700)
    file = NcsFile(path)
    with pytest.raises(UnseenBorder, match="record 1501"):
        file.read(1501 * 512, 1502 * 512)
    assert [r.n_samples for r in NcsFile(path, scan=True).runs] == [
        1501 * 512,
        2 * 512,
        497 * 512,
    ]


def test_a_file_that_changes_while_it_is_read_is_told(tmp_path, ncs):
    path = ncs(tmp_path / "a.ncs", LONG)
    file = NcsFile(path, scan=True)
    with_stamp(path, 700, n_valid=3)
    with pytest.raises(RecordingError, match="changed at record 700"):
        file.read(0, len(LONG))
    path.write_bytes(path.read_bytes()[: 16384 + 900 * 1044])
    with pytest.raises(RecordingError, match="became shorter"):
        file.read(800 * 512, 1000 * 512)


def test_records_without_a_valid_sample_are_refused(tmp_path, ncs):
    path = with_stamp(ncs(tmp_path / "a.ncs", RAMP[:512]), 0, n_valid=0)
    with pytest.raises(RecordingError, match="None of the 1 records"):
        NcsFile(path)


def test_a_record_that_claims_too_much_is_refused_with_its_byte(tmp_path, ncs):
    path = with_stamp(ncs(tmp_path / "a.ncs", RAMP), 2, n_valid=513)
    with pytest.raises(RecordingError, match=f"record 2 of .*a.ncs \\(byte {16384 + 2 * 1044}"):
        NcsFile(path)


def test_a_truncated_file_is_told_with_its_byte(tmp_path, ncs):
    path = ncs(tmp_path / "a.ncs", RAMP)
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(RecordingError, match=f"at byte {16384 + 3 * 1044}"):
        NcsFile(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"just a text file", "is not a Neuralynx file"),
        (b"\0" * 20000, "is not a Neuralynx file"),
        (b"######## Neuralynx\r\n".ljust(16384, b"\0") + b"\0" * 1044, "no valid -Sampling"),
    ],
)
def test_what_is_no_ncs_file_is_refused_in_a_sentence(tmp_path, content, sentence):
    path = tmp_path / "a.ncs"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=sentence):
        NcsFile(path)


def test_a_header_without_samples_is_refused(tmp_path, ncs):
    path = ncs(tmp_path / "a.ncs", RAMP[:0])
    with pytest.raises(RecordingError, match="no samples"):
        NcsFile(path)


def with_line(path, line):
    """Put a line into the header of a file, below its first."""
    raw = path.read_bytes()
    first, rest = raw[:16384].split(b"\r\n", 1)
    header = first + b"\r\n" + line.encode() + b"\r\n" + rest
    path.write_bytes(header[:16384] + raw[16384:])
    return path


@pytest.mark.parametrize(
    ("line", "start"),
    [
        (
            "## Time Opened (m/d/y): 1/1/2000  (h:m:s.ms) 18:28:39.821",
            datetime(2000, 1, 1, 18, 28, 39, 821000),
        ),
        (
            "## Time Opened: (m/d/y): 12/11/15  At Time: 11:37:39.000",
            datetime(2015, 12, 11, 11, 37, 39),
        ),
        (
            "## Time Opened (m/d/y): 12/11/15  At Time: 11:37:39.000",
            datetime(2015, 12, 11, 11, 37, 39),
        ),
        (
            "## Time Opened: (m/d/y): 10/4/2003  At Time: 10:3:0.578 ",
            datetime(2003, 10, 4, 10, 3, 0, 578000),
        ),
        (
            "## Date Opened: (mm/dd/yyy): 12/14/2015 At Time: 15:58:32",
            datetime(2015, 12, 14, 15, 58, 32),
        ),
        ("## Time Opened (m/d/y): 13/40/2015  At Time: 11:37:39.000", None),
        ("## Time Closed (m/d/y): 1/1/2000  (h:m:s.ms) 9:58:41.322", None),
        ("", None),
    ],
)
def test_the_start_in_old_headers(tmp_path, ncs, line, start):
    path = with_line(ncs(tmp_path / "a.ncs", RAMP, header={"TimeCreated": None}), line)
    assert NcsFile(path).start == start


def test_the_start_in_new_headers(tmp_path, ncs):
    assert NcsFile(ncs(tmp_path / "a.ncs", RAMP)).start == datetime(2026, 3, 1, 8)


def read_all(path, scan):
    """A file and all of its samples; where few headers do not show it all, by a scan."""
    try:
        file = NcsFile(path, scan)
        n = sum(r.n_samples for r in file.runs)
        pieces = [file.read(a, min(n, a + 7000)).copy() for a in range(0, n, 7000)]
        return file, np.concatenate(pieces)
    except UnseenBorder:
        assert not scan
        return read_all(path, scan=True)


@pytest.mark.parametrize("scan", [False, True])
@pytest.mark.parametrize("start_us", [10_000_000, 1_700_000_000_000_000])
@pytest.mark.parametrize("rate_hz", [3000, 6000, 12_000, 24_000, 30_000, 32_000])
def test_jumps_of_about_a_sample_are_gaps_at_any_rate(tmp_path, ncs, rate_hz, start_us, scan):
    jumps = {100: 0.9, 151: 1.0, 202: 1.1, 253: 2.0}
    x = LONG[: 300 * 512]
    gaps = [(512 * record, samples / rate_hz) for record, samples in jumps.items()]
    path = ncs(tmp_path / "a.ncs", x, rate_hz=rate_hz, gaps=gaps, start_us=start_us)
    file, found = read_all(path, scan)
    assert np.array_equal(found, x)
    assert file.rate_hz == rate_hz
    assert [r.first_sample for r in file.runs] == [0, *(512 * record for record in jumps)]
    ends_us = [r.start_us + r.n_samples * 1e6 / rate_hz for r in file.runs]
    late = [(r.start_us - e) * rate_hz / 1e6 for e, r in zip(ends_us, file.runs[1:], strict=False)]
    assert late == pytest.approx(list(jumps.values()), abs=2e-6 * rate_hz)


@pytest.mark.parametrize("rate_hz", [3000, 24_000, 32_000])
def test_a_jump_of_half_a_sample_is_none(tmp_path, ncs, rate_hz):
    path = ncs(tmp_path / "a.ncs", LONG, rate_hz=rate_hz, gaps=[(512 * 1000, 0.5 / rate_hz)])
    for scan in (False, True):
        file, found = read_all(path, scan)
        assert len(file.runs) == 1
        assert np.array_equal(found, LONG)


@pytest.mark.parametrize("scan", [False, True])
@pytest.mark.parametrize("n_records", [40, 1200])
def test_a_gap_after_every_record(tmp_path, ncs, scan, n_records):
    gaps = [(512 * record, 0.05) for record in range(1, n_records)]
    file = NcsFile(ncs(tmp_path / "a.ncs", LONG[: 512 * n_records], gaps=gaps), scan)
    assert file.rate_hz == 32000
    assert len(file.runs) == n_records


def test_where_a_sample_lies_is_told(tmp_path, ncs):
    path = ncs(tmp_path / "a.ncs", RAMP, gaps=[(700, 2.0)])
    file = NcsFile(path)
    # record 1 holds 188 samples, record 2 begins with sample 700
    for sample, record in ((0, 0), (512, 1), (699, 1), (700, 2), (1999, 4)):
        assert file.place_of(sample) == f"record {record} of {path} (byte {16384 + record * 1044})"


def test_a_file_that_vanishes_is_told(tmp_path, ncs):
    file = NcsFile(ncs(tmp_path / "a.ncs", RAMP))
    file.path.unlink()
    with pytest.raises(RecordingError, match=r"a\.ncs is not there any more"):
        file.read(0, 10)
