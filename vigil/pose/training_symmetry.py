"""Which body parts a mirror swaps, by their names: a mirrored left ear is a right ear.

Training mirrors half of the frames. Where left and right are not known, it must not: it would
teach the left ear as the right one.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

from vigil.recording import RecordingError

log = logging.getLogger("vigil")

# wherever they stand in a name, also within a word (leftear)
WORDS = {"left": "right", "right": "left"}
# on their own (ear_L, earL, L ear), or at either end of a word (earl, Lear)
LETTERS = {"l": "r", "r": "l", "lt": "rt", "rt": "lt"}
GLUED = {"l": "r", "r": "l"}
# ear_L, ear L, ear.L, ear-L; earL, LEar, L1
BETWEEN_WORDS = re.compile(
    r"[\W_]+|(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][^\W\d_A-Z])"
    r"|(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)"
)
REMEDY = "name the pairs (--symmetric LEFT:RIGHT ...), or give --symmetric alone if there are none"


@dataclass(frozen=True)
class Mirror:
    """What a mirror does to the parts, as far as their names tell.

    Parameters
    ----------
    pairs : list of tuple, optional
        Left and right; None where frames must not be mirrored.
    doubt : str
        Why they must not, when a name speaks of a side; else empty.
    """

    pairs: list[tuple[str, str]] | None
    doubt: str = ""


def find_mirror(parts: Sequence[str]) -> Mirror:
    """Find the pairs of parts whose names differ only in left and right.

    Left and right may be words (`left_ear`, `EarRight`, `LEFT-EAR`), letters of their own
    (`ear_L`, `earL`, `l.ear`), or the first or last letter of a word (`earl` and `earr`),
    the latter only where both are there.
    """
    found: dict[str, str] = {}
    for part in parts:
        spelt, partners = _partners(part, parts)
        if len(partners) > 1:
            return Mirror(None, f"{part} may be the mirror image of {' or '.join(partners)}")
        if spelt and not partners:
            return Mirror(None, f"{part} has a side in its name, but no partner on the other")
        if partners:
            found[part] = partners[0]
    if lone := next((p for p, other in found.items() if found.get(other) != p), None):
        return Mirror(None, f"{lone} may be the mirror image of {found[lone]}, or not")
    pairs = [(p, found[p]) for p in parts if p in found and _is_left(p, found[p])]
    return Mirror(pairs or None)


def check_pairs(pairs: Sequence[tuple[str, str]], parts: Sequence[str]) -> None:
    """Refuse pairs that no mirror can swap.

    Raises
    ------
    RecordingError
        When a part is unknown, its own partner, or in two pairs.
    """
    named = [part for pair in pairs for part in pair]
    if unknown := sorted(set(named) - set(parts)):
        raise RecordingError(
            f"There is no body part {unknown[0]} among the labels; there are {', '.join(parts)}."
        )
    if same := next((left for left, right in pairs if left == right), None):
        raise RecordingError(
            f"--symmetric has {same}:{same}; leave out a part that a mirror does not swap."
        )
    if twice := next((part for part in named if named.count(part) > 1), None):
        raise RecordingError(
            f"--symmetric has {twice} in more than one pair; a part has one partner."
        )


def tell_mirror(parts: Sequence[str], pairs: Sequence[tuple[str, str]] | None) -> None:
    """Log what a mirror does to the parts in training; pairs None: frames are not mirrored."""
    if pairs is None:
        doubt = find_mirror(parts).doubt
        log.log(
            logging.WARNING if doubt else logging.INFO,
            "frames are not mirrored in training, only rotated: %s; %s",
            doubt or "no two parts differ in left and right",
            REMEDY,
        )
        return
    for pair in pairs:
        log.info("a mirror swaps %s and %s", *pair)
    stay = [part for part in parts if not any(part in pair for pair in pairs)]
    if stay:
        log.info("a mirror swaps no other part: %s", ", ".join(stay))


def _partners(part: str, parts: Sequence[str]) -> tuple[bool, list[str]]:
    """Whether a name spells out its side, and the parts that are called like its mirror image."""
    if (other := _by_word(part)) != _joined(part):
        return True, [p for p in parts if _joined(p) == other]
    words = _words(part)
    if any(word in LETTERS for word in words):
        mirrored = [LETTERS.get(word, word) for word in words]
        return True, [p for p in parts if _words(p) == mirrored]
    guesses = [
        [*words[:k], guess, *words[k + 1 :]]
        for k, word in enumerate(words)
        for guess in _by_end(word)
    ]
    return False, [p for p in parts if _words(p) in guesses]


def _words(part: str) -> list[str]:
    return [word.lower() for word in BETWEEN_WORDS.split(part) if word]


def _joined(part: str) -> str:
    return "".join(_words(part))


def _by_word(part: str) -> str:
    return re.sub("|".join(WORDS), lambda side: WORDS[side[0]], _joined(part))


def _by_end(word: str) -> list[str]:
    """A word with its first, and with its last, letter swapped."""
    first = [GLUED[word[0]] + word[1:]] if word[0] in GLUED else []
    return first + ([word[:-1] + GLUED[word[-1]]] if word[-1] in GLUED else [])


def _is_left(part: str, other: str) -> bool:
    """Whether a part is the left one of a pair: left, link and l come before right and r."""
    mine, others = "".join(_words(part)), "".join(_words(other))
    at = next(k for k, (a, b) in enumerate(zip(mine, others, strict=False)) if a != b)
    return mine[at] == "l"
