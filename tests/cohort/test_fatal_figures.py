import numpy as np
import pandas as pd

from vigil.cohort.fatal import compare_fatal
from vigil.cohort.fatal_figures import CAPTIONS, fatal_seizures


def table(*rows):
    usual = {"duration_s": 20.0, "suppression_s": 10.0, "recovered": "true", "theta_after": np.nan,
             "moves_after_s": 30.0, "movement_seen_s": 300.0, "seen_after_s": 500.0}  # fmt: skip
    return pd.DataFrame([
        usual | {"animal": animal, "fatal": fatal, "death_after_s": 120.0 if fatal else np.nan}
        | values
        for animal, fatal, values in rows
    ])  # fmt: skip


def test_a_panel_per_marker_and_a_cross_per_fatal_seizure():
    seizures = table(
        ("m1", False, {}), ("m1", True, {"moves_after_s": np.nan, "duration_s": 35.0}),
        ("m2", True, {}), ("m3", False, {"duration_s": 50.0}),
    )  # fmt: skip
    figure = fatal_seizures(seizures, compare_fatal(seizures))
    labels = [a.get_ylabel() for a in figure.axes if a.axison]
    assert labels == ["Duration (s)", "Suppression (s)", "Time to movement (s)"]  # theta is unknown
    crosses = [
        [float(line.get_ydata()[0]) for line in a.lines if line.get_marker() == "X"]
        for a in figure.axes[:3]
    ]
    assert crosses[0] == [35.0, 20.0]
    assert crosses[2][0] > 30.0  # never, above all that was seen
    assert "never" in [t.get_text() for t in figure.axes[2].texts]
    dashes = [float(a.get_ydata()[0]) for a in figure.axes[0].lines if a.get_marker() == "None"]
    assert dashes[:2] == [20.0, 50.0]  # nothing is known of m2's others; m3 gives its last
    names = [t.get_text() for t in figure.axes[0].get_xticklabels()]
    assert names == ["m1", "m2", "m3"]


def test_without_a_fatal_seizure_there_is_no_figure():
    seizures = table(("m1", False, {}), ("m2", False, {}))
    assert fatal_seizures(seizures, compare_fatal(seizures)) is None
    assert list(CAPTIONS) == ["fatal_seizures"]


def test_the_dash_is_what_the_trend_predicts():
    seizures = table(*[("m1", k == 6, {"duration_s": 20.0 + 3 * k}) for k in range(7)])
    figure = fatal_seizures(seizures, compare_fatal(seizures))
    (dash,) = [a for a in figure.axes[0].lines if a.get_marker() == "None"]
    assert dash.get_ydata()[0] == 38.0
