"""Downsample beside whole tools on the same files, from opening the folder to a saved result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from downsample_stage import COUNTED, Recording, Sizes, prepare, reducing
from harness import Bench, interleaved
from rig_files import Rig, n_samples
from worker import HERE, Worker, python_of

SPIKEINTERFACE_SHARE, MNE_SHARE = 2, 5
"""Slow tools get this part of the length; mne holds all of it in float64 and more."""


@dataclass(frozen=True)
class Peer:
    """One way to run a tool: a task of downsample_peers.py, and Vigil's aim against it."""

    name: str
    threads: int
    aim: str
    task: str
    arguments: Mapping[str, Any]


SPIKEINTERFACE = [
    Peer(
        f"spikeinterface resample to {form}, n_jobs {n}",
        threads=n,
        aim=">= 20",
        task="spikeinterface",
        arguments={"form": form, "threads": n},
    )
    for form in ("binary", "zarr")
    for n in COUNTED
]
MNE = [
    Peer(
        f"mne resample by {method}, n_jobs {n}",
        threads=n,
        aim=">= 50",
        task="mne",
        arguments={"method": method, "threads": n},
    )
    for method in ("fft", "polyphase")
    for n in COUNTED
]


def whole_tools(bench: Bench, rig: Rig, stage: Worker, sizes: Sizes) -> None:
    """Against spikeinterface and mne, each on a length that it can hold."""
    with Worker(python_of("bench"), HERE / "downsample_peers.py") as tools:
        bench.versions = tools.ask("versions") | bench.versions
        for peers, share in ((SPIKEINTERFACE, SPIKEINTERFACE_SHARE), (MNE, MNE_SHARE)):
            recording = prepare(rig, stage, sizes.channels, sizes.seconds / share)
            beside(bench, recording, stage, tools, peers, max(1, sizes.few - 1))


def beside(
    bench: Bench,
    recording: Recording,
    stage: Worker,
    tools: Worker,
    peers: Sequence[Peer],
    repeats: int,
) -> None:
    """Measure the stage and some peers in turn, and keep the rates and the ratios."""
    folder, place = str(recording.files[0].parent), str(recording.out.with_name("peer"))

    def running(peer: Peer) -> Callable[[], float]:
        return lambda: tools.ask(peer.task, folder=folder, place=place, **peer.arguments)

    ours = {n: f"Vigil beside {peers[0].task}, {COUNTED[n]}" for n in {p.threads for p in peers}}
    measures = {name: reducing(stage, recording, n) for n, name in ours.items()}
    measures |= {peer.name: running(peer) for peer in peers}
    interleaved(measures, 1)  # imports and compiled kernels
    runs = interleaved(measures, repeats)
    for name, seconds in runs.items():
        samples = n_samples(recording.files) / 1e6
        bench.add_rate(f"whole tools: {name}", samples, seconds, "MS/s")
    for peer in peers:
        against = f"whole tools: against {peer.name}"
        bench.add_ratio(against, runs[peer.name], runs[ours[peer.threads]], peer.aim)
