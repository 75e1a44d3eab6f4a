"""The complete workflow over a real recording with three gaps, with a real video as its camera."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from vigil.downsample.files import open_lfp
from vigil.pose.files import read_tracks
from vigil.spectra.files import KEYS

VIDEO = "dlc_openfield_pranav/examples/openfield-Pranav-2018-10-30/videos/m3v1mp4.mp4"


@pytest.fixture(scope="module")
def results(checkout, realdata, tmp_path_factory):
    """Results of `snakemake` over Cheetah 5.7.4 with the open-field video of another mouse."""
    folder = tmp_path_factory.mktemp("real")
    source = realdata / "neuralynx_neo_ephy_testing/Cheetah_v5.7.4/original_data"
    row = {
        "recording": "real",
        "animal": "rodent",
        "source": str(source),
        "video": str(realdata / VIDEO),
        # the arena's size is not published with the video: a plausible scale
        "px_per_cm": "14",
    }
    text = "\t".join(row) + "\n" + "\t".join(row.values()) + "\n"
    (folder / "recordings.tsv").write_text(text)
    command = [sys.executable, "-m", "snakemake", "-s", str(checkout / "Snakefile")]
    done = subprocess.run(
        [*command, "--directory", str(folder), "--cores", "2"],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return folder / "results"


def test_the_store_has_the_gaps_and_the_samples_of_the_recording(results):
    lfp = open_lfp(results / "real/downsample/lfp.zarr")
    assert lfp.rate_hz == 1250
    assert lfp.montage.channel == ("CSC1", "CSC2")
    assert lfp.segments.duration_s == pytest.approx(55.252, abs=0.002)
    gaps_s = [b - a for a, b in lfp.segments.gaps()]
    assert gaps_s == pytest.approx([3.006, 4.457, 4.213], abs=0.02)
    # its README: standard deviation of 54 uV, at 32 kHz and 10-9000 Hz
    assert 5 < lfp.read_uv(0, lfp.segments.n_rows).std() < 54


def test_features_are_missing_where_a_gap_touches_an_epoch(results):
    features = pd.read_parquet(results / "real/spectra/features.parquet")
    assert len(features) == 13
    touched = features["valid"] < 1
    values = features.drop(columns=list(KEYS))
    assert values[touched].isna().all(axis=None)
    assert np.isfinite(values.loc[~touched, "CSC1.log_power_delta"]).all()


def test_every_frame_of_the_video_is_tracked(results):
    assert len(read_tracks(results / "real/pose/tracks.h5")) == 2330


def test_the_clock_admits_that_there_were_no_pulses(results):
    clock = json.loads((results / "real/kinematics/clock.json").read_text())
    assert clock["source"] == "nominal rate"
    assert "assumed" in clock["notes"][0]


def test_no_seizure_is_made_up_and_the_pages_are_written(results):
    events = pd.read_csv(results / "real/seizures/events.tsv", sep="\t")
    assert not events["eventType"].str.startswith("sz").any()
    assert "real" in (results / "cohort/index.html").read_text()
    page = (results / "real/report/index.html").read_text()
    assert "gaps" in page
