"""The real recordings: found through VIGIL_REALDATA, never copied into the project."""

import pytest


def pytest_collection_modifyitems(items):
    """Every test of this folder needs the real recordings."""
    for item in items:
        if "/tests/real/" in str(item.path):
            item.add_marker(pytest.mark.real)
