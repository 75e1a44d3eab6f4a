import numpy as np
import pandas as pd
import pytest

from vigil.simulate.plan import plan_rig
from vigil.simulate.rig import simulate_rig
from vigil.simulate.settings import Rig
from vigil.simulate.traits import CHARACTERS, PLAIN, Traits, montage_of, traits_of

RIG = Rig(animals=8, labelled=8, channels=4, varied=True, natural=True, minutes=60, seed=3)


def test_animals_are_alike_unless_the_rig_is_varied():
    plain = Rig(animals=8, labelled=8, channels=4)
    assert all(traits_of(plain, k) is PLAIN for k in range(8))
    assert {p.montage for p in plan_rig(plain)} == {plain.montage}
    assert all(p.nuance is None for p in plan_rig(plain))


def test_the_same_seed_makes_the_same_animals():
    assert traits_of(RIG, 2) == traits_of(RIG, 2)
    assert traits_of(RIG, 2) != traits_of(Rig(varied=True, seed=4), 2)
    # the character comes back after the last, the draws do not
    later = traits_of(RIG, 2 + len(CHARACTERS))
    assert later.lacks == traits_of(RIG, 2).lacks
    assert later.slope != traits_of(RIG, 2).slope


def test_every_trait_is_drawn_within_its_range():
    drawn = [traits_of(RIG, k) for k in range(40)]
    for name, low, high in (
        ("slope", 1.2, 2.0),
        ("theta_hz", 7.0, 8.8),
        ("awakenings", 15, 45),
        ("drowsy", 15, 40),
        ("half_rem", 10, 25),
    ):
        values = np.array([getattr(t, name) for t in drawn])
        assert low <= values.min() < low + 0.3 * (high - low)
        assert high - 0.3 * (high - low) < values.max() <= high


@pytest.mark.parametrize("number", range(8))
def test_an_animal_has_the_electrodes_that_its_character_leaves(number):
    montage = plan_rig(RIG)[number].montage
    lacks = CHARACTERS[number].get("lacks", ())
    assert not set(lacks) & set(montage.regions)
    assert len(montage.channel) == 4
    assert montage.kind == ("lfp",) * 3 + ("emg",)


def test_some_animals_lack_the_hippocampus_and_some_the_cortex():
    regions = [p.montage.regions for p in plan_rig(RIG)]
    for region in ("hippocampus", "cortex"):
        assert 2 <= sum(region not in r for r in regions) <= 4


def test_an_animal_keeps_a_region_where_its_character_would_leave_none():
    rig = Rig(channels=2, regions=("cortex",), varied=True)
    assert montage_of(rig, Traits(lacks=("cortex",))).regions == ("cortex",)


def test_each_animal_of_a_varied_rig_has_a_montage_file(tmp_path):
    rig = Rig(animals=2, labelled=2, minutes=1, channels=4, varied=True, video=False)
    table = pd.read_csv(simulate_rig(tmp_path, rig), sep="\t")
    regions = [
        set(pd.read_csv(tmp_path / name, sep="\t").query("kind == 'lfp'")["region"])
        for name in table["montage"]
    ]
    assert table["montage"].tolist() == ["montage_mouse1.tsv", "montage_mouse2.tsv"]
    assert "hippocampus" in regions[0]
    assert "hippocampus" not in regions[1]
