"""What JSON can hold."""

import json

import numpy as np

from vigil.plain import plain


def test_what_is_no_number_becomes_null():
    content = {1: [np.float32(0.5), float("nan")], "b": {"c": (np.int64(3), float("-inf"))}}
    assert plain(content) == {"1": [0.5, None], "b": {"c": [3, None]}}
    json.dumps(plain(content), allow_nan=False)
    assert plain({"yes": np.bool_(True), "word": "x", "none": None}) == {
        "yes": True, "word": "x", "none": None,
    }  # fmt: skip
