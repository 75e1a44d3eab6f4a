"""A stage whose outcome changes must say so by its METHOD_VERSION."""

import importlib.util
import json

import numpy as np
import pytest


@pytest.fixture(scope="module")
def golden(checkout):
    spec = importlib.util.spec_from_file_location("golden", checkout / "tests" / "golden.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, json.loads(module.FILE.read_text()), module.numbers()


@pytest.mark.parametrize("stage", ["downsample", "spectra", "kinematics", "sleep", "seizures"])
def test_an_outcome_that_changes_comes_with_a_new_version(golden, stage):
    module, kept, found = golden
    same_version = module.versions([stage])[stage] == kept["versions"][stage]
    same = len(found[stage]) == len(kept["numbers"][stage]) and np.allclose(
        found[stage], kept["numbers"][stage], rtol=1e-3, atol=1e-6, equal_nan=True
    )
    assert same_version or not same, f"{stage}: write tests/golden.json anew"
    assert same or not same_version, (
        f"the outcome of {stage} has changed: raise METHOD_VERSION in vigil/{stage}/__init__.py, "
        "then run `python tests/golden.py`"
    )
    assert same, f"{stage}: METHOD_VERSION was raised; run `python tests/golden.py`"
