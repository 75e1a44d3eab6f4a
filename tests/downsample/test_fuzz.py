"""Damaged files of every format: valid data or one sentence. `fuzz.py` runs as long as wanted."""

import importlib.util
import logging
from collections import Counter
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def fuzz():
    spec = importlib.util.spec_from_file_location("fuzz", Path(__file__).with_name("fuzz.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_damaged_files_give_data_or_a_sentence(fuzz, tmp_path, monkeypatch):
    monkeypatch.setattr(logging.getLogger("neo"), "disabled", True)
    valid = fuzz.build(tmp_path)
    counts = Counter(fuzz.case(valid, seed) for seed in range(600))
    # every format was damaged, and of every one some still opened and some did not
    assert set(counts) == {(v.name, how) for v in valid for how in ("read", "refused")}


def test_undamaged_files_are_read(fuzz, tmp_path):
    for folder in fuzz.build(tmp_path):
        fuzz.check(fuzz.open_source([p for p in folder.rglob("*") if p.is_file()]))
