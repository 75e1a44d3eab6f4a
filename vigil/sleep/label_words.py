"""The words of experts and programs for the states of sleep."""

from __future__ import annotations

import re

WORDS = {
    "wake": "w wake waking wakefulness awake wk qw aw quiet_wake active_wake",
    "nrem": "n nr nrem nonrem non_rem nrem_sleep sws slow_wave_sleep s n1 n2 n3 n4",
    "rem": "r rem rem_sleep ps paradoxical_sleep",
    "unclassified": "u unclassified unscored undefined unknown unsure ? mt movement movement_time "
    "artefact artefacts artifact artifacts art",
}
"""Synonyms by state, with one underscore for any blanks, hyphens and underscores.

`sleep` alone is none of them: it says neither NREM nor REM."""

HUMAN_STAGES = {"1": "nrem", "2": "nrem", "3": "nrem", "4": "nrem"}
"""Digits that mean a state only after the words 'Sleep stage' (EDF+, Kemp and Olivan 2003)."""

_STATE = {word: state for state, words in WORDS.items() for word in words.split()}


def state_of_word(word: str) -> str | None:
    """The state that a word means.

    Parameters
    ----------
    word : str
        In any case; 'Sleep stage W' and the like are taken as EDF+ writes them.

    Returns
    -------
    str or None
        A state of `vigil.recording.STATES`, '' for an empty word (not labelled), None for
        a word that means no state. Digits alone mean none: programs count states differently.
    """
    key = re.sub(r"[\s_-]+", "_", word.strip().lower())
    if not key:
        return ""
    stage = key.removeprefix("sleep_stage_")
    if stage != key and stage in HUMAN_STAGES:
        return HUMAN_STAGES[stage]
    return _STATE.get(stage)
