"""A device is looked at before hours of work depend on it."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from vigil.pose.training_device import find_device
from vigil.recording import RecordingError


def machine(monkeypatch, cards: int = 0, mps: bool = False) -> None:
    torch = ModuleType("torch")
    cuda = SimpleNamespace(is_available=lambda: cards > 0, device_count=lambda: cards)
    monkeypatch.setattr(torch, "cuda", cuda, raising=False)
    backends = SimpleNamespace(mps=SimpleNamespace(is_available=lambda: mps))
    monkeypatch.setattr(torch, "backends", backends, raising=False)
    monkeypatch.setitem(sys.modules, "torch", torch)


@pytest.mark.parametrize(
    ("cards", "mps", "best"), [(0, False, "cpu"), (0, True, "mps"), (2, False, "cuda")]
)
def test_auto_takes_the_best_that_is_there(monkeypatch, cards, mps, best) -> None:
    machine(monkeypatch, cards, mps)
    assert find_device("auto") == best
    assert find_device("cpu") == "cpu"
    assert find_device(best) == best


@pytest.mark.parametrize(
    ("cards", "device", "sentence"),
    [
        (0, "cuda", "There is no cuda that"),
        (0, "cuda:0", "There is no cuda:0 that"),
        (1, "cuda:1", "There is no cuda:1 that"),
        (1, "mps", "There is no mps that"),
        (1, "gpu", "--device is 'gpu'; it may be"),
        (1, "cuda:x", "--device is 'cuda:x'; it may be"),
    ],
)
def test_a_device_that_is_not_there_is_told(monkeypatch, cards, device, sentence) -> None:
    machine(monkeypatch, cards)
    with pytest.raises(RecordingError, match=sentence):
        find_device(device)
