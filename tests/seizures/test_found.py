"""Seizures of simulated epileptic animals are found, and what looks like them is not."""

import numpy as np
import pytest

from vigil.seizures.evidence_files import open_evidence
from vigil.seizures.observe import run_evidence
from vigil.seizures.scoring import Watched, score_recordings
from vigil.seizures.sections import find_events_in
from vigil.seizures.settings import Settings
from vigil.simulate.lfp import write_lfp
from vigil.simulate.plan import plan_rig
from vigil.simulate.settings import Rig
from vigil.stage import Job

RIG = Rig(
    animals=3,
    labelled=0,
    minutes=40,
    channels=9,
    seed=120,
    video=False,
    natural=True,
    varied=True,
    epileptic=True,
    seizures_per_h=5,
)


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """Two animals of 40 minutes each, the plan's truth and what is found."""
    folder = tmp_path_factory.mktemp("found")
    settings = Settings()
    outcomes = []
    for plan in plan_rig(RIG)[1:]:
        lfp, evidence = (
            folder / f"{plan.recording}.zarr",
            folder / f"{plan.recording}-evidence.zarr",
        )
        write_lfp(RIG, plan, lfp)
        inputs, outputs = {"lfp": str(lfp)}, {"evidence": str(evidence)}
        run_evidence(Job("seizures", "1", plan.recording, inputs, outputs))
        store = open_evidence(evidence)
        outcomes.append((plan, store, *find_events_in(store, settings)))
    return outcomes


def test_every_seizure_is_found_strictly_and_none_besides(watched):
    recordings = [
        Watched(
            [(s.onset_s, s.end_s) for s in plan.seizures],
            [(0.5 * e.first, 0.5 * e.last) for e in events],
            0.5 * store.n_steps,
        )
        for plan, store, events, _ in watched
    ]
    strict = score_recordings(recordings).set_index("preset").loc["strict"]
    assert strict["seizures"] >= 5
    assert strict["sensitivity"] == 1.0
    assert strict["false"] == 0
    assert strict["onset_error_s"] <= 2.0
    assert strict["overlap"] >= 0.8


def test_what_looked_like_one_is_named(watched):
    named = 0
    for plan, _, _, rejected in watched:
        for r in rejected:
            over = [
                d.kind
                for d in plan.disturbances
                if d.start_s < 0.5 * r.last and 0.5 * r.first < d.stop_s
            ]
            if r.reason in ("cable", "chewing", "mains", "saturated", "unplugged"):
                named += 1
                assert over
    assert named


def test_sections_find_what_the_whole_has(watched):
    for _, store, events, rejected in watched:
        again, none = find_events_in(store, Settings(), section_s=900.0)
        assert again == events
        np.testing.assert_array_equal([r.first for r in none], [r.first for r in rejected])
