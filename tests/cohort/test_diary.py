"""The diary of an animal: where days, recordings and seizures lie in it."""

import numpy as np
import pandas as pd
import pytest

from vigil.cohort.animal_page import diary_table, write_animal_page
from vigil.cohort.diary import diary_figure
from vigil.cohort.gather import Recording

COLUMNS = {
    "recording": "m-1", "animal": "m", "group": "mutant", "seizure": 1, "onset_s": 3600.0,
    "duration_s": 31.0, "onset_time": "2026-03-02T10:00:00+01:00", "zeitgeber_h": 3.0,
    "region": "CA1", "status": "resolved", "state_before": "nrem", "state_for_s": 44.0,
    "suppression_s": 22.0, "moves_after_s": np.nan, "sleeps_after_s": 300.0, "fatal": False,
    "last_before_death": False,
}  # fmt: skip


def recording(name="m-1", start="2026-03-02T09:00:00+01:00", hours=23.0, lights_on="07:00", **more):
    row = {"recording": name, "animal": "m", "start": start, "lights_on": lights_on, **more}
    return Recording(row, events=pd.DataFrame(), length_s=hours * 3600)


def seizures(*changes):
    return pd.DataFrame([{**COLUMNS, **c} for c in changes])


def marks(figure):
    """Places of the seizures' marks: hours, and days counted downwards."""
    lines = [x for x in figure.axes[0].lines if x.get_marker() == "|"]
    return [(float(x.get_xdata()[0]), int(x.get_ydata()[0])) for x in lines]


def test_days_begin_when_the_lights_go_on():
    late = {"onset_time": "2026-03-03T06:30:00+01:00", "status": "unresolved"}
    figure = diary_figure([recording()], seizures({}, late))
    assert marks(figure) == [(3.0, 0), (23.5, 0)]
    bars = [b for c in figure.axes[0].collections for b in c.get_paths()]
    # 9:00 to 8:00 of the next morning are zeitgeber 2 to 24 and 0 to 1
    corners = [(p.vertices[:, 0].min(), p.vertices[:, 0].max()) for p in bars]
    assert corners == [(2.0, 24.0), (0.0, 1.0)]


def test_without_lights_days_begin_at_midnight():
    figure = diary_figure([recording(lights_on="")], seizures({}))
    assert marks(figure) == [(10.0, 0)]
    assert "Hour of the day" in figure.axes[0].get_xlabel()


def test_recordings_without_a_start_are_left_out():
    assert diary_figure([recording(start="")], seizures({"onset_time": ""})) is None


def test_a_seizure_whose_region_is_not_told_is_grey():
    figure = diary_figure([recording()], seizures({}, {"status": "none", "region": ""}))
    clear, grey = (x.get_color() for x in figure.axes[0].lines if x.get_marker() == "|")
    assert clear != grey == "#6B6B6B"


def test_the_table_says_what_is_not_known():
    table = diary_table(seizures({}, {"status": "none", "region": "", "fatal": True}))
    first, second = (dict(zip(table.header, row, strict=True)) for row in table.rows)
    assert first["Starts in"] == "CA1"
    assert first["Moves after (s)"] == "–"
    assert first["When"] == "2026-03-02 10:00:00"
    assert second["Starts in"] == "not told"
    assert second["Note"] == "fatal"
    assert table.links[0] == "../../m-1/report/index.html"


@pytest.mark.parametrize("found", [True, False])
def test_the_page_stands_by_itself(tmp_path, found):
    table = seizures({}) if found else seizures({}).iloc[:0]
    write_animal_page(tmp_path, "m", [recording(group="<b>")], table, ["It is 12 min."], 12.0, 70)
    page = (tmp_path / "m.html").read_text()
    assert "It is 12 min." in page
    assert "&lt;b&gt;" in page
    assert ("No seizures were found." in page) is not found
    assert (tmp_path / "figures" / "diary_m.pdf").exists()
    assert "http" not in page.split("<body")[1].replace("http-equiv", "")


def test_clocks_with_and_without_a_zone_and_a_wrong_year_make_one_short_diary():
    """A header has no zone; a row has one; another header says 2000."""
    found = [recording(), recording("m-2", "2026-03-04T09:00:00"), recording("m-3", "2000-01-01")]
    figure = diary_figure(found, seizures({"onset_time": "2026-03-02T10:00:00+02:00"}))
    labels = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert len(labels) <= 6
    assert figure.get_size_inches()[1] < 4
    assert marks(figure)[0][0] == 3.0  # the hour on the wall, as zeitgeber_h counts it


def test_an_animal_in_which_none_were_sought_is_not_called_free_of_seizures(tmp_path):
    failed = Recording({"recording": "m-1", "animal": "m"})
    write_animal_page(tmp_path, "m", [failed], seizures({}).iloc[:0], [], 12.0, 70)
    page = (tmp_path / "m.html").read_text()
    assert "could not be sought" in page
    assert "No seizures were found" not in page
