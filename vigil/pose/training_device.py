"""Where a network is trained, looked at before hours of work depend on it."""

from __future__ import annotations

import re

from vigil.recording import RecordingError

DEVICE = re.compile(r"cpu|mps|cuda(:(?P<number>\d+))?")


def find_device(device: str) -> str:
    """The device's name, as DeepLabCut's training wants it; of 'auto' the best that is there.

    Raises
    ------
    RecordingError
        When there is no such device.
    """
    import torch

    cards = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device == "auto":
        return "cuda" if cards else "mps" if torch.backends.mps.is_available() else "cpu"
    named = DEVICE.fullmatch(device)
    if not named:
        raise RecordingError(f"--device is {device!r}; it may be auto, cpu, cuda, cuda:0 or mps.")
    there = {
        "cuda": int(named["number"] or 0) < cards,
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if not there[device.partition(":")[0]]:
        raise RecordingError(
            f"There is no {device} that PyTorch can use on this machine; take --device cpu, or "
            "auto for what is there."
        )
    return device
