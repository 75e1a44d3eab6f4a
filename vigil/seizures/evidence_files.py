"""evidence.zarr: what every channel says in every step, written and read section by section."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr
from zarr.codecs import BloscCodec

from vigil.seizures.evidence import ARTEFACTS, MOVEMENT, Evidence

CHUNK_STEPS = 4096
LARGEST = 60000.0  # float16 ends at 65504; a z of that size says no more than this one
PER_CHANNEL = ("spread_ln",)  # in the attributes
OF_STEPS = {
    "artefact": "uint8",
    "suppressed": "bool",
    "common_band": "float16",
    "common_fast": "float16",
    "fast_rise": "float16",
    "emg_rise": "float16",
}
WORDS = "artefact_words"  # attribute: what the codes of `artefact` mean


@dataclass(frozen=True)
class EvidenceFile:
    """The evidence of a recording on disk.

    Parameters
    ----------
    arrays : mapping
        zarr arrays by the name of the field of `Evidence`, (step, channel) or (step,).
    n_steps, step_s
        Number of the steps and their length.
    channels, regions : tuple of str
        Of the channels of the brain.
    spread_ln : ndarray
        (channel,), see `Evidence`.
    words : tuple of str
        What the codes of `artefact` mean.
    """

    arrays: dict[str, zarr.Array[Any]]
    n_steps: int
    step_s: float
    channels: tuple[str, ...]
    regions: tuple[str, ...]
    spread_ln: npt.NDArray[np.float32]
    words: tuple[str, ...]

    def read(self, first: int, last: int) -> Evidence:
        """Evidence of steps [first, last); numbers are float32, stored with three figures."""
        found: dict[str, Any] = {k: np.asarray(x[first:last]) for k, x in self.arrays.items()}
        for name, values in found.items():
            if values.dtype == np.float16:
                found[name] = values.astype(np.float32)
        found["artefact"] = np.array(self.words)[found["artefact"]]
        return Evidence(**found, spread_ln=self.spread_ln)

    def put(self, first: int, evidence: Evidence) -> None:
        """Store the evidence of consecutive steps from `first` on."""
        n = len(evidence.suppressed)
        for name, array in self.arrays.items():
            values = getattr(evidence, name)
            if name == "artefact":
                values = np.array([self.words.index(word) for word in values.tolist()], np.uint8)
            if array.dtype == np.float16:
                values = np.clip(values, -LARGEST, LARGEST).astype(np.float16)
            array[first : first + n] = values


def stored_fields() -> list[str]:
    """Names of the arrays: the fields of `Evidence` that have a value in every step."""
    return [f.name for f in fields(Evidence) if f.name not in PER_CHANNEL]


def create_evidence(
    path: str | Path,
    n_steps: int,
    step_s: float,
    channels: Sequence[str],
    regions: Sequence[str],
    spread_ln: npt.NDArray[np.float32],
) -> EvidenceFile:
    """Make an empty evidence.zarr to be filled in sections of `CHUNK_STEPS`."""
    group = zarr.create_group(str(path), overwrite=True)
    group.attrs.update(
        {
            "step_s": step_s,
            "channels": list(channels),
            "regions": list(regions),
            "spread_ln": [float(s) for s in spread_ln],
            WORDS: ["", *ARTEFACTS.values(), MOVEMENT],
        }
    )
    for name in stored_fields():
        per_step = name in OF_STEPS
        kind = OF_STEPS.get(name, "uint8" if name == "fault" else "float16")
        group.create_array(
            name,
            shape=(n_steps,) if per_step else (n_steps, len(channels)),
            dtype=kind,
            chunks=(CHUNK_STEPS,) if per_step else (CHUNK_STEPS, len(channels)),
            dimension_names=("step",) if per_step else ("step", "channel"),
            compressors=BloscCodec(cname="lz4", clevel=1, shuffle="bitshuffle"),
        )
    return _of(group)


def open_evidence(path: str | Path) -> EvidenceFile:
    """Open the evidence.zarr of a recording for reading."""
    return _of(zarr.open_group(str(path), mode="r"))


def _of(group: zarr.Group) -> EvidenceFile:
    a: dict[str, Any] = dict(group.attrs)
    # by name: Snakemake lays a mark of its own into folders, which zarr would warn of
    arrays: dict[str, Any] = {name: group[name] for name in stored_fields()}
    return EvidenceFile(
        arrays,
        arrays["suppressed"].shape[0],
        a["step_s"],
        tuple(a["channels"]),
        tuple(a["regions"]),
        np.asarray(a["spread_ln"], np.float32),
        tuple(a[WORDS]),
    )
