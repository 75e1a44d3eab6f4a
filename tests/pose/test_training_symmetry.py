"""Which parts a mirror swaps: every usual spelling of left and right, and no guess in doubt."""

import logging

import pytest

from vigil.pose.training_symmetry import check_pairs, find_mirror, tell_mirror
from vigil.recording import RecordingError


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("leftear", "rightear"),
        ("left_ear", "right_ear"),
        ("EarLeft", "EarRight"),
        ("LEFT_EAR", "RIGHT_EAR"),
        ("leftEar", "right_ear"),
        ("foreleftpaw", "forerightpaw"),
        ("l_ear", "r_ear"),
        ("ear_L", "ear_R"),
        ("earL", "earR"),
        ("LEar", "REar"),
        ("L ear", "R ear"),
        ("ear.L", "ear.R"),
        ("ear-l", "ear-r"),
        ("L1", "R1"),
        ("whisker1L", "whisker1R"),
        ("lt_ear", "rt_ear"),
        ("earl", "earr"),
        ("Lear", "Rear"),
        ("lf_paw", "rf_paw"),
        ("pawHL", "pawHR"),
        ("Öhrl", "Öhrr"),
    ],
)
def test_names_that_differ_in_left_and_right(left: str, right: str) -> None:
    for parts in ([left, "tail", right, "ball", "rump"], ["tail", right, left]):
        assert find_mirror(parts).pairs == [(left, right)]
    # of two spellings none is lost
    assert find_mirror(["leftEye", left, right, "rightEye"]).pairs == [
        ("leftEye", "rightEye"),
        (left, right),
    ]


@pytest.mark.parametrize("parts", [["snout", "tail"], ["ball", "barr", "rump", "rear"]])
def test_without_sides_nothing_is_guessed(parts: list[str]) -> None:
    mirror = find_mirror(parts)
    assert (mirror.pairs, mirror.doubt) == (None, "")


@pytest.mark.parametrize(
    ("parts", "doubt"),
    [
        (["left_ear", "tail"], "left_ear has a side in its name, but no partner"),
        (["ear_left", "ear_right", "hipL"], "hipL has a side"),
        (["earL", "right_ear"], "earL has a side"),
        (["LEar", "Rear"], "LEar has a side"),
        (["rearl", "rearr", "learl", "learr"], "rearl may be the mirror image of rearr or learl"),
        (["left", "right", "light"], "light may be the mirror image of right, or not"),
        (["ear_l", "ear_L", "ear_r"], "ear_r may be the mirror image of ear_l or ear_L"),
    ],
)
def test_in_doubt_nothing_is_mirrored(parts: list[str], doubt: str, caplog) -> None:
    mirror = find_mirror(parts)
    assert mirror.pairs is None
    caplog.set_level(logging.INFO, "vigil")
    tell_mirror(parts, mirror.pairs)
    (said,) = caplog.records
    assert said.levelno == logging.WARNING
    assert doubt in said.getMessage()
    assert "--symmetric" in said.getMessage()


def test_what_a_mirror_does_is_told(caplog) -> None:
    caplog.set_level(logging.INFO, "vigil")
    tell_mirror(["snout", "tail"], None)
    tell_mirror(["l", "snout", "r"], [("l", "r")])
    tell_mirror(["snout"], [])
    assert {r.levelno for r in caplog.records} == {logging.INFO}
    said = [r.getMessage() for r in caplog.records]
    assert "not mirrored in training, only rotated: no two parts differ" in said[0]
    assert "--symmetric" in said[0]
    assert said[1:] == [
        "a mirror swaps l and r",
        "a mirror swaps no other part: snout",
        "a mirror swaps no other part: snout",
    ]


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        ([("l", "x")], "no body part x among the labels; there are l, r, s"),
        ([("l", "l")], "--symmetric has l:l"),
        ([("l", "r"), ("r", "s")], "r in more than one pair"),
        ([("l", "r"), ("r", "l")], "l in more than one pair"),
    ],
)
def test_pairs_that_no_mirror_can_swap(pairs: list[tuple[str, str]], sentence: str) -> None:
    check_pairs([("l", "r")], ["l", "r", "s"])
    check_pairs([], ["l", "r", "s"])
    with pytest.raises(RecordingError, match=sentence):
        check_pairs(pairs, ["l", "r", "s"])
