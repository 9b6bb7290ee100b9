"""Rosters as Canvas, Moodle and people write them; notebooks for every student; numbers of somebody else reported."""
from __future__ import annotations

import ast
import csv
import dataclasses
import json
import os
from pathlib import Path

import pytest
from small_unit import LOSS, UNIT, course, find, notebook, solved, write

import cmelab
from cmelab.exercises import exercise, numbers_of
from cmelab.exercises.exercise import digest
from cmelab.grading import Limits, assign, grade_folder
from cmelab.grading.by_hand import merge
from cmelab.grading.marked import Marked
from cmelab.grading.names import students
from cmelab.grading.roster import Person, RosterError, file_stem, key, read_roster
from cmelab.grading.roster import find as find_person
from cmelab.grading.whose import given_to, report_numbers

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Unit 09 A small unit (4711)\n"
    "    Points Possible,,,,,7\n"
    '"Lovelace, Ada",101,S1,ada,A,\n"Müller, Zoe\u0308",102,S2,zoe,B,\n"Student, Test",,,,A,\n'
)
MOODLE = (
    "First name,Last name,ID number,Email address\nAda,Lovelace,7001,ada@x.org\nZoë,Müller,7002,zoe@x.org\n"
)


def roster(folder: Path, content: str | bytes, name: str = "roster.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# Reading -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "people"),
    [
        (CANVAS, [("ada", "Lovelace, Ada"), ("zoe", "Müller, Zoë")]),
        (CANVAS.replace("ada,A", ",A"), [("S1", "Lovelace, Ada"), ("S2", "Müller, Zoë")]),
        (MOODLE, [("7001", "Ada Lovelace"), ("7002", "Zoë Müller")]),
        (MOODLE.replace("7002", ""), [("ada@x.org", "Ada Lovelace"), ("zoe@x.org", "Zoë Müller")]),
        (MOODLE.replace("Last name", "Surname").replace(",", ";"), [("7001", "Ada Lovelace"), ("7002", "Zoë Müller")]),
        ("Group\tStudent\nA\tada\nB\t\n\t\n".replace("B\t", "B\tzoe"), [("ada", "ada"), ("zoe", "zoe")]),
        ("ada\n\n# later\n  Zoë   Müller \n", [("ada", "ada"), ("Zoë Müller", "Zoë Müller")]),
        ("Lovelace, Ada\nHopper, Grace\n", [("Lovelace, Ada", "Lovelace, Ada"), ("Hopper, Grace", "Hopper, Grace")]),
        ('"Lovelace, Ada"\n"O\'Neill"\n', [("Lovelace, Ada", "Lovelace, Ada"), ("O'Neill", "O'Neill")]),
    ],
    ids=["canvas", "canvas-no-login", "moodle", "moodle-email", "moodle-excel", "table", "list", "commas", "quotes"],
)  # fmt: skip
def test_a_roster_is_read_as_it_is_exported_or_typed(tmp_path: Path, content: str, people: list[tuple[str, str]]):
    assert [(each.id, each.name) for each in read_roster(roster(tmp_path, content))] == people


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_roster_is_read_in_every_encoding_of_a_spreadsheet(tmp_path: Path, encoding: str):
    assert [each.id for each in read_roster(roster(tmp_path, "student\nZoë\n".encode(encoding)))] == ["Zoë"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("ada\nbob\nada\n", "line 3: 'ada' is on line 1 already, as 'ada'"),
        ("ada\nADA\n", "line 2: 'ADA' is on line 1 already, as 'ada'"),
        ("Zoë\nZoe\u0308\n", "line 2"),
        ("a/b\na:b\n", "line 2: 'a:b' is on line 1 already, as 'a/b'"),
        (CANVAS.replace("S2", "").replace("ada,A", ",A").replace("102", ""), "line 3: the column `SIS Login ID` is"),
        ("student,group\nada,A\n,B\n", "line 3: the column `student` is empty"),
        ("student\n\n", "has no students"),
        ("", "has no students"),
        ("ada,Ada Lovelace\n", "line 1: 'ada,Ada Lovelace' has several columns"),
        ("bob\nada;x;y\n", "line 2"),
        ("ada\nb\x07b\n", "line 2: 'b\\\\x07b' has a character that cannot be printed"),
        ("First name,Last name\nAda,Lovelace\n", "names nobody"),
    ],
)  # fmt: skip
def test_a_roster_that_cannot_be_used_is_refused_with_the_line(tmp_path: Path, content: str, said: str):
    with pytest.raises(RosterError, match=said.replace("(", r"\(")):
        read_roster(roster(tmp_path, content))


