"""Which channels can be trusted: a verdict for each, with its measures and the reason.

`bad` channels are left out by later stages; `warn` asks a person to look. What all channels have
in common is the rig's or the animal's doing: only what sets a channel apart makes it bad.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.downsample.excerpts import Measures, measure_excerpts
from vigil.downsample.files import Lfp
from vigil.downsample.settings import Settings
from vigil.downsample.tally import WINDOW_S, RawTally
from vigil.page.words import count_words, duration_words, percent
from vigil.recording import Montage

JUDGED = ("lfp", "emg", "ecg")
"""Kinds that get a verdict; a reference may be constant, and what is off is not used."""
FEWEST_EXCERPTS = 3
"""A brain may fall silent for some seconds; a channel is called silent after several looks."""


@dataclass
class Complaints:
    """What speaks against a channel."""

    bad: list[str] = field(default_factory=list)
    warn: list[str] = field(default_factory=list)

    def verdict(self) -> tuple[str, str]:
        """`bad`, `warn` or `ok`, and why."""
        if self.bad:
            return "bad", self.bad[0]
        return ("warn", "; ".join(self.warn)) if self.warn else ("ok", "")


def judge_channels(
    tallies: Sequence[RawTally],
    lfp: Lfp,
    montage: Montage,
    settings: Settings,
    threads: int = 1,
) -> pd.DataFrame:
    """One row per channel with its measures, a verdict and the reason for it.

    Parameters
    ----------
    tallies : sequence of RawTally
        What was seen of the raw samples of each channel.
    lfp : Lfp
        The finished store, of which excerpts are read.
    montage : Montage
        Names, regions and kinds, and what the montage says of the quality.
    settings : Settings
        The thresholds.
    threads : int
        Excerpts looked at at the same time.
    """
    measures = measure_excerpts(lfp, threads=threads)
    complaints = [Complaints() for _ in tallies]
    judged = [i for i, kind in enumerate(montage.kind) if kind in JUDGED]
    brain = montage.of_kind("lfp")
    for i in judged:
        _judge_raw(tallies[i], complaints[i], settings)
    for i in judged:
        _judge_silence(i, brain, measures, montage, complaints[i], settings)
    sound = [i for i in judged if not complaints[i].bad]
    said = _said(montage)
    # what the montage leaves out is no reason to leave out its copy as well
    _judge_shorted([i for i in sound if said[i] != "bad"], montage, measures, complaints, settings)
    for i in sound:
        _judge_hum(i, measures, complaints[i], settings)
    sound_brain = [i for i in brain if i in sound]
    if len(sound_brain) > 2:
        for i in sound_brain:
            _judge_contact(i, sound_brain, montage, measures, complaints[i], settings)
    table = _measures_table(tallies, montage, measures)
    verdicts = [_overruled(c.verdict(), q) for c, q in zip(complaints, said, strict=True)]
    return table.assign(verdict=[v for v, _ in verdicts], reason=[r for _, r in verdicts])


def _judge_raw(tally: RawTally, complaints: Complaints, settings: Settings) -> None:
    lost = tally.windows * settings.lost_share
    end = duration_words(tally.silent_end_windows * WINDOW_S)
    if tally.flat_share > settings.flat_share:
        where = f", its last {end} among it" if tally.silent_end_windows > lost else ""
        complaints.bad.append(
            f"flat during {percent(tally.flat_share)} of its time{where}: check the connector"
        )
    if tally.saturated_share > settings.saturated_share:
        share = percent(tally.saturated_share)
        complaints.bad.append(f"saturated in {share} of its samples: check range and cable")
    if tally.dropped_windows > lost:
        times = count_words(tally.drop_outs, "time")
        dropped = duration_words(tally.dropped_windows * WINDOW_S)
        complaints.warn.append(
            f"fell silent {times}, {dropped} in all: look for a loose contact or a weak radio link"
        )
    if tally.silent_end_windows > lost:
        complaints.warn.append(f"flat for its last {end}: was it unplugged?")


def _judge_silence(
    i: int,
    brain: list[int],
    measures: Measures,
    montage: Montage,
    complaints: Complaints,
    settings: Settings,
) -> None:
    """Silence of one channel while others live is a fault; silence of all may be a death."""
    n = len(measures.rms_uv)
    if not n:
        return
    if montage.kind[i] != "lfp":
        loudest_uv = measures.rms_uv[:, i].max()
        if n >= FEWEST_EXCERPTS and loudest_uv < settings.silent_uv:
            complaints.warn.append(f"never more than {loudest_uv:.2g} uV: is it connected?")
        return
    hum = ""
    if measures.mains_share[i] > settings.mains_share:
        hum = f" beside mains hum ({percent(measures.mains_share[i])} of its power)"
    own_uv = measures.rhythm_uv[:, i]
    silent = own_uv < settings.silent_uv
    if n >= FEWEST_EXCERPTS and silent.all():
        complaints.bad.append(
            f"silent, never more than {own_uv.max():.2g} uV{hum}: not connected, or the animal "
            "was dead"
        )
    others = [j for j in brain if j != i]
    if others:
        others_uv = np.median(measures.rhythm_uv[:, others], axis=1)
        live = others_uv >= settings.silent_uv
        if live.any() and silent[live].mean() > 0.5:
            complaints.bad.append(
                f"silent, {np.median(own_uv[live]):.2g} uV where the other brain channels have "
                f"{np.median(others_uv[live]):.2g} uV{hum}: check its contact"
            )
    if silent.mean() > 0.5:
        complaints.warn.append(
            f"silent, {np.median(own_uv[silent]):.2g} uV, in {silent.sum()} of {n} excerpts: "
            "unplugged, or the animal died"
        )


def _judge_shorted(
    sound: list[int],
    montage: Montage,
    measures: Measures,
    complaints: list[Complaints],
    settings: Settings,
) -> None:
    """The later one of two channels with the same signal is bad, the earlier one doubtful."""
    left_out: set[int] = set()
    for place, i in enumerate(sound):
        if i in left_out:
            continue
        same = [
            j for j in sound[place + 1 :] if measures.alike[i, j] > settings.shorted_correlation
        ]
        for j in same:
            complaints[j].bad.append(
                f"identical to {montage.channel[i]}: the two inputs are shorted or one is a copy"
            )
        if same:
            names = ", ".join(montage.channel[j] for j in same)
            complaints[i].warn.append(f"the same signal as {names}: are the inputs shorted?")
        left_out.update(same)


def _judge_hum(i: int, measures: Measures, complaints: Complaints, settings: Settings) -> None:
    if measures.mains_share[i] > settings.mains_share:
        complaints.warn.append(
            f"{percent(measures.mains_share[i])} of its power is {measures.mains_hz:g} Hz mains "
            "hum: check ground and cable"
        )


def _judge_contact(
    i: int,
    brain: list[int],
    montage: Montage,
    measures: Measures,
    complaints: Complaints,
    settings: Settings,
) -> None:
    """A contact that hangs in the air shares no signal with channels that share theirs."""
    others = [j for j in brain if j != i]
    among = measures.related[np.ix_(others, others)].copy()
    np.fill_diagonal(among, 0)
    usual, best = np.median(among.max(axis=1)), measures.related[i, others].max()
    usual_floor = float(np.median(measures.noise_floor_uv2_hz[others]))
    ratio = measures.noise_floor_uv2_hz[i] / usual_floor if usual_floor else 1.0
    noisy = f"its noise floor is {ratio:.0f} times that of the other brain channels"
    enough = 2 * settings.min_correlation
    if best < settings.min_correlation and usual >= enough:
        places = list(zip(montage.region, montage.hemisphere, strict=True))
        here = [places[j] == places[i] for j in others]
        signs = []
        if among[np.ix_(here, here)].max(initial=0) >= enough:
            signs.append(f"the other channels in {montage.region[i]} are")
        if measures.mains_share[i] > settings.mains_share:
            signs.append(f"{percent(measures.mains_share[i])} of its power is mains hum")
        if ratio > settings.noise_ratio:
            signs.append(noisy)
        text = f"not correlated with any brain channel (at most {best:.2f})"
        if signs:
            complaints.bad.append(f"{text}, and {signs[0]}: disconnected?")
        else:
            complaints.warn.append(f"{text}: is it connected?")
    elif ratio > settings.noise_ratio:
        complaints.warn.append(noisy)


def _said(montage: Montage) -> Sequence[str]:
    return montage.quality or ("",) * len(montage.channel)


def _overruled(measured: tuple[str, str], said: str) -> tuple[str, str]:
    """The montage's word goes before what was measured, which stays visible."""
    verdict, reason = measured
    if not said or said == verdict:
        return measured
    return said, f"overruled by the montage (was: {f'{verdict}, {reason}' if reason else verdict})"


