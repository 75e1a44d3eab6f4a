"""Compiling where nothing can be written."""

import os
import subprocess
import sys

SCRIPT = """
import sys
sys.path.insert(0, {folder!r})
sys.dont_write_bytecode = True
from numba.core import caching
# what numba finds in a read-only installation without a home
for locator in caching.CacheImpl._locator_classes:
    locator.from_function = classmethod(lambda cls, function, path: None)
from vigil.compiled import compiled

@compiled(nogil=True)
def double(x):
    return 2 * x

print(double(21))
"""


def test_functions_are_compiled_without_a_place_to_keep_them(checkout):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(folder=str(checkout))],
        capture_output=True,
        text=True,
        env={**os.environ, "NUMBA_CACHE_DIR": ""},
        check=False,
    )
    assert done.stdout.strip() == "42", done.stderr