def test_a_roster_that_is_not_there_is_told_before_anything_is_graded(tmp_path: Path):
    write(solved(), tmp_path / "in" / "ada.ipynb")
    where = {"course": course(tmp_path / "course"), "units": (UNIT,), "roster": tmp_path / "none.csv"}
    with pytest.raises(RosterError, match=r"There is no roster .*none\.csv"):
        grade_folder(tmp_path / "in", tmp_path / "report", **where)
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize(
    ("id", "stem"),
    [("Zoë Müller", "Zoë Müller"), ("a/b:c", "a_b_c"), ("Lovelace, Ada", "Lovelace, Ada"), ("con", "con_"),
     ("..", "_"), (" x. ", "x"), ("n" * 300, "n" * 120)],
)  # fmt: skip
def test_a_file_is_called_like_its_student_as_far_as_every_system_takes_it(id: str, stem: str):
    assert file_stem(id) == stem


def test_a_person_is_found_under_every_name_an_upload_may_have_and_never_a_wrong_one(tmp_path: Path):
    people = read_roster(roster(tmp_path, CANVAS))
    names = ("ada", "ADA", "Ada Lovelace", "lovelaceada", "Lovelace, Ada", "101", "S1")
    assert {find_person(people, each) for each in names} == {people[0]}
    assert find_person(people, "adam") is None
    twins = (Person("a1", "Ann Lee"), Person("a2", "Ann Lee"))
    assert find_person(twins, "Ann Lee") is None
    assert find_person(twins, "Ann Lee", "a2") is twins[1]


def test_the_student_of_a_canvas_download_is_found():
    one, two, late = "lovelaceada_101_50001_ada", "leeann_7_60001_work-1", "leeann_LATE_8_90001_work"
    assert students([one, two, late]) == {one: "lovelaceada", two: "leeann_7", late: "leeann_8"}
    own = ["ada_lovelace_2", "hw_01_02_ada", "hw_01_02_bob", "hw_2026_1001_ada", "hw_2026_1002_bob"]
    assert students(own) == {each: each for each in own}


# Handing out -------------------------------------------------------------------------------------------


@pytest.fixture
def handed_out(tmp_path: Path) -> Path:
    at = course(tmp_path / "course")
    names = roster(tmp_path, "ada\nbob\nZoë Müller\na/b\n")
    made = notebook()
    made["cells"][0]["source"] = made["cells"][0]["source"].replace('start("09")', 'start("09", student="self-study")')
    write(made, at / "09_small" / "exercises.ipynb")
    assert assign(names, tmp_path / "out", salt="2026", course=at, known=(UNIT,)) == 0
    return tmp_path


def test_every_student_gets_their_numbers_in_the_line_and_in_the_metadata(handed_out: Path):
    folder = handed_out / "out" / "09_small"
    assert sorted(each.name for each in folder.iterdir()) == ["Zoë Müller.ipynb", "a_b.ipynb", "ada.ipynb", "bob.ipynb"]
    for id, stem in (("ada", "ada"), ("Zoë Müller", "Zoë Müller"), ("a/b", "a_b")):
        made = json.loads((folder / f"{stem}.ipynb").read_text("utf-8"))
        assert made["metadata"]["cmelab"] == {"student": id, "salt": "2026", "unit": "09"}
        assert given_to(folder / f"{stem}.ipynb") == id
        call = ast.parse("".join(made["cells"][0]["source"])).body[-1].value  # type: ignore[attr-defined]
        assert {each.arg: ast.literal_eval(each.value) for each in call.keywords} == {"student": id, "salt": "2026"}


def test_notebooks_are_never_overwritten(handed_out: Path):
    at, names = handed_out / "course", handed_out / "roster.csv"
    with pytest.raises(FileExistsError, match=r"may hold answers; give another folder with -o"):
        assign(names, handed_out / "out", salt="2027", course=at, known=(UNIT,))


