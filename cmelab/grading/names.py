"""Whose notebook it is, read off the name of a file or folder: copies and an upload's decoration are taken off."""
from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

# "bob (1)", "bob - Copy (2)", "bob-Copy1", "bob copy 2", "bob (final)"; and in front, "Copy of bob".
COPY = re.compile(r"(\s*\((\d+|v\d+|copy|kopie|final|new|neu)\)|[\s_-]+(copy|kopie|copie)\s*\d*)$|^copy of\s+", re.I)
# A folder (or file) as Moodle packs it: "Zoë Müller_38211_assignsubmission_file_".
MOODLE = re.compile(r"^(.+?)_(\d+)_assignsubmission_")
# A file as Canvas packs it, by the numbers of the student and of the submission: "lovelaceada_LATE_1234_56789_work-1".
CANVAS = re.compile(r"^([^_]+?)(?:_LATE)?_(\d+)_\d{4,}_")


def students(names: Iterable[str]) -> dict[str, str]:
    """Name of a file (without its ending) or folder -> the student.

    Two people of one name in a download keep their numbers: they are not copies of one another.
    """
    names = [*names]
    matches = {name: MOODLE.match(name) or CANVAS.match(name) for name in names}
    whose = Counter((found[1], found[2]) for found in matches.values() if found and found.re is CANVAS)
    # Canvas packs one notebook of each student: where two are alike, people wrote "work_2026_1001_ada" themselves.
    packed = {name: found for name, found in matches.items() if found and whose[found[1], found[2]] < 2}
    numbers: dict[str, set[str]] = {}
    for found in packed.values():
        numbers.setdefault(found[1], set()).add(found[2])
    return {name: _student(name, packed.get(name), numbers) for name in names}


def _student(name: str, found: re.Match[str] | None, numbers: dict[str, set[str]]) -> str:
    if found:
        return readable(found[1] if len(numbers[found[1]]) == 1 else f"{found[1]}_{found[2]}")
    rest = name.strip()
    while (shorter := COPY.sub("", rest).strip()) != rest and shorter:
        rest = shorter
    return readable(rest)


def readable(name: str) -> str:
    """A file name as text that can be printed and written anywhere; ë is one letter, as keyboards type it."""
    text = unicodedata.normalize("NFC", name.encode("utf-8", "backslashreplace").decode())
    return "".join(each if each.isprintable() else "?" for each in text).strip() or "?"


def natural(name: str) -> list[str | int]:
    """A key that sorts "(2)" before "(10)"."""
    return [int(each) if i % 2 else each.casefold() for i, each in enumerate(re.split(r"(\d+)", name))]
