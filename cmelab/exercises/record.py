"""What a student has done so far: one JSON file beside the notebook."""
from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from .finding import AWAITING, NOT_TRIED, NOT_YET, RIGHT

VARIABLE = "CMELAB_PROGRESS"
FILE = "progress.json"
VERSION = 1
DAMAGED = (ValueError, KeyError, TypeError, AttributeError)
STATES = (NOT_TRIED, NOT_YET, RIGHT, AWAITING)
# `first` is the state of the first answer, kept for what is asked before and after the course.
BLANK = {"state": NOT_TRIED, "attempts": 0, "hints": 0, "misconceptions": [], "first": ""}


def named_file() -> Path | None:
    """The file named by CMELAB_PROGRESS, if there is one."""
    name = os.environ.get(VARIABLE)
    return Path(name) if name else None


def progress_file() -> Path:
    """Where progress is kept: the file named by CMELAB_PROGRESS, else beside the notebook."""
    return named_file() or Path(FILE)


def everywhere() -> dict[str, dict[str, Any]]:
    """Progress in this unit and in those beside it, by exercise; a damaged file is left to the unit it belongs to."""
    named = named_file()
    found: dict[str, dict[str, Any]] = {}
    for path in [named] if named else sorted(Path.cwd().parent.glob(f"[0-9][0-9]_*/{FILE}")):
        with contextlib.suppress(OSError, *DAMAGED):
            found |= _entries(path.read_text("utf-8"))
    return found


def read(path: Path) -> tuple[dict[str, dict[str, Any]], str]:
    """Progress by exercise, and a sentence where a damaged file was set aside."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return {}, ""
    except (OSError, UnicodeDecodeError):
        text = ""
    try:
        return _entries(text), ""
    except DAMAGED:
        return {}, _set_aside(path)


def _entries(text: str) -> dict[str, dict[str, Any]]:
    return {str(id): {**BLANK, **_checked(each)} for id, each in json.loads(text)["exercises"].items()}


def _checked(entry: dict[str, Any]) -> dict[str, Any]:
    """One exercise's entry; a value of the wrong type means that the file is damaged."""
    for key, blank in BLANK.items():
        if type(entry.get(key, blank)) is not type(blank):
            raise TypeError(key)
    beliefs = entry.get("misconceptions", ())
    if entry.get("state", NOT_TRIED) not in STATES or not all(isinstance(each, str) for each in beliefs):
        raise ValueError(entry)
    return entry


def _set_aside(path: Path) -> str:
    aside = path.with_name(path.name + ".damaged")
    try:
        os.replace(path, aside)
    except OSError:
        return f"{path.name} cannot be read, and not be moved either: progress is not kept."
    return f"{path.name} was damaged; it is now {aside.name}, and progress starts anew."


def write(path: Path, exercises: dict[str, dict[str, Any]]) -> None:
    """Replace the file in one step: an interruption leaves the old one or the new one, never half of one."""
    text = json.dumps({"version": VERSION, "exercises": exercises}, indent=1, sort_keys=True, ensure_ascii=False)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def note(id: str, **changes: Any) -> str:
    """Keep what happened to one exercise; returns a sentence where something is wrong with the file.

    `attempts` is counted up by what is given, `hints` keeps the largest, `misconceptions` are collected, and `first`
    is kept once it is there.
    """
    path = progress_file()
    try:
        exercises, trouble = read(path)
        entry = exercises.setdefault(id, dict(BLANK))
        entry["state"] = changes.get("state", entry["state"])
        entry["attempts"] += changes.get("attempts", 0)
        entry["first"] = entry["first"] or changes.get("first", "")
        entry["hints"] = max(entry["hints"], changes.get("hints", 0))
        entry["misconceptions"] = sorted({*entry["misconceptions"], *changes.get("misconceptions", ())})
        write(path, exercises)
    except OSError:
        # A folder that cannot be written (a shared drive, a full disk) must never cost a student the check.
        return ""
    return trouble
