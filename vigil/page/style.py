"""How figures and pages look: colours that mean the same everywhere, sizes, saving.

The colours of states and turns are from the palette of Okabe and Ito (2008), those of
regions from the muted scheme of Tol (2021): both stay apart for colour-blind readers.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

STATE_COLOURS = {
    "wake": "#E69F00",
    "nrem": "#0072B2",
    "rem": "#CC79A7",
    "unclassified": "#A6A6A6",
}
STATE_NAMES = {"wake": "Wake", "nrem": "NREM", "rem": "REM", "unclassified": "Unclassified"}
# height in a hypnogram, from the top
STATE_LEVELS = {"wake": 3, "rem": 2, "nrem": 1, "unclassified": 0}
TURN_COLOURS = {"ccw": "#009E73", "cw": "#D55E00"}
TURN_NAMES = {"ccw": "counter-clockwise", "cw": "clockwise"}
VERDICT_COLOURS = {"good": "#009E73", "look": "#E69F00", "bad": "#D55E00", "none": "#A6A6A6"}
REGION_COLOURS = (
    "#332288", "#44AA99", "#CC6677", "#DDCC77", "#88CCEE", "#882255", "#117733", "#999933",
)  # fmt: skip
INK = "#1A1A1A"
QUIET = "#6B6B6B"
GAP_COLOUR = "#D9D9D9"
RANGE_COLOUR = "#BDBDBD"
SEIZURE_COLOUR = "#000000"
DEATH_COLOUR = "#882255"
RECORDED_COLOUR = "#CFE3EF"
LIGHT_COLOUR = "#FFF3C4"
DARK_COLOUR = "#3A3A4A"
POWER_COLOURS = "RdBu_r"  # red more power, blue less

PAGE_WIDTH_IN = 10.0

_RC: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib: the same on every machine
    "font.size": 8.0,
    "axes.titlesize": 9.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.0,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.major.size": 3.0,
    "ytick.major.size": 3.0,
    "lines.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "hatch.linewidth": 0.6,
    "pdf.fonttype": 42,  # text stays text for the person who edits the figure
    "svg.hashsalt": "vigil",
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}


@contextmanager
def figure_style() -> Iterator[None]:
    """The look of every figure, for as long as it is being drawn."""
    with mpl.rc_context(_RC):
        yield


def new_figure(height_in: float, width_in: float = PAGE_WIDTH_IN) -> Figure:
    """An empty figure with no window and no global state."""
    layout = ConstrainedLayoutEngine(w_pad=0.03, h_pad=0.02, hspace=0.02)
    figure = Figure(figsize=(width_in, height_in), layout=layout)
    FigureCanvasAgg(figure)
    return figure


def save_figure(figure: Figure, folder: Path, name: str, dpi: int) -> Path:
    """Write a figure as PNG and PDF, the same bytes for the same figure; gives the PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of every glyph
    figure.savefig(folder / f"{name}.pdf", metadata={"CreationDate": None}, dpi=max(dpi, 200))
    png = folder / f"{name}.png"
    figure.savefig(png, dpi=dpi, metadata={"Software": "vigil"}, pil_kwargs={"optimize": True})
    return png


def region_colour(region: str, regions: Sequence[str]) -> str:
    """Colour of a region, the same in all figures of a recording."""
    place = list(regions).index(region) if region in regions else len(regions)
    return REGION_COLOURS[place % len(REGION_COLOURS)]


def death_key() -> Line2D:
    """The key of a death: a cross."""
    return Line2D([], [], color=DEATH_COLOUR, marker="X", ls="", mec="white", ms=8, label="death")


def quiet_axis(axis: Axes) -> None:
    """Take the ticks and the frame of the time axis away where a panel below carries it."""
    axis.tick_params(axis="x", bottom=False, labelbottom=False)
    axis.spines["bottom"].set_visible(False)
