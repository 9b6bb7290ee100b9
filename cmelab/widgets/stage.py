"""The one widget with front-end code of its own: a canvas that plays a bank of frames in the browser."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from .frame import Bank, Mark, Panel
from .picture import HEIGHT, WIDTH, Style, background, readout_place

KEYS = ("Keys, once the picture has the focus: space plays and pauses; ← and → step; Home and End jump; ↑ and ↓ choose "
        "a bar; Esc lets go.")


class Stage(anywidget.AnyWidget):
    """Canvas, play bar, caption and legend. `show` sends a bank in one message."""

    _esm = Path(__file__).with_name("stage.js")
    _css = Path(__file__).with_name("stage.css")
    bank = traitlets.Bytes(b"").tag(sync=True)
    background = traitlets.Dict().tag(sync=True)
    scene = traitlets.Dict().tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    frame = traitlets.Int(0).tag(sync=True)
    selected = traitlets.Int(-1).tag(sync=True)

    def show(self, name: str, bank: Bank, *, stage: bool, legend: tuple[str, ...]) -> None:
        """Replace what is seen. ``name`` tells a new picture, which starts at its first frame, from a changed one."""
        light, dark = Style(False, stage), Style(True, stage)
        block, places = bank.packed()
        scene = {
            "name": name, "size": [WIDTH * 100, HEIGHT * 100], "font": light.font, "thick": light.thick,
            "palette": {"light": light.palette, "dark": dark.palette}, "panels": [_panel(p) for p in bank.panels],
            "marks": [_mark(m) for m in bank.marks], "places": places, "frames": bank.frames, "start": bank.start,
            "captions": list(bank.captions), "frame_names": list(bank.frame_names), "readout": list(bank.readout),
            "readout_place": readout_place(light), "sentence": bank.sentence, "warning": bank.warning,
            "legend": [*_legend(bank), *legend, *([KEYS] if bank.frames > 1 else [])],
        }
        with self.hold_sync():
            self.error = ""
            self.background = {"light": background(bank.panels, light), "dark": background(bank.panels, dark)}
            self.bank, self.scene = block, scene


def _legend(bank: Bank) -> list[str]:
    return [m.legend for m in bank.marks if m.legend]


def _panel(panel: Panel) -> dict[str, Any]:
    return {"box": panel.box, "x": panel.x, "y": panel.y}


def _mark(mark: Mark) -> dict[str, Any]:
    return {"kind": mark.kind, "colour": mark.colour, "panel": mark.panel, "width": mark.width, "size": mark.size,
            "dash": mark.dash, "hollow": mark.hollow, "texts": list(mark.texts),
            "owner": None if mark.owner is None else list(mark.owner), "select": mark.select}
