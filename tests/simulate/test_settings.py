import pytest

from vigil.recording import read_montage
from vigil.simulate.settings import Rig, lay_out_channels

REGIONS = ("hippocampus", "cortex", "amygdala", "thalamus")


def test_eight_channels_cover_four_regions_and_the_neck():
    montage = lay_out_channels(8, REGIONS)
    assert montage.regions == REGIONS
    assert montage.kind == ("lfp",) * 7 + ("emg",)
    assert [len(montage.channels_of(r)) for r in REGIONS] == [2, 2, 2, 1]


@pytest.mark.parametrize(
    ("channels", "regions", "emg"), [(1, 1, 0), (2, 2, 0), (3, 2, 1), (64, 4, 1)]
)
def test_any_number_of_channels(channels, regions, emg):
    montage = lay_out_channels(channels, REGIONS)
    assert len(montage.channel) == channels
    assert len(montage.regions) == regions
    assert len(montage.of_kind("emg")) == emg


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"animals": 0}, "animals"),
        ({"minutes": 0.5}, "minutes"),
        ({"labelled": 9}, "labelled"),
        ({"start": "2026-03-02T09:00:00"}, "start"),
        ({"preictal_min": 10}, "epileptic"),
        ({"preictal_min": -1, "epileptic": True}, "preictal_min"),
        ({"seizures_per_h": -1}, "seizures_per_h"),
    ],
)
def test_wrong_settings_are_named(wrong, name):
    with pytest.raises(ValueError, match=name):
        Rig(**wrong)


def test_the_frame_holds_the_arena():
    assert Rig().frame_px == 128


def test_the_written_montage_is_read_back(tiny_rig):
    montage = read_montage(tiny_rig / "montage.tsv", [f"CSC{k}" for k in range(1, 6)])
    assert montage == Rig(channels=5).montage
