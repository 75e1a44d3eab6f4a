import numpy as np
import pandas as pd

from vigil.page import style
from vigil.recording import Montage
from vigil.report.figures.spread_map import spread_map

MONTAGE = Montage(
    ("a", "b", "c", "d", "e"),
    ("CA1", "CA1", "M1", "TH", "neck"),
    ("L", "R", "L", "R", ""),
    ("lfp", "lfp", "lfp", "lfp", "emg"),
)
SPREAD = pd.DataFrame(
    {
        "region": ["M1", "CA1", "TH", "all"],
        "order": [1, 2, np.nan, np.nan],
        "delay_s": [0, 2.5, np.nan, 2.5],
    }
)


def drawn(spread):
    axis = style.new_figure(2).subplots()
    colours = spread_map(axis, spread, MONTAGE)
    return axis, colours


def test_regions_are_numbered_and_a_region_that_is_not_reached_says_so():
    axis, colours = drawn(SPREAD)
    words = [t.get_text() for t in axis.texts]
    assert words == ["CA1", "2", "2.5 s", "M1", "1", "0.0 s", "TH", "not reached", "left", "right"]
    assert len(axis.patches) == 4  # CA1 on both sides, M1 left, TH right; the EMG has no box
    assert colours.norm.vmax == 2.5
    faces = [tuple(p.get_facecolor()) for p in axis.patches]
    assert faces[0] == faces[1]
    np.testing.assert_allclose(faces[0], colours.cmap(1.0), atol=0.01)
    np.testing.assert_allclose(faces[2], colours.cmap(0.0), atol=0.01)


def test_a_seizure_without_an_onset_has_no_colours():
    nothing = SPREAD.assign(order=np.nan, delay_s=np.nan)
    axis, colours = drawn(nothing)
    assert colours is None
    assert sum(t.get_text() == "not reached" for t in axis.texts) == 3
