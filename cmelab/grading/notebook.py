"""Read notebooks as a grader must: the cells and nothing else, whatever a submission has become."""
from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGEST = 20_000_000  # bytes of a submission; one without stored pictures has a hundredth of that
MOST_CELLS = 2000
MOST_CODE = 1_000_000  # characters of all cells together; the exercises of a unit have a hundredth of that
MOST_DOTS = 1000  # of one name: Python's parser takes an hour for `import a.a.a...` of a million characters


class UnreadableNotebook(ValueError):
    """A file that is no notebook; the message says why, and what to hand in."""


@dataclass(frozen=True)
class Cell:
    """One cell: its type, its text, and the marks that tell which cell of the hand-out it is."""

    type: str  # "code", or anything else
    source: str
    marks: tuple[str, ...] = ()
    exercise: str = ""
    kind: str = ""


def read_notebook(path: Path) -> tuple[tuple[Cell, ...], str]:
    """The cells of a notebook, and the hash of the file.

    Raises
    ------
    UnreadableNotebook
        Not a notebook, too large, or damaged.
    """
    content = file_content(path)
    return parse_notebook(content), hashlib.sha256(content).hexdigest()


def file_content(path: Path) -> bytes:
    """The bytes of a submitted file; UnreadableNotebook where it is no file, too large, or cannot be read."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        # A link may lead to another student's notebook, and a pipe has no end.
        raise UnreadableNotebook("this is a link or something else that is no file. Hand in the notebook itself.")
    try:
        if path.stat().st_size > LARGEST:
            raise UnreadableNotebook(
                f"the file has {path.stat().st_size / 1e6:.0f} MB, and {LARGEST / 1e6:.0f} MB are allowed. "
                "Clear all outputs, save, and hand it in again."
            )
        return path.read_bytes()
    except OSError as error:
        raise UnreadableNotebook(f"the file cannot be read: {error.strerror}.") from None


def parse_notebook(content: bytes) -> tuple[Cell, ...]:
    """The cells in the bytes of a notebook file (format 4, or 3 of older days)."""
    if not content.strip():
        raise UnreadableNotebook("the file is empty. Save the notebook and hand it in again.")
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UnreadableNotebook("the file is not a notebook. Hand in the .ipynb file as Jupyter saved it.") from None
    except (ValueError, RecursionError):
        said = "the file is not a notebook (not JSON), or it is cut off. Save the notebook again."
        raise UnreadableNotebook(said) from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if cells is None and isinstance(notebook, dict):
        sheets = notebook.get("worksheets")
        cells = sheets[0].get("cells") if isinstance(sheets, list) and sheets and isinstance(sheets[0], dict) else None
    if not isinstance(cells, list):
        raise UnreadableNotebook("the file is JSON, but no notebook: it has no cells.")
    if len(cells) > MOST_CELLS:
        raise UnreadableNotebook(f"the notebook has {len(cells)} cells, and {MOST_CELLS} are allowed.")
    found = tuple(_cell(each) for each in cells if isinstance(each, dict))
    if (length := sum(len(each.source) for each in found)) > MOST_CODE:
        said = f"its cells have {length} characters, and {MOST_CODE} are allowed. Take data out of it."
        raise UnreadableNotebook(said)
    if any(dots(each.source) > MOST_DOTS for each in found):
        raise UnreadableNotebook(f"there is a name with more than {MOST_DOTS} dots in it, which Python cannot read.")
    return found


def dots(source: str) -> int:
    """The dots of the name that has most of them, however it is spread over lines."""
    most = now = 0
    before = ""
    for each in re.findall(r"\w+|[^\s\\]", source) if source.count(".") > MOST_DOTS else ():
        name = each.isidentifier()
        now = now + (each == ".") if (each == "." and before.isidentifier()) or (name and before == ".") else 0
        most, before = max(most, now), each
    return most


def _cell(raw: dict[str, Any]) -> Cell:
    metadata = _dict(raw.get("metadata"))
    ours, nbgrader = _dict(metadata.get("cmelab")), _dict(metadata.get("nbgrader"))
    exercise, kind = str(ours.get("exercise") or ""), str(ours.get("kind") or "")
    # The first mark that the hand-out knows counts: an editor may drop ids, and a copied cell gets a new one.
    marks = (nbgrader.get("grade_id"), f"{kind} {exercise}" if exercise and kind else "", raw.get("id"))
    source = raw.get("source", raw.get("input", ""))
    if isinstance(source, list):
        source = "".join(str(line) for line in source)
    return Cell(
        str(raw.get("cell_type")), writable(str(source)), tuple(str(each) for each in marks if each), exercise, kind,
    )  # fmt: skip


def writable(text: str) -> str:
    """Text that every file can take: halves of characters, which JSON may hold, become question marks."""
    return text.encode("utf-8", "replace").decode()


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
