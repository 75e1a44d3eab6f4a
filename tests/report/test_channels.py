import numpy as np
import pandas as pd
import pytest

from vigil.page import style
from vigil.report.channels import doubted_channels, measured_channels
from vigil.report.figures.channels import channels
from vigil.report.findings import Findings, gather
from vigil.report.settings import Settings


@pytest.fixture(scope="module")
def findings(results, report_job, tmp_path_factory):
    return gather(report_job(tmp_path_factory.mktemp("out"), results))


def test_channels_left_out_stand_first_with_their_reason(findings):
    table = doubted_channels(findings.quality)
    assert [(r[0], r[3]) for r in table.rows] == [("CSC2", "not used"), ("CSC4", "needs a look")]
    assert table.rows[0][4].startswith("flat during 95 %")
    assert table.colours == [style.VERDICT_COLOURS["bad"], style.VERDICT_COLOURS["look"]]


def test_what_the_montage_overruled_is_told(findings):
    quality = findings.quality.assign(verdict="ok", reason="")
    assert doubted_channels(quality) is None
    quality.loc[1, "reason"] = "overruled by the montage (was: bad, flat)"
    assert [r[3] for r in doubted_channels(quality).rows] == ["ok"]


def test_all_channels_with_their_measures(findings):
    table = measured_channels(findings.quality)
    assert len(table.rows) == 7
    row = dict(zip(table.header, table.rows[3], strict=True))
    assert (row["Verdict"], row["Mains hum"], row["With"]) == ("needs a look", "62 %", "CSC3")
    flat = dict(zip(table.header, table.rows[1], strict=True))
    assert (flat["Flat"], flat["Correlation"], flat["With"]) == ("95 %", "–", "–")


def test_nothing_known_gives_nothing():
    assert doubted_channels(None) is None
    assert measured_channels(None) is None
    assert channels(Findings("r"), Settings()) is None


def test_every_channel_stands_in_the_figure_at_its_value(findings):
    figure = channels(findings, Settings())
    drawn = {
        axis.get_ylabel().split("\n")[0]: {
            (int(x), float(y)) for line in axis.lines if line.get_marker() not in ("None", None)
            for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True) if np.isfinite(y)
        }
        for axis in figure.axes
    }  # fmt: skip
    assert list(drawn) == ["RMS", "Noise floor", "Correlation", "Mains hum"]
    assert drawn["RMS"] == set(enumerate(findings.quality["rms_uv"]))
    assert {x for x, _ in drawn["Correlation"]} == {0, 2, 3, 4, 5}
    assert [t.get_text() for t in figure.axes[0].texts] == ["CTX", "CA1", "THAL", "neck"]


def test_a_montage_of_many_single_regions_is_drawn(findings):
    names = [f"CSC{i}" for i in range(128)]
    quality = pd.DataFrame(
        {"channel": names, "region": names, "kind": "lfp", "rms_uv": 50.0, "verdict": "ok"}
    ).assign(reason="", correlation=np.nan)
    figure = channels(Findings("r", quality=quality), Settings())
    assert len(figure.axes) == 1
    assert not figure.axes[0].texts
