"""The methods paragraph, written from the settings that were actually used.

Every stage left its settings in provenance.json. A stage whose settings have grown beyond
the sentence still lists them all in the page's tables, so nothing goes unsaid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vigil.page.words import count_words, list_words
from vigil.report.findings import Findings

Settings = Mapping[str, Any]
LEARNERS = {
    "logistic": "multinomial logistic regression",
    "forest": "a random forest (Breiman 2001)",
    "xgboost": "gradient-boosted trees (XGBoost, Chen and Guestrin 2016)",
}
DECODERS = {
    "hmm": ", decoded by a hidden Markov model (forward-backward; Rabiner 1989)",
    "causal hmm": ", decoded by a hidden Markov model that knows the past alone (Rabiner 1989)",
}
UNSEEN = {
    "animal": "The model had not learnt from this animal",
    "blocks": "Each block of time was scored by a model that had not learnt from it",
}
"""By `decided.folds`: how a recording that has labels itself was kept from its own scores."""
ORDER = ("transfer", "downsample", "spectra", "pose", "kinematics", "sleep", "seizures")


def _transfer(s: Settings) -> str:
    how = {"copy": "copied", "link": "hard-linked", "in_place": "read in place"}[s["mode"]]
    kind = {"xxh3": "XXH3-128", "sha256": "SHA-256"}[s["hash"]]
    return f"Raw files were {how} and verified by {kind} hashes."


def _downsample(s: Settings) -> str:
    return (
        f"Signals were low-pass filtered (pass band flat to {100 * s['passband']:g} % of the new "
        f"Nyquist frequency, at least {s['stopband_db']:g} dB attenuation from there on) and "
        f"downsampled to {s['rate_hz']:g} Hz, each gapless segment by itself. Channels that were "
        f"flat during more than {100 * s['flat_share']:g} % of their time or saturated in more "
        f"than {100 * s['saturated_share']:g} % of their samples were left out, and brain channels "
        f"that were silent (below {s['silent_uv']:g} µV), identical to another one or disconnected "
        f"(correlated below {s['min_correlation']:g} with all others, and hum, noise or the others "
        "of their region spoke against them), unless the montage overruled it."
    )


def _spectra(s: Settings) -> str:
    bands = list_words(
        [f"{n.replace('_', ' ')} {a:g}-{b:g} Hz" for n, (a, b) in s["bands"].items()]
    )
    left_out_hz = s["mains_width_hz"] + s["nw"] / s["epoch_s"]
    return (
        f"Spectra were estimated with multitapers (Thomson 1982; time-bandwidth product "
        f"{s['nw']:g}) in epochs of {s['epoch_s']:g} s, and for the spectrogram in windows of "
        f"{s['spectrogram_window_s']:g} s every {s['spectrogram_step_s']:g} s. Bands were {bands}; "
        f"{s['mains_hz']:g} Hz and its harmonics (±{left_out_hz:g} Hz) were left out."
    )


def _pose(s: Settings) -> str:
    return (
        f"Ears and snout were tracked in the video with DeepLabCut (Mathis et al. 2018; model "
        f"'{s['model']}')."
    )


def _kinematics(s: Settings) -> str:
    return (
        f"Head position is the midpoint of the ears, head direction the normal of the ear axis "
        f"towards the snout. Parts with a likelihood below {s['likelihood_min']:g} counted as "
        f"missing and gaps of up to {s['max_gap_s']:g} s were interpolated. Velocity, acceleration "
        f"and jerk are Savitzky-Golay derivatives (Savitzky and Golay 1964; window "
        f"{s['window_s']:g} s, order {s['polyorder']}). Turns are stretches faster than "
        f"{s['turn_speed_deg_s']:g} °/s that add up to {s['turn_angle_deg']:g}° or more."
    )


def _sleep(s: Settings) -> str:
    parts = [_scored(s), *_after_the_scorer(s)]
    parts.append(
        "Total sleep, latencies, fragmentation and transitions were counted with YASA (Vallat and "
        "Walker 2021); nothing was counted across unclassified epochs"
    )
    return ". ".join(parts) + "."


def _scored(s: Settings) -> str:
    """How the states were scored: by thresholds, or by what that learnt from labels."""
    if s["scorer"] == "threshold":
        return (
            "Wake, NREM and REM were scored with thresholds at the dips of bimodal distributions "
            "(after Watson et al. 2016)"
        )
    if s["scorer"] != "model":
        raise KeyError("what 'auto' decided")
    learner, _, decoder = str(s.get("chosen", "")).partition(" + ")
    text = f"Wake, NREM and REM were scored by {LEARNERS.get(learner, 'a trained model')}"
    if s.get("animals"):
        text += f" trained on labels of {list_words(s['animals'])}"
    text += DECODERS.get(decoder, "")
    chosen = s.get("learner", "auto") == "auto" or s.get("smoothing", "auto") == "auto"
    text += (
        f", {'chosen and calibrated' if chosen else 'calibrated'} on labels left out of training"
    )
    if s.get("folds") in UNSEEN:
        text += f". {UNSEEN[s['folds']]}"
    return text


def _after_the_scorer(s: Settings) -> list[str]:
    """The rules after the scorer, those that do something."""
    parts = []
    if s["scorer"] == "model" and s.get("min_confidence"):
        parts.append(
            f"Epochs with a probability below {s['min_confidence']:g} were left unclassified"
        )
    if s.get("movement_cm_s"):
        parts.append(f"Epochs with a mean head speed from {s['movement_cm_s']:g} cm/s are wake")
    names = {"wake": "wake", "nrem": "NREM", "rem": "REM"}
    pairs = [f"{names[a]} to {names[b]}" for a, b in s.get("forbidden_transitions") or ()]
    if pairs:
        brief = s.get("brief_awakening_epochs")
        passed = (
            f"; wakefulness of up to {count_words(brief, 'epoch')} passed over" if brief else ""
        )
        parts.append(
            f"After a forbidden transition ({list_words(pairs)}{passed}) the state before went on"
        )
    least = {k: n for k, n in (s.get("min_bout_epochs") or {}).items() if n > 1}
    if least:
        bouts = list_words([f"{names[k]} {n} epochs" for k, n in least.items()])
        parts.append(f"Shorter bouts took the state before them (least lengths: {bouts})")
    return parts


def _seizures(s: Settings) -> str:
    return (
        "Seizures were sought by line length, power ratio and spike rate, each as a robust z-score "
        f"against the recording's own baseline ({s['baseline_window_s']:g} s window). An event "
        f"needs at least {s['min_channels']} channels at z ≥ {s['enter_z']:g} (continuing to "
        f"z ≥ {s['keep_z']:g}), {s['min_duration_s']:g} s, and an evolution of amplitude "
        f"or frequency by a factor of {s['min_evolution']:g}. Onsets "
        "per contact are from the energy ratio of the Epileptogenicity Index (Bartolomei et al. "
        f"2008; Page-Hinkley test, bias {s['ei_bias']:g}), a change point of line length and "
        "low-voltage fast activity; the index itself sums the ratio over "
        f"{s['ei_sum_s']:g} s and does not place the onset. Contacts were joined to regions by "
        f"the median, and the confidence of the region of onset is from {s['bootstrap']} bootstrap "
        f"draws. Postictal suppression is line length below {100 * s['suppression_share']:g} % of "
        "the baseline."
    )


_SENTENCES: dict[str, Callable[[Settings], str]] = {
    "transfer": _transfer,
    "downsample": _downsample,
    "spectra": _spectra,
    "pose": _pose,
    "kinematics": _kinematics,
    "sleep": _sleep,
    "seizures": _seizures,
}


def stage_sentence(stage: str, settings: Settings) -> str:
    """What a stage did, in words; a plain list of its settings where it has none of its own."""
    if stage in _SENTENCES:
        try:
            return _SENTENCES[stage](settings)
        except (KeyError, TypeError, ValueError):
            pass  # another version's settings: the list below still tells all of them
    known = list_words([f"{k} = {v}" for k, v in settings.items()])
    return f"{stage.capitalize()} was run with {known}." if known else ""


def versions_sentence(findings: Findings) -> str:
    """Which program made this, in which versions."""
    records = list(findings.provenances.values())
    if not records:
        return ""
    versions = sorted({str(p.get("program_version", "")) for p in records} - {""})
    revisions = sorted({str(p.get("git_revision", "")) for p in records} - {""})
    text = f"The analysis was done with Vigil {list_words(versions)}"
    return f"{text} (revision {list_words(revisions)})." if revisions else f"{text}."


def methods_paragraph(findings: Findings) -> str:
    """The methods of this recording, ready for a paper."""
    found = findings.provenances
    stages = [s for s in ORDER if s in found] + [s for s in found if s not in ORDER]
    # what a stage decided while it ran stands above what the settings left open
    used = {s: found[s].get("settings", {}) | found[s].get("decided", {}) for s in stages}
    told = [stage_sentence(s, used[s]) for s in stages]
    return " ".join(t for t in [*told, versions_sentence(findings)] if t)


def methods_markdown(findings: Findings) -> str:
    """methods.md: the paragraph, and the settings of each stage as they were used."""
    lines = [
        f"# Methods: {findings.recording}",
        "",
        methods_paragraph(findings) or "Nothing was run.",
    ]
    for stage, record in findings.provenances.items():
        lines += ["", f"## {stage} (method version {record.get('method_version', '?')})", ""]
        settings = record.get("settings", {})
        lines += [f"- `{name}` = `{value}`" for name, value in settings.items()] or ["no settings"]
    return "\n".join(lines) + "\n"
