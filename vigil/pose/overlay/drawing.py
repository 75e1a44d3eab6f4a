"""What is drawn on a frame: body parts, the head with its direction, and words below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt
from matplotlib import font_manager
from PIL import Image as Picture
from PIL import ImageColor, ImageDraw, ImageFont

from vigil.page import style

Image = npt.NDArray[np.uint8]

# of Okabe and Ito (2008), the bright ones first: mice are dark more often than not
PART_COLOURS = (
    "#56B4E9", "#E69F00", "#F0E442", "#CC79A7", "#009E73", "#D55E00", "#0072B2", "#FFFFFF",
)  # fmt: skip
LEAST_WIDTH_PX = 640
TEXT_PX = 15
LINE_PX = 22
EDGE_PX = 10
TILE_WIDTH_PX = 640
DOT_PX = 16
BACKGROUND = "#1A1A1A"
SUB = 4  # bits of a pixel in which cv2 draws


@dataclass(frozen=True)
class Shown:
    """What is known of one frame.

    Parameters
    ----------
    frame : int
        Its row of the tracks.
    time_s : float
        On the recording's clock.
    parts : mapping
        Name of a body part -> x, y in px and likelihood.
    head_px : tuple of float or None
        Midpoint of the ears.
    direction_rad : float
        Head direction, counter-clockwise; NaN where it is not known.
    speed_cm_s, turning_deg_s : float
        NaN where they are not known.
    state : str or None
        State of sleep, '' where it was not scored; None where the recording has no scores.
    trail_px : ndarray, (point, 2)
        Where the head was in the second before; NaN where it is not known.
    """

    frame: int
    time_s: float
    parts: Mapping[str, tuple[float, float, float]]
    head_px: tuple[float, float] | None = None
    direction_rad: float = np.nan
    speed_cm_s: float = np.nan
    turning_deg_s: float = np.nan
    state: str | None = None
    trail_px: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))


def annotate(image: Image, shown: Shown, likelihood_min: float) -> Image:
    """A frame with everything drawn on it and a strip of words below.

    Small frames are enlarged to a width of at least 640 px, by a whole number. A body part is
    the more opaque the likelier it is; below `likelihood_min` it is a ring.

    Parameters
    ----------
    image : ndarray, (height, width, 3)
        Blue first.
    shown : Shown
    likelihood_min : float
        Below it a part counts as missing.

    Returns
    -------
    ndarray, (height, width, 3)
        Blue first; even sides, as encoders need them.
    """
    scale = max(1, -(-LEAST_WIDTH_PX // image.shape[1]))
    canvas = image.copy()
    if scale > 1:
        wide, high = image.shape[1] * scale, image.shape[0] * scale
        canvas = np.asarray(cv2.resize(image, (wide, high), interpolation=cv2.INTER_CUBIC))
    size = max(4.0, canvas.shape[1] / 130)
    _draw_trail(canvas, shown.trail_px, scale, size)
    _draw_head(canvas, shown, scale, size)
    for (x, y, likelihood), colour in zip(shown.parts.values(), PART_COLOURS * 9, strict=False):
        if np.isfinite(x) and np.isfinite(y):
            at = (_enlarged(x, scale), _enlarged(y, scale))
            _draw_part(canvas, at, size, colour, likelihood, likelihood >= likelihood_min)
    strip = _words(canvas.shape[1], shown, likelihood_min)
    whole = np.vstack([canvas, strip])
    bottom, right = whole.shape[0] % 2, whole.shape[1] % 2
    return np.asarray(np.pad(whole, ((0, bottom), (0, right), (0, 0)), mode="edge"), dtype=np.uint8)


def _enlarged(at: float, scale: int) -> float:
    """Where a point lies in the enlarged frame; pixels are counted at their middle."""
    return (at + 0.5) * scale - 0.5


def _bgr(colour: str) -> tuple[int, int, int]:
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return blue, green, red


def _fixed(x: float, y: float) -> tuple[int, int]:
    return round(x * 2**SUB), round(y * 2**SUB)


def _disc(canvas: Image, at: tuple[float, float], radius: float, colour: str, width: int) -> None:
    cv2.circle(
        canvas, _fixed(*at), round(radius * 2**SUB), _bgr(colour), width, cv2.LINE_AA, SUB
    )  # fmt: skip


def _draw_part(
    canvas: Image,
    at: tuple[float, float],
    radius: float,
    colour: str,
    likelihood: float,
    sure: bool,
) -> None:
    """A disc as opaque as its likelihood, or a ring where that is too low."""
    if not sure:
        _disc(canvas, at, radius, "#000000", 3)
        _disc(canvas, at, radius, colour, 1)
        return
    reach = int(radius) + 4
    x, y = round(at[0]), round(at[1])
    left, top = max(0, x - reach), max(0, y - reach)
    patch = canvas[top : max(0, y + reach + 1), left : max(0, x + reach + 1)]
    if not patch.size:
        return
    drawn = patch.copy()
    here = (at[0] - left, at[1] - top)
    _disc(drawn, here, radius + 1, "#000000", -1)
    _disc(drawn, here, radius, colour, -1)
    opacity = float(np.clip(likelihood, 0, 1))
    patch[:] = np.round(opacity * drawn + (1 - opacity) * patch).astype(np.uint8)


def _draw_trail(canvas: Image, trail_px: npt.NDArray[np.float64], scale: int, size: float) -> None:
    thin = max(1, round(size / 5))
    known = _joined(trail_px, scale)
    for colour, width in (((0, 0, 0), thin + 2), ((255, 255, 255), thin)):
        for start, stop in known:
            cv2.line(canvas, start, stop, colour, width, cv2.LINE_AA, SUB)


def _joined(
    trail_px: npt.NDArray[np.float64], scale: int
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Ends of the pieces of a trail, those next to an unknown point left out."""
    places = [
        _fixed(_enlarged(x, scale), _enlarged(y, scale)) if np.isfinite((x, y)).all() else None
        for x, y in trail_px
    ]
    return [(a, b) for a, b in pairwise(places) if a is not None and b is not None]


