"""Which reader a recording gets."""

import numpy as np
import pytest

from vigil.downsample.sources.choose import open_source
from vigil.recording import RecordingError


@pytest.fixture
def beside(tmp_path):
    """What lies beside the signals in a recording's folder."""
    (tmp_path / "cam.mp4").write_bytes(b"\0\0\0\x18ftyp")
    (tmp_path / "cam.csv").write_text("frame,time_s\n0,0.0\n")
    return [tmp_path / "cam.mp4", tmp_path / "cam.csv"]


@pytest.mark.parametrize(
    "kind",
    ["ncs", "open_ephys", "spikeglx", "continuous", "edf", "bdf", "brainvision", "intan", "ns5"],
)
def test_every_format_is_known_by_its_files(tmp_path, small, noise, ncs, beside, kind):
    x = noise(2, 4096)
    folder = tmp_path / "raw"
    folder.mkdir()
    match kind:
        case "ncs":
            for i in range(2):
                ncs(folder / f"CSC{i}.ncs", x[i], channel=f"CSC{i}")
        case "open_ephys":
            small.write_open_ephys(folder, x)
        case "spikeglx":
            small.write_spikeglx(folder, x)
        case "continuous":
            for i in range(2):
                small.write_continuous(folder / f"100_CH{i}.continuous", x[i], channel=f"CH{i}")
        case "edf" | "bdf":
            small.write_edf(folder / f"a.{kind}", x, rate_hz=512, wide=kind == "bdf")
        case "brainvision":
            small.write_brainvision(folder, x)
        case "intan":
            small.write_intan(folder, x)
        case "ns5":
            small.write_blackrock(folder / "a.ns5", x, [(0, 4096)])
    source = open_source([*beside, *small.files_under(folder)])
    assert len(source.channels) == 2
    found = small.read_all(source, 1000)[0].astype(int)
    assert np.array_equal(np.diff(found), np.diff(x.astype(int)))
    assert len(source.range_steps) == len(source.scale_uv) == 2


def test_a_folder_without_signals_is_told(beside):
    with pytest.raises(RecordingError, match=r"no brain signals .*\(cam.csv, cam.mp4\)"):
        open_source(beside)
    with pytest.raises(RecordingError, match=r"no file at all"):
        open_source([])


def test_what_is_no_file_is_told(tmp_path, small, noise, ncs, beside):
    (tmp_path / "CSC2.ncs").mkdir()
    good = ncs(tmp_path / "CSC1.ncs", noise(1, 600)[0])
    for name in ("CSC2.ncs", "CSC3.ncs"):
        with pytest.raises(RecordingError, match=f"{name} is not there any more or is no file"):
            open_source([good, tmp_path / name, *beside])
    files = small.write_open_ephys(tmp_path / "o", noise(2, 600))
    next(p for p in files if p.name == "structure.oebin").unlink()
    with pytest.raises(RecordingError, match=r"structure.oebin is not there any more"):
        open_source(files)
    edf = small.write_edf(tmp_path / "a.edf", noise(2, 600))
    edf.unlink()
    with pytest.raises(RecordingError, match=r"a.edf is not there any more"):
        open_source([edf])


def test_pauses_beyond_any_recording_are_refused(tmp_path, small, noise):
    for days in (29, 31):
        folder = tmp_path / str(days)
        files = small.write_open_ephys(folder, noise(2, 600), gaps=[(300, days * 86400 * 30000)])
        if days < 30:
            assert len(open_source(files).segments) == 2
        else:
            with pytest.raises(RecordingError, match=r"pause for 31 days, 0.010 s after"):
                open_source(files)