def test_an_empty_salt_and_a_hand_out_without_its_line_are_refused(tmp_path: Path):
    at, names = course(tmp_path / "course"), roster(tmp_path, "ada\n")
    with pytest.raises(RosterError, match="salt is empty"):
        assign(names, tmp_path / "out", salt=" ", course=at, known=(UNIT,))
    with pytest.raises(RosterError, match=r'has no line start\("09", student="self-study"\)'):
        assign(names, tmp_path / "out", salt="2026", course=at, known=(UNIT,))
    assert not (tmp_path / "out").exists()


def test_the_notebook_of_the_course_asks_nobody_for_a_name_once_it_is_assigned(tmp_path: Path):
    """The hand-out of unit 01 says where to write a name; the numbers are those of the student and the salt."""
    assert assign(roster(tmp_path, "ada\n"), tmp_path / "out", salt="2026", units=["01"]) == 0
    text = (tmp_path / "out" / "01_propensities" / "ada.ipynb").read_text("utf-8")
    assert "self-study" not in text and "Leave the line with `start`" in text
    assert r'`!cmelab check \"ada.ipynb\"`' in text and "check exercises.ipynb" not in text
    scope: dict = {}
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    for cell in cells[:1] + [each for each in cells if "given(" in "".join(each["source"])][:1]:
        exec("".join(cell["source"]), scope)
    assert (scope["n"], scope["k"], scope["omega"]) == tuple(numbers_of(exercise("1.1b"), "ada", salt="2026").values())
    cmelab.start("01")


# Taking in ---------------------------------------------------------------------------------------------


