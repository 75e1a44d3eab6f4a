import numpy as np
import pytest

from vigil.cohort.early.clock import join
from vigil.cohort.early.features import stretches
from vigil.cohort.early.lead import (
    MISSING,
    clusters,
    interictal,
    lead_seizures,
    near_onsets,
    seen_before,
    windows_before,
)


@pytest.fixture
def seen(made, quick):
    animal = join(made.animal(107, days=3, seizures=10))
    return animal, stretches(animal, ["CA1.log_power_theta"], quick)


def test_a_cluster_is_its_lead_seizure_and_those_that_follow():
    onsets = 60.0 * np.array([0, 100, 150, 400, 1000])
    assert list(clusters(onsets, 120)) == [0, 0, 0, 1, 2]
    assert not len(clusters(np.zeros(0), 120))


def test_lead_seizures_come_alone_and_after_a_time_that_was_watched(seen, quick):
    animal, stretch = seen
    lead = lead_seizures(animal, stretch, quick)
    assert 3 <= len(lead) < len(animal.onsets_s)
    for k in lead:
        before = animal.onsets_s[k] - animal.onsets_s[:k]
        assert (before > 60 * quick.lead_seizure_min).all()
    assert (seen_before(animal, animal.onsets_s[lead], quick.lead_seizure_min) >= 0.5).all()
    # at the start of the first recording nothing is known of what came before
    assert seen_before(animal, animal.time_s[:1] + 600, 120.0)[0] == pytest.approx(11 / 120)


def test_the_stretch_ends_the_lead_time_before_the_onset(seen):
    animal, stretch = seen
    onsets = animal.time_s[500:1500] + 17.0
    at = windows_before(animal, stretch, onsets, 10)
    there = at != MISSING
    late = onsets[there] - animal.time_s[at[there]]
    assert there.mean() > 0.5
    assert ((late >= 600) & (late < 660)).all()
    assert stretch.usable[at[there]].all()


def test_interictal_stretches_do_not_overlap_and_are_far_from_seizures(seen, quick):
    animal, stretch = seen
    lead = lead_seizures(animal, stretch, quick)
    ends = animal.time_s[interictal(animal, stretch, lead, quick)]
    assert (np.diff(ends) >= 60 * quick.sop_min).all()
    for onset, stop in zip(animal.onsets_s, animal.stops_s, strict=True):
        assert not ((ends > onset) & (ends - 60 < stop + 60 * quick.postictal_min)).any()
    near = near_onsets(ends, animal.onsets_s[None], quick)[0]
    before = animal.onsets_s - ends[~near][:, None]
    assert ((before < 0) | (before > 60 * quick.interictal_min)).all()
    assert near.any()


def test_time_before_a_lead_seizure_that_is_not_tested_is_not_interictal(seen, quick):
    animal, stretch = seen
    lead = lead_seizures(animal, stretch, quick)
    dropped = animal.onsets_s[lead[3]]
    gap_s = 60 * quick.interictal_min

    def before(asked):
        left = dropped - animal.time_s[interictal(animal, stretch, asked, quick)]
        return ((left >= 0) & (left <= gap_s)).any()

    assert before(lead)
    assert not before(np.delete(lead, 3))
