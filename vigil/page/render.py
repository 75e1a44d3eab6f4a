"""Pages as one file each: templates, what they embed, and how their size is kept."""

from __future__ import annotations

import base64
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_VIGIL = resources.files("vigil")


def render_page(template: str, context: dict[str, Any], *folders: Path) -> str:
    """Fill in a template; everything is escaped.

    Parameters
    ----------
    template : str
        Name of the template.
    context : dict
        What it shows.
    folders : paths
        Where the stage's own templates lie; they may extend the shared ones.
    """
    own = Path(str(_VIGIL / "page" / "templates"))
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(str(f)) for f in (*folders, own)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(context)


def image_source(png: Path) -> str:
    """A picture as an address that needs no file beside the page."""
    return f"data:image/png;base64,{base64.b64encode(png.read_bytes()).decode()}"


def vendored(name: str) -> Markup:
    """Text of a file of ours or of uPlot, to be put into the page as it is.

    Parameters
    ----------
    name : str
        Path of the file inside the package vigil.
    """
    return Markup((_VIGIL / name).read_text(encoding="utf-8"))
