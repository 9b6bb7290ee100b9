"""The picture with its words around it as one image: what a reader without a kernel sees."""

from __future__ import annotations

import textwrap

from .frame import Bank, Mark
from .look import WIDTH, Look
from .picture import Drawing, Row

TONES = {"right": "green", "wrong": "purple", "guess": "blue"}


def still(bank: Bank, frame: int, look: Look | None = None, *, form: str = "png") -> bytes:
    """PNG, or SVG, of one frame with its readings above, its legend and the sentence of the item chosen below."""
    look = look or Look()
    letters = int(1.55 * WIDTH / look.em)  # that fit into one row
    above, below = _above(bank, frame, letters), _below(bank, frame, letters)
    if form == "svg":
        return Drawing(bank, frame, look, above=above, below=below, sharpness=1.0).svg()
    return Drawing(bank, frame, look, above=above, below=below).png(colours=160)


def _above(bank: Bank, frame: int, letters: int) -> list[Row]:
    entries: list[Row] = []
    for r in bank.readings:
        value = (r.value.fill(frame), TONES.get(r.tone, "ink"), True)
        colon = "" if r.label.endswith("?") else ":"
        entries.append([(f"{r.label}{colon}{'  ' if value[0] else ' '}", "ink", False), value])
        if r.formula:
            entries[-1].append((f"   {r.formula}", "ink", False))
    label = bank.label.fill(frame)
    return _rows([*entries, [(label, "ink", True)]] if label else entries, letters)


def _below(bank: Bank, frame: int, letters: int) -> list[Row]:
    entries: list[Row] = []
    named: dict[str, Mark] = {}
    for mark in bank.marks:
        named.setdefault(mark.legend, mark)
    for mark in (m for legend, m in named.items() if legend):
        key = "– " if mark.shape == "dash" else "● " if mark.kind == "dots" and mark.shape == "disc" else "■ "
        entries.append([(key, mark.colour, False), (mark.legend, "ink", False)])
    rows = _rows(entries, letters)
    if bank.selection and bank.selection.start >= 0:
        sentence = bank.selection.text.fill(frame, bank.selection.start)
        rows += [[(line, "ink", False)] for line in textwrap.wrap(sentence, letters)]
    return rows


def _rows(entries: list[Row], letters: int) -> list[Row]:
    """Entries one after the other, on as many rows as they need; one that is too long goes on in the next row."""
    rows: list[Row] = []
    room = 0
    for entry in entries:
        long = sum(len(text) for text, _, _ in entry)
        if rows and long + 6 <= room:
            rows[-1] += [("      ", "ink", False), *entry]
            room -= long + 6
        elif long <= letters or len(entry) < 3:
            rows, room = [*rows, list(entry)], letters - long
        else:
            *head, (tail, colour, heavy) = entry
            wrapped = textwrap.wrap(tail, letters, break_on_hyphens=False)
            rows, room = [*rows, list(head), *([(line, colour, heavy)] for line in wrapped)], 0
    return rows
