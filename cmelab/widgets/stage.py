"""The one widget with front-end code of its own: a canvas that plays a bank of frames in the browser."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

from .frame import Bank
from .look import shared

_HERE = Path(__file__).parent


class Stage(anywidget.AnyWidget):
    """Picture, play bar, caption and legend. Playing, scrubbing and selecting need no kernel.

    bank : `Bank.packed`; one message holds all that is seen, so that nothing is ever drawn half old, half new
    cue : grows when the picture must go to its start (a preset, a reset) and not stay at the moment it shows
    frame, selected : where the picture rests, told when playing or dragging stops
    code : the Python that makes this picture; address : the query of a page of its own, "" on any other page
    """

    _esm = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in ("paint.js", "take_away.js", "stage.js"))
    _css = (_HERE / "stage.css").read_text(encoding="utf-8")
    _last = 0  # number of the last frame of the bank shown
    look = traitlets.Dict(shared()).tag(sync=True)
    about = traitlets.List(traitlets.Unicode()).tag(sync=True)
    bank = traitlets.Bytes(b"").tag(sync=True)
    cue = traitlets.Int(0).tag(sync=True)
    frame = traitlets.Int(0).tag(sync=True)
    selected = traitlets.Int(-1).tag(sync=True)
    stage = traitlets.Bool(False).tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    code = traitlets.Unicode("").tag(sync=True)
    address = traitlets.Unicode("").tag(sync=True)

    def show(self, bank: Bank, *, fresh: bool) -> int:
        """Replace what is seen, at its start if ``fresh``; the number of bytes sent."""
        block = bank.packed()
        items = len(bank.selection.names) if bank.selection else 0
        with self.hold_sync():
            self.error, self.bank = "", block
            if fresh:
                self.cue += 1
                self.frame, self.selected = bank.start, bank.selection.start if bank.selection else -1
            else:
                self.frame, self.selected = self._along(bank), min(self.selected, items - 1)
        self._last = bank.frames - 1
        return len(block)

    def _along(self, bank: Bank) -> int:
        """The frame as far along as the one seen was, as `stage.js` has it; the start where there was only one."""
        return int(self.frame / self._last * (bank.frames - 1) + 0.5) if self._last else bank.start

    def __repr__(self) -> str:
        return f"Stage of {len(self.bank)} bytes at frame {self.frame}"
