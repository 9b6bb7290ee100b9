"""Who is in the class: a gradebook exported from Canvas or Moodle, a table with a column `student`, or a plain list."""
from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

# What students are known by, best first; the first column that is filled for everybody is taken.
CANVAS = ("SIS Login ID", "SIS User ID", "ID")
MOODLE = ("Username", "ID number", "Email address", "Full name")
TABLE = ("student", "id", "login", "name")
# Rows of a Canvas export that are no students: the points, and the student that Canvas itself makes for a test.
NO_STUDENT = re.compile(r"^\s*(points possible|student, test|test student)\s*$", re.I)


class RosterError(ValueError):
    """A roster that cannot be read; the message names the file and the line."""


@dataclass(frozen=True)
class Person:
    """One student: what they are known by, their name, and the row of the table they stand in."""

    id: str
    name: str = ""
    line: int = 0
    row: Mapping[str, str] = field(default_factory=dict, hash=False)
    columns: tuple[str, ...] = field(default=(), hash=False)  # as the table spells them

    def get(self, *columns: str) -> str:
        """The first of some columns that is filled, whatever its capitals."""
        return next((self.row[each.lower()] for each in columns if self.row.get(each.lower())), "")

    @cached_property
    def keys(self) -> set[str]:
        """Everything this person's notebook may be called."""
        first, last = self.parts
        names = {self.id, self.name, f"{first} {last}", f"{last} {first}", *map(self.get, (*CANVAS, *MOODLE))}
        return {key(each) for each in names} - {""}

    @property
    def parts(self) -> tuple[str, str]:
        """First and last name, as far as the table tells them apart ("Lovelace, Ada")."""
        first, last = self.get("First name"), self.get("Last name", "Surname")
        if not last:
            last, comma, rest = self.name.partition(",")
            first, last = (rest.strip(), last) if comma else (first or self.name, "")
        return first, last


def key(name: str) -> str:
    """A name without what files, capitals and spellings do to it."""
    return "".join(each for each in unicodedata.normalize("NFC", name).casefold() if each.isalnum())


def read_roster(path: Path) -> tuple[Person, ...]:
    """The students of a class, in the order of the file.

    Raises
    ------
    RosterError
        No file, no students, a student without a name or there twice, or a table without a column that names them.
    """
    if not path.is_file():
        raise RosterError(f"There is no roster {path}; give a table of the students.")
    text = text_of(path.read_bytes())
    delimiter = delimiter_of(text)
    columns = [each.strip() for each in next(csv.reader(text.splitlines(), delimiter=delimiter), [])]
    known = _known(columns)
    people = _of_table(path, text, delimiter, known) if known else _of_list(path, text)
    if not people:
        raise RosterError(f"{path} has no students; write one on each line, or export the gradebook again.")
    seen: dict[str, Person] = {}
    for each in people:
        if not each.id.isprintable():
            raise RosterError(f"{path}, line {each.line}: {each.id!r} has a character that cannot be printed.")
        # Files of two names that differ in their capitals only would overwrite each other on some systems.
        if (first := seen.setdefault(file_stem(each.id).casefold(), each)) is not each:
            raise RosterError(
                f"{path}, line {each.line}: {each.id!r} is on line {first.line} already, as {first.id!r}. "
                "Give each student a name of their own."
            )
    return tuple(people)


def text_of(content: bytes) -> str:
    """The text of a table as any spreadsheet saves it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def delimiter_of(text: str) -> str:
    """What separates the columns: the sign that the first line has most of."""
    return max(",;\t", key=text.partition("\n")[0].count)


def file_stem(id: str) -> str:
    """A file's name for a student, which every system takes and which still reads as the name."""
    stem = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", id).strip(" .") or "_"
    reserved = re.fullmatch(r"(?i)con|prn|aux|nul|com\d|lpt\d", stem)
    return f"{stem}_" if reserved else stem[:120]


def _known(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns that may name a student, if the first line is a header of a kind that is known."""
    lower = {each.lower() for each in columns}
    if {"student", "id"} <= lower and len(columns) > 2:
        return CANVAS
    if lower & {"first name", "surname", "last name", "full name", "email address", "username"}:
        return MOODLE
    return TABLE if lower & {*TABLE} else ()


def _of_table(path: Path, text: str, delimiter: str, known: Sequence[str]) -> list[Person]:
    reader = csv.DictReader(text.splitlines(), delimiter=delimiter)
    rows = []
    for row in reader:
        cells = {clean(name).lower(): clean(cell) for name, cell in row.items() if isinstance(cell, str) and name}
        name = cells.get("student") or cells.get("full name") or cells.get("name") or _joined(cells)
        if any(cells.values()) and not NO_STUDENT.match(name) and not (known == CANVAS and not name):
            rows.append((reader.line_num, name, cells))
    column = _column(path, known, rows)
    columns = tuple(clean(each) for each in reader.fieldnames or ())
    return [Person(cells[column], name, line, cells, columns) for line, name, cells in rows]


def _column(path: Path, known: Sequence[str], rows: Sequence[tuple[int, str, Mapping[str, str]]]) -> str:
    """The column that students are known by: the first that is filled for all of them."""
    there = [each for each in known if any(cells.get(each.lower()) for _, _, cells in rows)]
    if rows and not there:
        raise RosterError(f"{path} names nobody; one of the columns {', '.join(known)} must be filled.")
    gaps = {each: next((line for line, _, cells in rows if not cells.get(each.lower())), 0) for each in there}
    for each in there:
        if not gaps[each]:
            return each.lower()
    if not rows:
        return ""
    raise RosterError(f"{path}, line {gaps[there[0]]}: the column `{there[0]}` is empty. Fill it, or drop the line.")


def _joined(cells: Mapping[str, str]) -> str:
    return f"{cells.get('first name', '')} {cells.get('last name') or cells.get('surname', '')}".strip()


def _of_list(path: Path, text: str) -> list[Person]:
    """One student on each line; a comma belongs to the name where a space follows it ("Lovelace, Ada")."""
    people = []
    for number, line in enumerate(text.splitlines(), 1):
        cells = next(csv.reader([line], delimiter=delimiter_of(line)), [])
        whole = clean(cells[0] if len(cells) == 1 else line)
        if len(cells) > 2 or (len(cells) == 2 and not cells[1].startswith(" ")):
            raise RosterError(
                f"{path}, line {number}: {whole!r} has several columns, and line 1 does not say which names the "
                "student. Write `student` above that column."
            )
        if whole and not whole.startswith("#"):
            people.append(Person(whole, whole, number))
    return people


def clean(text: str) -> str:
    """Text without white space around and in a row; ë is one letter."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def find(people: Iterable[Person], *names: str) -> Person | None:
    """The only person whom one of these names fits; None where there is none, or more than one."""
    for wanted in filter(None, map(key, names)):
        fits = [each for each in people if wanted in each.keys]
        if len(fits) == 1:
            return fits[0]
    return None