def _draw_head(canvas: Image, shown: Shown, scale: int, size: float) -> None:
    """A dot at the head's position, and an arrow to where it faces."""
    if shown.head_px is None or not np.isfinite(shown.head_px).all():
        return
    x, y = (_enlarged(v, scale) for v in shown.head_px)
    _disc(canvas, (x, y), size / 2 + 1, "#000000", -1)
    _disc(canvas, (x, y), size / 2, "#FFFFFF", -1)
    if not np.isfinite(shown.direction_rad):
        return
    # y runs down in an image, angles run counter-clockwise
    ahead = np.array([np.cos(shown.direction_rad), -np.sin(shown.direction_rad)])
    tail, tip = np.array([x, y]) + ahead * size, np.array([x, y]) + ahead * 14 * size
    for colour, width in (((0, 0, 0), 5), ((255, 255, 255), 2)):
        cv2.arrowedLine(canvas, _fixed(*tail), _fixed(*tip), colour, width, cv2.LINE_AA, SUB, 0.2)


def _words(width: int, shown: Shown, likelihood_min: float) -> Image:
    """The strip below a frame: time, speed, turning, state; and the parts with their colours.

    Its height does not depend on what is shown, only on the names of the parts.
    """
    font = ImageFont.truetype(font_manager.findfont("DejaVu Sans"), TEXT_PX)
    facts = [
        Item(f"{clock_words(shown.time_s)}  ({shown.time_s:.3f} s)", "00:00:00  (00000.000 s)"),
        Item(f"frame {shown.frame}", "frame 0000000"),
        Item(_number(shown.speed_cm_s, "{:.1f} cm/s", "speed –"), "000.0 cm/s"),
        Item(_number(shown.turning_deg_s, "{:+.0f} °/s", "turning –"), "+0000 °/s"),
    ]
    if shown.state is not None:
        name = style.STATE_NAMES.get(shown.state, shown.state)
        facts.append(Item(name, "Unclassified", style.STATE_COLOURS.get(shown.state, "")))
    legend = [
        Item(_number(p, f"{part} {{:.2f}}", f"{part} –"), f"{part} 0.00", c, p >= likelihood_min)
        for (part, (_, _, p)), c in zip(shown.parts.items(), PART_COLOURS * 9, strict=False)
    ]
    lines = _broken(facts, font, width) + _broken(legend, font, width)
    picture = Picture.new("RGB", (width, len(lines) * LINE_PX + EDGE_PX), BACKGROUND)
    pen = ImageDraw.Draw(picture)
    for row, line in enumerate(lines):
        for left, item in line:
            y = EDGE_PX // 2 + row * LINE_PX + LINE_PX / 2
            if item.colour:
                dot = (left, y - 5, left + 10, y + 5)
                pen.ellipse(dot, fill=item.colour if item.full else None, outline=item.colour)
            at = (left + (DOT_PX if item.colour else 0), y)
            pen.text(at, item.words, "#F2F2F2", font, anchor="lm")
    return np.asarray(picture, dtype=np.uint8)[:, :, ::-1]


@dataclass(frozen=True)
class Item:
    """Words in the strip, the widest that may stand there, and a dot before them."""

    words: str
    widest: str
    colour: str = ""
    full: bool = True


def _broken(
    items: list[Item], font: ImageFont.FreeTypeFont, width: int
) -> list[list[tuple[float, Item]]]:
    """Items laid out in lines, each with the place of its left edge.

    Places depend on the widest words, so that nothing dances as numbers change.
    """
    lines: list[list[tuple[float, Item]]] = []
    left = float(EDGE_PX)
    for item in items:
        needs = font.getlength(item.widest) + DOT_PX
        if not lines or (left + needs > width - EDGE_PX and left > EDGE_PX):
            lines.append([])
            left = float(EDGE_PX)
        lines[-1].append((left, item))
        left += needs + EDGE_PX
    return lines


def _number(value: float, form: str, missing: str) -> str:
    return form.format(value) if np.isfinite(value) else missing


def clock_words(time_s: float) -> str:
    """Hours, minutes and seconds since the start of the recording."""
    sign, whole = ("-" if time_s < 0 else ""), int(abs(time_s))
    return f"{sign}{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def contact_sheet(images: Sequence[Image], columns: int = 3) -> Image:
    """Frames side by side, row by row; no tile wider than 640 px."""
    shrunk = [_at_most(image, TILE_WIDTH_PX) for image in images]
    high, wide = (max(image.shape[axis] for image in shrunk) + 6 for axis in (0, 1))
    columns = min(columns, len(shrunk))
    sheet = np.full((-(-len(shrunk) // columns) * high, columns * wide, 3), 255, dtype=np.uint8)
    for k, image in enumerate(shrunk):
        top, left = k // columns * high + 3, k % columns * wide + 3
        sheet[top : top + image.shape[0], left : left + image.shape[1]] = image
    return sheet


def _at_most(image: Image, width: int) -> Image:
    if image.shape[1] <= width:
        return image
    high = round(image.shape[0] * width / image.shape[1])
    return np.asarray(cv2.resize(image, (width, high), interpolation=cv2.INTER_AREA), np.uint8)
