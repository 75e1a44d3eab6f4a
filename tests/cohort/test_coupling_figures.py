import numpy as np
import pandas as pd
import pytest

from vigil.cohort.coupling.clock import couple_clock, seizure_hours
from vigil.cohort.coupling.figures import CAPTIONS, seizures_by_hour, seizures_by_state
from vigil.cohort.coupling.states import couple_states, seizure_states
from vigil.cohort.coupling.watch import watch
from vigil.cohort.settings import Settings

SETTINGS = Settings(coupling_surrogates=100)
ONSETS = (1000.0, 4000.0, 9000.0, 12000.0, 13000.0, 20000.0)


def tables(onsets, animals=("m1", "m2")):
    states = np.where(np.arange(5400) // 60 % 2, "nrem", "wake")
    table = pd.DataFrame({"start_s": np.arange(5400) * 4.0, "duration_s": 4.0, "state": states})
    spans = [(t, t + 30.0) for t in onsets]
    watches = [
        watch(f"r{a}", a, spans, [(0.0, 21600.0)], table, 9.0, np.nan, SETTINGS) for a in animals
    ]
    states, hours = seizure_states(watches, SETTINGS), seizure_hours(watches, SETTINGS)
    coupling = pd.concat([couple_states(states, 60.0), couple_clock(hours, 12.0)])
    return states, hours, coupling


def texts(figure):
    return " ".join(t.get_text() for a in figure.axes for t in [*a.texts, a.title, a._left_title])


def test_rates_stand_over_their_state_and_times_in_a_band():
    states, _, coupling = tables(ONSETS)
    figure = seizures_by_state(states, coupling)
    left, right = figure.axes
    rows = coupling.set_index("what")
    shown = [float(line.get_ydata()[0]) for line in left.lines if line.get_markersize() == 7]
    assert shown[:2] == [rows.loc["rate_wake", "value"], rows.loc["rate_nrem", "value"]]
    n = int(rows.loc["rate_wake", "n"])
    assert f"n = {rows.loc['rate_wake', 'note'].split()[0]}" in left.get_xticklabels()[0].get_text()
    assert n == 2 * len(ONSETS)
    assert right.get_xscale() == "log"
    assert len(right.collections) == 1


def test_hours_are_drawn_as_rates_over_the_time_watched():
    _, hours, coupling = tables(ONSETS)
    figure = seizures_by_hour(hours, coupling, 12.0)
    clock, raster = figure.axes
    rate = max(
        p.get_height()
        for p in clock.patches
        if p.get_facecolor()[:3] != (1, 1, 1) and p.get_zorder() == 2
    )
    counts = np.bincount(hours.hour[0].astype(int), minlength=24)
    assert rate == pytest.approx(np.nanmax(counts[9:15] / hours.all_watched_h[9:15]))
    hatched = [p for p in clock.patches if p.get_hatch()]
    assert len(hatched) == 18  # of 24 hours six were watched
    assert [t.get_text() for t in raster.get_yticklabels()] == ["m1", "m2"]


def test_few_seizures_are_drawn_and_called_too_few():
    states, hours, coupling = tables(ONSETS[:1], ("m1",))
    assert "too few to test" in texts(seizures_by_state(states, coupling))
    assert "too few to draw" in texts(seizures_by_state(states, coupling))
    assert "too few to test" in texts(seizures_by_hour(hours, coupling, 12.0))


def test_without_seizures_there_is_no_figure():
    states, hours, coupling = tables(())
    assert seizures_by_state(states, coupling) is None
    assert seizures_by_hour(hours, coupling, 12.0) is None
    assert set(CAPTIONS) == {"seizures_by_state", "seizures_by_hour"}


def test_recordings_of_minutes_have_rates_but_no_dots_of_animals():
    table = pd.DataFrame({"start_s": np.arange(120) * 4.0, "duration_s": 4.0, "state": "wake"})
    watches = [watch("r", "a", [(200.0, 230.0)], [(0.0, 480.0)], table, 9.0, np.nan, SETTINGS)]
    states = seizure_states(watches, SETTINGS)
    figure = seizures_by_state(states, couple_states(states, 60.0))
    assert "0.1" in figure.axes[0].get_xticklabels()[0].get_text()
