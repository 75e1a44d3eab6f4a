import numpy as np
import pandas as pd

from vigil.cohort.fatal import compare_fatal
from vigil.cohort.fatal_figures import CAPTIONS, fatal_seizures


def table(*rows):
    usual = {"duration_s": 20.0, "suppression_s": 10.0, "recovered": "true", "theta_after": np.nan,
             "moves_after_s": 30.0, "movement_seen_s": 300.0, "seen_after_s": 500.0,
             "death_after_s": np.nan}  # fmt: skip
    return pd.DataFrame(
        [usual | dict(zip(("animal", "fatal"), r[:2], strict=True)) | r[2] for r in rows]
    )


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
    names = [t.get_text() for t in figure.axes[0].get_xticklabels()]
    assert names == ["m1", "m2", "m3"]


def test_without_a_fatal_seizure_there_is_no_figure():
    seizures = table(("m1", False, {}), ("m2", False, {}))
    assert fatal_seizures(seizures, compare_fatal(seizures)) is None
    assert list(CAPTIONS) == ["fatal_seizures"]