def _measures_table(
    tallies: Sequence[RawTally], montage: Montage, measures: Measures
) -> pd.DataFrame:
    correlation, neighbour = _closest(montage, measures.related)
    n = len(tallies)
    rms_uv = np.median(measures.rms_uv, axis=0) if len(measures.rms_uv) else np.full(n, np.nan)
    return pd.DataFrame(
        {
            "channel": montage.channel,
            "region": montage.region,
            "kind": montage.kind,
            "rms_uv": rms_uv,
            "flat_share": [t.flat_share for t in tallies],
            "drop_outs": [t.drop_outs for t in tallies],
            "dropped_s": [t.dropped_windows * WINDOW_S for t in tallies],
            "saturated_share": [t.saturated_share for t in tallies],
            "mains_hz": measures.mains_hz,
            "mains_db": measures.mains_db,
            "mains_share": measures.mains_share,
            "noise_floor_uv2_hz": measures.noise_floor_uv2_hz,
            "correlation": correlation,
            "neighbour": neighbour,
        }
    )


def _closest(montage: Montage, related: npt.NDArray[np.float64]) -> tuple[list[float], list[str]]:
    """Highest correlation of each brain channel: in its region, else with any; and with whom."""
    brain = montage.of_kind("lfp")
    best, name = [np.nan] * len(montage.channel), [""] * len(montage.channel)
    for i in brain:
        others = [j for j in brain if j != i]
        near = [j for j in others if montage.region[j] == montage.region[i]] or others
        if near and np.isfinite(related[i, near]).all():
            j = max(near, key=lambda j: float(related[i, j]))
            best[i], name[i] = float(related[i, j]), montage.channel[j]
    return best, name
