import base64
import dataclasses
import io
import json

import numpy as np
import pytest
from PIL import Image

from vigil.report.findings import gather
from vigil.report.panel import EMPTY, NO_CONFIDENCE, panel_data
from vigil.report.settings import Settings


@pytest.fixture(scope="module")
def findings(results, report_job, tmp_path_factory):
    return gather(report_job(tmp_path_factory.mktemp("out"), results))


def unpack(text, kind):
    return np.frombuffer(base64.b64decode(text), kind)


def test_signals_survive_the_packing(findings):
    data = panel_data(findings, Settings())
    json.dumps(data, allow_nan=False)
    speed = next(s for s in data["signals"] if s["words"] == "Speed (cm/s)")
    high = speed["bottom"] + speed["step"] * unpack(speed["high"], "<u2").astype(float)
    truth = findings.kinematics["speed_cm_s"]
    assert high.max() == pytest.approx(truth.max(), abs=1e-3)
    assert speed["bottom"] == pytest.approx(truth.min(), abs=1e-9)


def test_epochs_without_data_are_empty(findings):
    muscle = panel_data(findings, Settings())["signals"][0]
    low = unpack(muscle["low"], "<u2")
    gone = (low == EMPTY).nonzero()[0]
    assert len(gone) == 5  # the gap of 20 s touches five epochs
    assert 4 * gone[0] == 300


def test_states_and_confidence_survive_the_packing(findings):
    packed = panel_data(findings, Settings())["hypnogram"]
    states = np.array(packed["states"])[unpack(packed["state"], np.uint8)]
    assert list(states) == list(findings.hypnogram["state"])
    sure = unpack(packed["confidence"], np.uint8)
    truth = findings.hypnogram["confidence"]
    assert ((sure == NO_CONFIDENCE) == truth.isna()).all()
    assert np.abs(sure / 100 - truth).max() <= 0.005


def test_the_threshold_scorer_has_no_confidence_to_pack(findings):
    table = findings.hypnogram.assign(confidence=np.nan)
    data = panel_data(dataclasses.replace(findings, hypnogram=table), Settings())
    assert data["hypnogram"]["confidence"] is None


def test_the_spectrogram_is_an_image_with_high_frequencies_on_top(findings):
    image = panel_data(findings, Settings())["spectrogram"]
    assert len(image["tiles"]) == 1
    raw = base64.b64decode(image["tiles"][0]["image"].split(",")[1])
    picture = Image.open(io.BytesIO(raw))
    assert picture.size == (image["columns"], 61)  # 0 to 30 Hz in steps of 0.5 Hz
    pixels = np.asarray(picture.convert("RGB")).astype(int)
    state = findings.hypnogram["state"].to_numpy()
    rem = [4 * i + k for i in np.flatnonzero(state == "rem")[1:-1] for k in (0, 1, 2, 3)]
    red = (pixels[:, rem, 0] - pixels[:, rem, 2]).mean(axis=1)
    theta_row = 60 - 15  # 7.5 Hz from below
    assert np.argmax(red) in range(theta_row - 2, theta_row + 3)
    assert red[theta_row] > red[:20].mean() + 50
    assert (pixels[:, 310] == pixels[0, 310]).all()  # nothing but grey in the gap


def test_nothing_gives_no_panel(report_job, tmp_path):
    assert panel_data(gather(report_job(tmp_path, {})), Settings()) is None
