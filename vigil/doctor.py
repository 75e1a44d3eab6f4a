"""What works on this machine, in green and red."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
LEAST_FREE_GB = 20


def examine() -> int:
    """Print one line per thing that the workflow needs; 0 when all that must work does."""
    faults = 0
    colour = sys.stdout.isatty()
    for works, needed, line in findings():
        word = "ok" if works else ("FAULT" if needed else "absent")
        faults += not works and needed
        if colour:
            word = f"\033[{32 if works else 31 if needed else 33}m{word}\033[0m"
        print(f"{word}  {line}")
    return 1 if faults else 0


def findings() -> Iterator[tuple[bool, bool, str]]:
    """Yield whether a thing works, whether it is needed, and a sentence about it."""
    version = _answer([sys.executable, "-m", "snakemake", "--version"])
    yield bool(version), True, f"snakemake {version or 'does not answer; run `make install`'}"
    python = os.environ.get("VIGIL_POSE_PYTHON") or str(CHECKOUT / ".venv-pose/bin/python")
    code = (
        "import importlib.metadata as m, torch; gpu = torch.cuda.is_available(); "
        "print(m.version('deeplabcut'), 'with a GPU' if gpu else 'on the CPU')"
    )
    pose = _answer([python, "-c", code])
    yield bool(pose), True, f"deeplabcut {pose or f'does not answer in {python}; `make install`'}"
    model = CHECKOUT / "vigil/pose/model/card.json"
    yield model.is_file(), True, "the shipped pose model" + ("" if model.is_file() else " is gone")
    free_gb = shutil.disk_usage(".").free / 1e9
    yield free_gb > LEAST_FREE_GB, False, f"{free_gb:.0f} GB free in this folder"
    slurm = _answer(["sinfo", "--version"])
    yield bool(slurm), False, slurm or "Slurm: no sinfo here, profiles/slurm cannot be used"
    rclone = _answer(["rclone", "version"]).split("\n")[0]
    remotes = _answer(["rclone", "listremotes", "--ask-password=false"]).split()
    named = f", remotes: {' '.join(remotes) or 'none configured'}"
    absent = "rclone: not installed; remote sources need it (apt-get install rclone)"
    yield bool(rclone), False, rclone + named if rclone else absent


def _answer(command: list[str]) -> str:
    """Standard output of a command, '' when it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