def read_rows(report: Path) -> dict[str, dict[str, dict[str, str]]]:
    rows: dict[str, dict[str, dict[str, str]]] = {}
    with open(report / "grades.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["student"], {})[row["exercise"]] = row
    return rows


def answered(path: Path, student: str) -> dict:
    """The notebook of a student, with the right number for another's or their own numbers typed in."""
    made = json.loads(path.read_text("utf-8"))
    n, k = numbers_of(LOSS, student, salt="2026").values()
    find(made, "answer", "9.1b")["source"] = f"loss_rate = {k * n * (n - 1):.5g}"
    return made


def test_grading_knows_the_numbers_and_reports_those_of_somebody_else(handed_out: Path):
    """ada is honest; bob hands in ada's notebook; Zoë has edited her line; 'ada' in a name accuses nobody."""
    folder, taken = handed_out / "out" / "09_small", handed_out / "in"
    write(answered(folder / "ada.ipynb", "ada"), taken / "ada.ipynb")
    write(answered(folder / "ada.ipynb", "ada"), taken / "bob.ipynb")
    edited = answered(folder / "Zoë Müller.ipynb", "zoe")
    edited["cells"][0]["source"] = edited["cells"][0]["source"].replace("'Zoë Müller'", "'zoe'")
    write(edited, taken / "Zoë Müller.ipynb")
    write(answered(folder / "a_b.ipynb", "a/b"), taken / "a_b.ipynb")
    report = handed_out / "report"
    where = {"course": handed_out / "course", "units": (UNIT,), "limits": Limits(cell=3.0)}
    assert grade_folder(taken, report, roster=handed_out / "roster.csv", **where) == 0
    assert {name: rows["9.1b"]["points"] for name, rows in read_rows(report).items()} == dict.fromkeys(
        ("a_b", "ada", "bob", "Zoë Müller"), "2"
    )
    with open(report / "totals.csv", encoding="utf-8", newline="") as file:
        flags = {row["student"]: row["flags"] for row in csv.DictReader(file)}
    assert flags["ada"] == flags["a_b"] == ""
    assert "numbers that were given to ada" in flags["bob"]
    assert "was given out to Zoë Müller, and its line start(...) names zoe." in flags["Zoë Müller"]
    assert "bob: This notebook has the numbers" in (report / "index.html").read_text("utf-8")
    page = (report / "feedback" / "bob-09.html").read_text("utf-8")
    assert "are not those that were given to you" in page
    assert "given to ada" not in page and "numbers of ada" not in page


def told(student: str, numbers_of: str, flags: tuple[str, ...] = ()) -> Marked:
    return Marked(student, UNIT, (), numbers_of=numbers_of, flags=flags)


@pytest.mark.parametrize(
    ("marked", "flagged"),
    [
        ([told("ada", "ada"), told("bob", "bob")], []),
        ([told("ada lovelace", "Ada_Lovelace"), told("ADA", "ada")], []),
        ([told("lovelaceada", "ada"), told("bob", "self-study")], []),
        ([told("bob", "bobby"), told("ada", "4711")], []),
        ([told("bob", "ada"), told("ada", "ada")], ["bob"]),
        ([told("bob", "4711"), told("eve", "4711"), told("ada", "ada")], ["bob", "eve"]),
        ([told("bob", "self-study"), told("eve", "self-study")], []),
    ],
)  # fmt: skip
def test_only_numbers_of_somebody_else_are_reported(marked: list[Marked], flagged: list[str]):
    found = report_numbers(marked, [Path("none")] * len(marked), ())
    assert [each.student for each in found if each.flags] == [each.student for each in found if each.remark] == flagged


def test_a_person_of_the_roster_is_one_person_under_all_their_names(tmp_path: Path):
    people = read_roster(roster(tmp_path, CANVAS))
    marked = [told("lovelaceada", "ada"), told("Müller Zoë", "zoe"), told("102", "ada")]
    found = report_numbers(marked, [Path("none")] * 3, people)
    assert [each.student for each in found if each.flags] == ["102"]


def test_a_file_under_a_name_that_is_in_no_roster_is_told_to_the_instructor_only(tmp_path: Path):
    people = read_roster(roster(tmp_path, CANVAS))
    marked = [told("final version", "ada"), told("zoe", "zoe"), told("work", "self-study")]
    found = report_numbers(marked, [Path("none")] * 3, people)
    assert [each.flags for each in found] == [(), (), ()]
    assert [each.remark for each in found] == [
        "The name of this file fits nobody in the roster. Its numbers are those of Lovelace, Ada, to whom it is "
        "counted.", "", "",
    ]  # fmt: skip


def test_manual_points_stay_when_a_check_is_mended_and_all_is_graded_again(tmp_path: Path):
    """The mended exercise is another one: its results are computed anew, the person's points are merged again."""
    at = course(tmp_path / "course")
    write(solved(**{"9_2": "factors = (2, 8)"}), tmp_path / "in" / "ada.ipynb")
    report = tmp_path / "report"
    (report).mkdir()
    (report / "marks.csv").write_text("student,exercise,points,comment\nada,9.3,0.5,Which half?\n")
    where = {"course": at, "limits": Limits(cell=3.0)}
    assert grade_folder(tmp_path / "in", report, units=(UNIT,), **where) == 0
    before = read_rows(report)["ada"]
    mended = dataclasses.replace(UNIT.exercises[2], reference=lambda: (2.0, 8.0))
    unit = dataclasses.replace(UNIT, exercises=(*UNIT.exercises[:2], mended, UNIT.exercises[3]))
    assert grade_folder(tmp_path / "in", report, units=(unit,), **where) == 0
    after = read_rows(report)["ada"]
    assert (before["9.2"]["points"], after["9.2"]["points"]) == ("0", "1")
    assert json.loads((report / "results" / "ada-09.json").read_text())["exercises"] == digest(unit)
    assert before["9.3"]["points"] == after["9.3"]["points"] == "0.5"
    assert merge([], report / "marks.csv")[1] == [
        "marks.csv, line 2: there is no student 'ada' in this report. The line is left out."
    ]


def test_key_is_blind_to_capitals_signs_and_two_ways_to_write_a_letter():
    assert key("Zoe\u0308 O'Neill_2") == key("ZOË ONEILL 2")
    assert key("ada") != key("adam")


def test_what_is_no_file_is_given_to_nobody(tmp_path):
    """A pipe has no end: reading it would wait for ever."""
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "link.ipynb").symlink_to(tmp_path / "pipe.ipynb")
    assert [given_to(tmp_path / name) for name in ("pipe.ipynb", "link.ipynb", "none.ipynb")] == ["", "", ""]
