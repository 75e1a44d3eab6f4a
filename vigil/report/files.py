"""What report leaves: index.html, methods.md, figures/; its provenance tells what was missing."""

from __future__ import annotations

import json
from pathlib import Path

from vigil.stage import NotAnalysed, not_analysed


def read_missing(provenance: str | Path) -> dict[str, NotAnalysed]:
    """What the report of a recording had to do without, and why.

    Parameters
    ----------
    provenance : path
        `results/<recording>/report/provenance.json`.

    Returns
    -------
    dict
        Name of the result -> the stage that gave up and its sentence.
    """
    mark = not_analysed(provenance)
    if mark is not None:
        return {"page": mark}
    record = json.loads(Path(provenance).read_text())
    return {name: NotAnalysed(**m) for name, m in record.get("missing", {}).items()}
