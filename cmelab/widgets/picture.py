"""Bank -> image with matplotlib: the axes as a background for the browser, and the whole frame as a still picture."""
from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from matplotlib.ticker import MaxNLocator
from PIL import Image

from .frame import Bank, Mark, Panel, at_frame

WIDTH, HEIGHT = 9.0, 4.6  # inches; the browser shows 100 pixels an inch
RESOLUTION = 2            # background pixels per browser pixel
SHORTEST = 3.0            # pixels; a shorter arrow would be all head


@dataclass(frozen=True)
class Style:
    """Colours and sizes of one theme; marks are told apart by shape and line style as well as by colour."""

    dark: bool = False
    stage: bool = False

    @property
    def font(self) -> float:
        """Font size in points; 16 for a projector."""
        return 16.0 if self.stage else 10.0

    @property
    def thick(self) -> float:
        """Factor on line widths."""
        return 1.7 if self.stage else 1.0

    @property
    def palette(self) -> dict[str, str]:
        """Okabe-Ito colours, the blues and the ink lightened for dark pages."""
        return DARK if self.dark else LIGHT


LIGHT = {"ink": "#1b1b1b", "paper": "#ffffff", "faint": "#8a8a8a", "blue": "#0072b2", "orange": "#e69f00",
         "green": "#009e73", "red": "#d55e00", "purple": "#cc79a7", "sky": "#56b4e9"}
DARK = LIGHT | {"ink": "#f2f2f2", "paper": "#111418", "faint": "#9a9a9a", "blue": "#56b4e9", "green": "#2fc49a",
                "red": "#ff8a3c", "sky": "#0072b2"}


def background(panels: tuple[Panel, ...], style: Style) -> str:
    """Axes, ticks and labels without any mark, as a data URL; kept for panels that come back."""
    return _background(panels, style)


@lru_cache(maxsize=64)
def _background(panels: tuple[Panel, ...], style: Style) -> str:
    figure, _ = _axes(panels, style, 100 * RESOLUTION)
    return "data:image/png;base64," + base64.b64encode(_png(figure)).decode()


def still(bank: Bank, frame: int, style: Style | None = None) -> bytes:
    """The whole frame as a PNG, readout included: what a reader without a kernel sees."""
    return Picture(bank, style or Style()).draw(bank, frame)


class Picture:
    """A figure for one set of panels, drawn into again and again."""

    def __init__(self, bank: Bank, style: Style):
        self.panels, self.style = bank.panels, style
        self.figure, self.axes = _axes(bank.panels, style, 100)
        self.canvas = self.figure.canvas
        assert isinstance(self.canvas, FigureCanvasAgg)
        self.canvas.draw()
        self.empty = self.canvas.copy_from_bbox(self.figure.bbox)

    def draw(self, bank: Bank, frame: int) -> bytes:
        """PNG of one frame of a bank with the same panels."""
        assert isinstance(self.canvas, FigureCanvasAgg)
        self.canvas.restore_region(self.empty)
        for mark in bank.marks:
            axes = self.axes[mark.panel]
            for artist in _artists(mark, at_frame(mark, frame), self.style, axes):
                axes.add_artist(artist)
                artist.set_clip_path(axes.patch)
                axes.draw_artist(artist)
                artist.remove()
        self._readout(bank)
        return _encode(np.asarray(self.canvas.buffer_rgba()))

    def _readout(self, bank: Bank) -> None:
        renderer = self.figure.canvas.get_renderer()  # pyright: ignore[reportAttributeAccessIssue]
        for i, line in enumerate(bank.readout):
            x, y, step, big = readout_place(self.style)
            text = self.figure.text(x, y - i * step, line.removeprefix("*"), color=self.style.palette["ink"], va="center",
                                    ha="left", size=self.style.font * (big if line.startswith("*") else 1.1))
            text.draw(renderer)
            text.remove()


def readout_place(style: Style) -> tuple[float, float, float, float]:
    """Left, top and line step of the readout as shares of the picture, and how much larger a large line is."""
    return (0.51, 0.92, 0.095, 1.15) if style.stage else (0.52, 0.88, 0.085, 1.5)


