"""Whose numbers are in whose notebook: reported, never judged. Files are mixed up more often than copied."""
from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..exercises import SELF_STUDY
from .marked import Marked
from .notebook import UnreadableNotebook, file_content
from .roster import Person, find, key

OTHERS = "This notebook has the numbers that were given to {}. It was marked with those. Were two files mixed up?"
SHARED = "This notebook has the numbers of {}, and so has the notebook of {}. It was marked with those."
CHANGED = "This notebook was given out to {}, and its line start(...) names {}. It was marked with those numbers."
RENAMED = "The name of this file fits nobody in the roster. Its numbers are those of {}, to whom it is counted."
# What the student is told names nobody.
NOT_YOURS = "The numbers in this notebook are not those that were given to you. It was marked with the numbers it has."


def given_to(path: Path) -> str:
    """The student that a notebook was written for by `cmelab assign`; nothing where it does not say."""
    try:
        found = json.loads(file_content(path))["metadata"]["cmelab"]["student"]
    except (UnreadableNotebook, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return found.strip() if isinstance(found, str) else ""


def report_numbers(marked: Sequence[Marked], paths: Sequence[Path], people: Sequence[Person]) -> list[Marked]:
    """The marks with a flag and a remark where a notebook has the numbers of somebody else in the class.

    A name that is nobody else's is no matter: students write their names in many ways.
    """
    hands = [_identity(each.student, people) for each in marked]
    numbers = [_identity(each.numbers_of, people) for each in marked]
    found = []
    for i, (each, path) in enumerate(zip(marked, paths, strict=True)):
        said, handed = [], given_to(path)
        if handed and each.numbers_of and key(handed) != key(each.numbers_of):
            said.append(CHANGED.format(handed, each.numbers_of))
        owner = find(people, each.numbers_of)
        if not said and owner and not find(people, each.student):
            # Renamed, or one of two people of one name: no reason to tell a student that the numbers are another's.
            found.append(replace(each, remark=RENAMED.format(owner.name or owner.id)))
            continue
        if each.numbers_of not in ("", SELF_STUDY) and numbers[i] != hands[i]:
            others = [j for j, other in enumerate(marked) if other.unit is each.unit and hands[j] != hands[i]]
            sharing = [marked[j].student for j in others if numbers[j] == numbers[i]]
            if any(hands[j] == numbers[i] for j in others) or owner:
                said.append(OTHERS.format(each.numbers_of))
            elif sharing:
                said.append(SHARED.format(each.numbers_of, ", ".join(sharing)))
        found.append(replace(each, flags=(*each.flags, NOT_YOURS), remark=" ".join(said)) if said else each)
    return found


def _identity(name: str, people: Sequence[Person]) -> str:
    """The person behind a name, as far as the roster tells."""
    person = find(people, name)
    return key(person.id if person else name)
