"""One frame of a bank, drawn by matplotlib: the twin of `paint.js`.

Everything is placed in pixels from the top left, by the same sums as in `paint.js`, so that the two agree.
"""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox

from .frame import Bank, Mark, Panel, Ramp
from .look import ROOM, WIDTH, Look, picture_height, places
from .shapes import OUTLINES, STROKES, arrow, sector
from .words import number

SHARPNESS = 1.5  # image pixels for each pixel of the page

Row = list[tuple[str, str, bool]]  # pieces of text with their colour, and whether they are bold


def bare(bank: Bank, frame: int, look: Look, *, width: int, selected: int | None = None) -> bytes:
    """PNG of the picture alone, pixel for pixel what the browser paints at this width."""
    return Drawing(bank, frame, look, width=width, selected=selected, sharpness=1.0).png()


class Drawing:
    """A figure of one frame. Nothing is kept from one drawing to the next, and no rcParam has a say."""

    def __init__(
        self,
        bank: Bank,
        frame: int,
        look: Look,
        *,
        width: int = WIDTH,
        above: Sequence[Row] = (),
        below: Sequence[Row] = (),
        selected: int | None = None,
        sharpness: float = SHARPNESS,
    ):
        self.look, self.palette, self.em, self.width = look, look.palette, look.em, width
        self.selected = (bank.selection.start if bank.selection else -1) if selected is None else selected
        step = 1.7 * self.em
        top = len(above) * step + (0.6 * self.em if above else 0)
        picture = picture_height(bank.height, width)
        self.height = math.ceil(top + picture + len(below) * step + (0.4 * self.em if below else 0))
        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            self.figure = Figure((width / 72, self.height / 72), dpi=72 * sharpness, facecolor=self.palette["paper"])
            self.canvas = FigureCanvasAgg(self.figure)
            self.pixels = Affine2D().scale(sharpness, -sharpness).translate(0, self.height * sharpness)
            self._rows(above, 0.3 * self.em)
            self._rows(below, top + picture)
            self.shift = top
            boxes = places(bank.panels, width, picture, self.em)
            for panel in bank.panels:
                self._axes(panel, boxes[panel.name])
            for mark in bank.marks:
                panel = next(p for p in bank.panels if p.name == mark.panel)
                self._mark(mark, frame, panel, boxes[panel.name])
            self.canvas.draw()

    def png(self, colours: int = 0) -> bytes:
        """The image; with fewer colours it is a third of the size and looks the same."""
        from PIL import Image

        image, out = Image.fromarray(np.asarray(self.canvas.buffer_rgba())[..., :3]), io.BytesIO()
        if colours:
            image = image.quantize(colours, dither=Image.Dither.NONE)
        image.save(out, "png", optimize=True)
        return out.getvalue()

    def svg(self) -> bytes:
        """The figure in vectors, its letters as outlines, the same bytes each time; only where the sharpness is 1."""
        out = io.BytesIO()
        with matplotlib.rc_context({"svg.hashsalt": "cmelab", "svg.fonttype": "path"}):
            self.figure.savefig(out, format="svg", facecolor=self.palette["paper"], metadata={"Date": None})
        return out.getvalue()

    # ---- words ----
    def _rows(self, rows: Sequence[Row], top: float) -> None:
        for i, row in enumerate(rows):
            x = self.em
            for text, colour, heavy in row:
                drawn = self._text(text, x, top + (i + 0.5) * 1.7 * self.em, colour=colour, align="left", heavy=heavy)
                x += drawn.get_window_extent(self.canvas.get_renderer()).width * 72 / self.figure.dpi

    def _text(
        self,
        text: str,
        x: float,
        y: float,
        *,
        size: float = 1.0,
        colour: str = "ink",
        align: str = "center",
        heavy: bool = False,
        turn: float = 0.0,
    ) -> Any:
        return self.figure.text(
            x,
            y,
            text.replace("$", r"\$"),
            transform=self.pixels,
            size=size * self.em,
            ha=align,
            color=self.palette[colour],
            va="center_baseline",
            rotation=turn,
            rotation_mode="anchor",
            family="DejaVu Sans",
            weight="bold" if heavy else "normal",
            zorder=len(self.figure.get_children()),
        )

    # ---- axes ----
    def _lines(
        self,
        lines: Iterable[Sequence[tuple[float, float]]],
        colour: str,
        width: float,
        clip: Any = None,
        dash: bool = False,
        alpha: Any = None,
    ) -> None:
        style = (0, (6 * self.look.line / width, 4 * self.look.line / width)) if dash else "solid"
        self._add(
            LineCollection(
                [np.asarray(points, float) for points in lines],
                colors=self.palette[colour],
                linewidths=width,
                linestyles=[style],
                alpha=alpha,
                capstyle="butt",
                joinstyle="round",
            ),
            clip,
        )

    def _add(self, artist: Any, clip: Any) -> None:
        artist.set_transform(self.pixels)
        artist.set_zorder(len(self.figure.get_children()))  # later lies above, as on a canvas
        self.figure.add_artist(artist)
        if clip is not None:
            artist.set_clip_box(clip)

    def _axes(self, panel: Panel, box: tuple[float, ...]) -> None:
        left, top, width, height = box
        top += self.shift
        right, low, em = left + width, top + height, self.em
        X, Y = _maps(panel, (left, top, width, height))
        if panel.title:
            fit = min(1.0, (panel.cell[2] * self.width - left) / (len(panel.title) * ROOM["bold"] * em))
            up = 0.75 + (ROOM["ramp"] if panel.ramp else 0)
            self._text(panel.title, left, top - up * em, size=fit, align="left", heavy=True)
        if panel.ramp:
            self._ramp(panel.ramp, left, top - 0.75 * em, width)
        if panel.bare:
            return
        if panel.zero:
            self._lines([[(left, Y(0)), (right, Y(0))]], "grid", self.look.line)
        ticks = [[(X(at), low), (X(at), low + 0.3 * em)] for at, _ in panel.x.ticks]
        ticks += [[(left - 0.3 * em, Y(at)), (left, Y(at))] for at, _ in panel.y.ticks]
        self._lines([[(left, top), (left, low), (right, low)], *ticks], "faint", self.look.line)
        longest = max((len(text) for _, text in panel.x.ticks), default=0) * ROOM["digit"] * em + 0.6 * em
        for at, text in panel.x.ticks[:: _every(panel.x.ticks, X, longest)]:
            self._text(text, X(at), low + 0.95 * em)
        for at, text in panel.y.ticks[:: _every(panel.y.ticks, Y, 1.2 * em)]:
            self._text(text, left - 0.5 * em, Y(at), align="right")
        if panel.x.label:
            self._text(panel.x.label, left + width / 2, low + (ROOM["text"] if panel.x.ticks else 0) * em + 0.9 * em)
        if panel.y.label:
            ticks = max((len(text) for _, text in panel.y.ticks), default=0)
            self._text(
                panel.y.label, left - (ROOM["digit"] * ticks + ROOM["gap"] + 0.7) * em, top + height / 2, turn=90
            )

    def _ramp(self, ramp: Ramp, left: float, y: float, width: float) -> None:
        """The colours of a value, with what stands at their ends."""
        em, (low, high) = self.em, ramp.ends()
        x0, x1 = left + (ROOM["digit"] * len(low) + 0.5) * em, left + width - (ROOM["digit"] * len(high) + 0.5) * em
        colours = self.look.ramps["two" if ramp.two else "one"]
        edges = np.floor(np.linspace(x0, x1, len(colours) + 1) + 0.5)
        boxes = [[(a, y - 0.3 * em), (b, y - 0.3 * em), (b, y + 0.3 * em), (a, y + 0.3 * em)]
                 for a, b in itertools.pairwise(edges)]  # fmt: skip
        self._add(PolyCollection(boxes, facecolors=colours, edgecolors="none", antialiaseds=False), None)
        self._text(low, left, y, size=0.9, align="left")
        self._text(high, left + width, y, size=0.9, align="right")

    # ---- marks ----
    def _mark(self, mark: Mark, frame: int, panel: Panel, box: tuple[float, ...]) -> None:
        left, top, width, height = box
        top += self.shift
        X, Y = _maps(panel, (left, top, width, height))
        v = mark.items(frame)
        kept = np.ones(len(v["x" if "x" in v else "x0"]), bool)
        if mark.owner is not None:
            kept &= np.array(mark.owner, int) == self.selected
        if mark.kind not in ("line", "area"):
            kept &= np.isfinite(np.stack(list(v.values()))).all(axis=0)
        if mark.least:
            kept &= np.abs(v["y"]) >= mark.least
        texts = [t for t, k in zip(mark.texts, kept, strict=True) if k] if mark.texts else []
        v = {name: a[kept].astype(float) for name, a in v.items()}
        for name in v:
            v[name] = X(v[name]) if name[0] == "x" else Y(v[name]) if name[0] == "y" or name == "base" else v[name]
        if not kept.any():
            return
        clip = TransformedBbox(Bbox([[left - 1, top - 1], [left + width + 1, top + height + 1]]), self.pixels)
        getattr(self, f"_{mark.kind}")(
            mark, v, clip, texts=texts, box=(left, top, width, height), X=X, Y=Y, raw=mark.items(frame), kept=kept,
            ramp=panel.ramp,
        )

    def _polygons(self, mark: Mark, polygons: Any, clip: Any, alpha: Any = None) -> None:
        colour, width = self.palette[mark.colour], 1.5 * mark.width * self.look.line
        alpha = None if alpha is None else np.clip(alpha, 0, 1)
        self._add(
            PolyCollection(
                polygons,
                facecolors="none" if mark.hollow else colour,
                alpha=alpha,
                edgecolors=colour if mark.hollow else "none",
                linewidths=width if mark.hollow else 0,
            ),
            clip,
        )

    def _bars(self, mark: Mark, v: Any, clip: Any, *, box: Any, X: Any, Y: Any, raw: Any, kept: Any, **_: Any) -> None:
        left, top, width, height = box
        half = (X(mark.size) - X(0)) / 2
        base = v.get("base", np.full_like(v["y"], Y(0)))
        tip = np.minimum(0.7 * half, np.abs(v["y"] - base)) * np.sign(base - v["y"]) if mark.pointed else 0 * base
        corners = [
            (v["x"] - half, base),
            (v["x"] - half, v["y"] + tip),
            (v["x"], v["y"]),
            (v["x"] + half, v["y"] + tip),
            (v["x"] + half, base),
        ]
        self._polygons(mark, np.stack([np.stack(c, -1) for c in corners], axis=1), clip, v.get("alpha"))
        cut = np.flatnonzero((v["y"] < top - 1) | (v["y"] > top + height + 1))
        for i in cut:
            x, up = v["x"][i], v["y"][i] < top
            edge, inward = (top, 1) if up else (top + height, -1)
            self._lines(
                [[(x - half - 1, edge + inward * 0.75 * self.em), (x + half + 1, edge + inward * 0.35 * self.em)]],
                "paper",
                2 * self.look.line,
                clip,
            )
            text, beside = number(float(raw["y"][kept][i])), 1 if x + half + 3 * self.em < left + width else -1
            gap = beside * (v["x"][cut[(v["y"][cut] < top) == up]] - x)
            if len(cut) <= 4 and not ((gap > 0) & (gap < 2 * half + (0.3 + 0.58 * len(text)) * self.em)).any():
                self._text(
                    text,
                    x + beside * (half + 0.3 * self.em),
                    edge + inward * 0.6 * self.em,
                    size=0.9,
                    align="left" if beside > 0 else "right",
                )

    def _cells(self, mark: Mark, v: Any, clip: Any, *, ramp: Ramp | None, **_: Any) -> None:
        x0, y0, x1, y1 = v["x0"], v["y0"], v["x1"], v["y1"]
        if "shade" in v and ramp:  # on whole pixels, so that no seam shows between neighbours
            x0, y0, x1, y1 = (np.floor(each + 0.5) for each in (x0, y0, x1, y1))
        corners = np.stack([np.stack(c, -1) for c in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))], axis=1)
        if "shade" in v and ramp:
            colours = np.array(self.look.ramps["two" if ramp.two else "one"])
            shades = colours[ramp.stop(v["shade"].astype(np.float32), len(colours))]
            self._add(PolyCollection(list(corners), facecolors=shades, edgecolors="none", antialiaseds=False), clip)
        else:
            self._polygons(mark, corners, clip, v.get("alpha"))

    def _line(self, mark: Mark, v: Any, clip: Any, **_: Any) -> None:
        points = np.stack([v["x"], v["y"]], -1)
        codes = np.where(np.roll(np.isfinite(points).all(1), 1), Path.LINETO, Path.MOVETO)
        codes[0] = Path.MOVETO
        good = np.isfinite(points).all(1)
        patch = PathPatch(
            Path(points[good], codes[good]),
            facecolor="none",
            edgecolor=self.palette[mark.colour],
            linewidth=1.5 * mark.width * self.look.line,
            capstyle="butt",
            joinstyle="round",
            linestyle=(0, (4 / mark.width, 8 / 3 / mark.width)) if mark.dash else "solid",
        )
        self._add(patch, clip)

    def _area(self, mark: Mark, v: Any, clip: Any, **_: Any) -> None:
        self._add(
            Polygon(
                np.stack([v["x"], v["y"]], -1),
                closed=True,
                facecolor=self.palette[mark.colour],
                edgecolor="none",
                alpha=float(v["alpha"][0]) if "alpha" in v else None,
            ),
            clip,
        )

    def _dots(self, mark: Mark, v: Any, clip: Any, *, texts: Any, **_: Any) -> None:
        r, colour = mark.size * self.em, self.palette[mark.colour]
        alpha = np.clip(v.get("alpha", np.ones_like(v["x"])), 0, 1)
        for i, (x, y) in enumerate(zip(v["x"], v["y"], strict=True)):
            if mark.shape in STROKES:
                self._lines(
                    [[(x + r * a, y + r * b) for a, b in s] for s in STROKES[mark.shape]],
                    mark.colour,
                    1.5 * mark.width * self.look.line,
                    clip,
                    alpha=alpha[i],
                )
                continue
            outline = (
                Path.circle((x, y), r)
                if mark.shape == "disc"
                else Path(
                    [(x + r * a, y + r * b) for a, b in (*OUTLINES[mark.shape], OUTLINES[mark.shape][0])], closed=True
                )
            )
            self._add(
                PathPatch(
                    outline,
                    facecolor="none" if mark.hollow else colour,
                    alpha=alpha[i],
                    edgecolor=colour if mark.hollow else "none",
                    linewidth=1.5 * mark.width * self.look.line,
                ),
                clip,
            )
            if texts:
                self._text(
                    texts[i], x, y, size=mark.size * 1.1, heavy=True, colour=mark.colour if mark.hollow else "paper"
                )

    def _segments(self, mark: Mark, v: Any, clip: Any, **_: Any) -> None:
        ends = zip(*(v[name] for name in ("x0", "y0", "x1", "y1")), strict=True)
        self._lines(
            [[(x0, y0), (x1, y1)] for x0, y0, x1, y1 in ends],
            mark.colour,
            1.5 * mark.width * self.look.line,
            clip,
            mark.dash,
            v.get("alpha"),
        )

    def _arrows(self, mark: Mark, v: Any, clip: Any, **_: Any) -> None:
        weights = np.clip(v.get("weight", np.full_like(v["x0"], 0.3)), -1, 1)
        ends = zip(v["x0"], v["y0"], v["x1"], v["y1"], weights, strict=True)
        if drawn := [arrow(*each, self.em) for each in ends if abs(each[-1]) > 0.002]:
            self._polygons(mark, drawn, clip)

    def _sectors(self, mark: Mark, v: Any, clip: Any, *, X: Any, **_: Any) -> None:
        r = X(mark.size) - X(0)
        drawn = [sector(*each, r) for each in zip(v["x"], v["y"], v["start"], v["end"], strict=True)]
        self._polygons(mark, drawn, clip, v.get("alpha"))

    def _labels(self, mark: Mark, v: Any, clip: Any, *, texts: Any, **_: Any) -> None:
        for i, (x, y) in enumerate(zip(v["x"], v["y"], strict=True)):
            text = (texts[i] if texts else "") + (number(v["value"][i], mark.form) if "value" in v else "")
            self._text(text, x, y, size=mark.size, colour=mark.colour, align="left" if mark.flush else "center")


def _maps(panel: Panel, box: tuple[float, ...]) -> tuple[Any, Any]:
    """Data to pixels from the top left, for x and for y."""
    left, top, width, height = box
    (x0, x1), (y0, y1) = (panel.x.low, panel.x.high), (panel.y.low, panel.y.high)
    return (lambda x: left + (x - x0) / (x1 - x0) * width), (lambda y: top + height - (y - y0) / (y1 - y0) * height)


def _every(ticks: Sequence[tuple[float, str]], pixels: Any, needed: float) -> int:
    """1 where all labels of an axis have the room they need, else 2, 4, ...: which labels are written."""
    every = 1
    while len(ticks) > 1 and every * abs(pixels(ticks[1][0]) - pixels(ticks[0][0])) < needed:
        every *= 2
    return every