def _axes(panels: tuple[Panel, ...], style: Style, dpi: int):
    colours = style.palette
    figure = Figure((WIDTH, HEIGHT), dpi=dpi, facecolor=colours["paper"])
    FigureCanvasAgg(figure)
    drawn = []
    for panel in panels:
        axes = figure.add_axes(panel.box, facecolor=colours["paper"])
        axes.set(xlim=panel.x, ylim=panel.y)
        axes.set_title(panel.title, color=colours["ink"], size=style.font, loc="left")
        axes.set_xlabel(panel.x_label, color=colours["ink"], size=style.font)
        axes.set_ylabel(panel.y_label, color=colours["ink"], size=style.font)
        axes.tick_params(colors=colours["ink"], labelsize=style.font * 0.9)
        axes.locator_params(axis="y", nbins=4 if style.stage else 5)
        if panel.whole:
            axes.xaxis.set_major_locator(MaxNLocator(8 if style.stage else 12, integer=True))
        axes.tick_params(labelbottom=panel.x_ticks)
        for side, spine in axes.spines.items():
            spine.set_color(colours["faint"])
            spine.set_visible(not panel.bare and side in ("left", "bottom"))
        if panel.bare:
            axes.set_xticks([])
            axes.set_yticks([])
        if panel.zero_line:
            axes.axhline(0.0, color=colours["faint"], lw=0.8)
        drawn.append(axes)
    return figure, drawn


def _artists(mark: Mark, items: np.ndarray, style: Style, axes):
    """The matplotlib artists of one mark in one frame; hidden until selected means not in a still."""
    colour, width = style.palette[mark.colour], mark.width * style.thick
    items = items[np.isfinite(items).all(axis=1)]
    if mark.owner is not None or not len(items):
        return
    dash = (0, (4, 3)) if mark.dash else "solid"
    if mark.kind == "bars":
        half = mark.size / 2
        boxes = [[(x - half, low), (x + half, low), (x + half, top), (x - half, top)] for x, low, top in items]
        yield PolyCollection(boxes, facecolors="none" if mark.hollow else colour, edgecolors=colour,
                             linewidths=width if mark.hollow else 0)
    elif mark.kind == "line":
        yield LineCollection([items], colors=colour, linewidths=width, linestyles=[dash])
    elif mark.kind == "segments":
        yield LineCollection(items.reshape(-1, 2, 2), colors=colour, linewidths=width, linestyles=[dash])
    elif mark.kind == "dots":
        yield from _dots(mark, items, style, axes)
    elif mark.kind in ("arrows", "arcs"):
        bend = "arc3,rad=-0.35" if mark.kind == "arcs" else "arc3"
        ends = axes.transData.transform(items.reshape(-1, 2)).reshape(-1, 4)
        for x0, y0, x1, y1 in items[np.hypot(*(ends[:, 2:] - ends[:, :2]).T) > SHORTEST]:
            yield FancyArrowPatch((x0, y0), (x1, y1), connectionstyle=bend, arrowstyle="-|>", color=colour, lw=width,
                                  mutation_scale=4 + 3 * width, shrinkA=0, shrinkB=0)
    elif mark.kind == "labels":
        for (x, y), text in zip(items, mark.texts, strict=False):
            yield axes.text(x, y, text, color=colour, size=style.font * mark.size, ha="center", va="center")


def _dots(mark: Mark, items: np.ndarray, style: Style, axes):
    colour = style.palette[mark.colour]
    yield Line2D(items[:, 0], items[:, 1], linestyle="none", marker="o", markersize=2 * mark.size,
                 markerfacecolor="none" if mark.hollow else colour, markeredgecolor=colour,
                 markeredgewidth=mark.width * style.thick if mark.hollow else 0)
    for (x, y), text in zip(items, mark.texts, strict=False):
        yield axes.text(x, y, text, color=style.palette["paper"], size=1.1 * mark.size, weight="bold", ha="center",
                        va="center_baseline")


def _png(figure: Figure) -> bytes:
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    canvas.draw()
    return _encode(np.asarray(canvas.buffer_rgba()))


def _encode(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels[..., :3]).save(out, "png", compress_level=3)
    return out.getvalue()
