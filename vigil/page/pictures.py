"""Figures drawn for a page, and kept beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from matplotlib.figure import Figure

from vigil.page import style
from vigil.page.render import image_source


def draw_pictures(
    folder: Path,
    figures: Mapping[str, Callable[[], Figure | None]],
    words: Mapping[str, tuple[str, str]],
    dpi: int,
) -> dict[str, dict[str, str]]:
    """Draw the figures that there are data for, as PNG and PDF, and give them for a page.

    Parameters
    ----------
    folder : Path
        Where the files go; made where it is not there.
    figures : mapping
        By its name what draws a figure, or gives None.
    words : mapping
        Title and caption of each.
    dpi : int
        Resolution of the PNG.

    Returns
    -------
    dict
        By their names, in the order of `figures`: `name`, `title`, `caption`, `source`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {}
    with style.figure_style():
        for name, draw in figures.items():
            figure = draw()
            if figure is not None:
                source = image_source(style.save_figure(figure, folder, name, dpi))
                title, caption = words[name]
                drawn[name] = {"name": name, "title": title, "caption": caption, "source": source}
    return drawn
