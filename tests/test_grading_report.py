"""What an instructor is told and may edit: copies, ignored files, points by hand, tables, an interrupted run."""
from __future__ import annotations

import csv
import dataclasses
import io
import os
import re
from pathlib import Path

import pytest
from small_unit import UNIT, course, solved, write

from cmelab.grading import grade_folder
from cmelab.grading.batch import Grader
from cmelab.grading.by_hand import awaiting_csv, merge
from cmelab.grading.marked import Marked
from cmelab.grading.misplaced import answer_in_check, numbers_edited
from cmelab.grading.names import students
from cmelab.grading.overview import TABLES, index
from cmelab.grading.report import feedback
from cmelab.grading.score import Result
from cmelab.grading.submissions import find_submissions, ignored_files
from cmelab.grading.tables import grades_csv, totals_csv, write_table

STATES = ("not yet", "right", "right", "awaiting")


def marked(student: str = "ada", **how) -> Marked:
    """A student with the belief P1 in 9.1, a text that waits, and all else right."""
    points = {"right": lambda e: e.points, "not yet": lambda e: 0, "awaiting": lambda e: None}
    results = tuple(
        Result(e.id, e.title, s, points[s](e), e.points, (), misconceptions=("P1",) if s == "not yet" else ())
        for e, s in zip(UNIT, STATES, strict=True)
    )
    return Marked(student, UNIT, results, **how)


def graded(folder: Path, report: Path, course_at: Path) -> int:
    return grade_folder(folder, report, course=course(course_at), units=(UNIT,), jobs=1)


# Who handed in what ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("bob", "bob"), ("bob (1)", "bob"), ("bob(12)", "bob"), ("bob - Copy (2)", "bob"), ("bob-Copy1", "bob"),
        ("bob copy 2", "bob"), ("bob (final)", "bob"), ("Copy of bob", "bob"), ("Zoe\u0308", "Zoë"), ("(1)", "(1)"),
        ("Bobcopy", "Bobcopy"), ("Ann (group B)", "Ann (group B)"),
        ("Zoë Müller_38211_assignsubmission_file_", "Zoë Müller"),
    ],
)  # fmt: skip
def test_the_student_is_the_name_without_what_copying_and_uploading_add(name: str, student: str):
    assert students([name]) == {name: student}


def test_two_people_of_one_name_stay_two():
    names = [f"Ann Lee_{number}_assignsubmission_file_" for number in (1, 2)]
    assert [*students(names).values()] == ["Ann Lee_1", "Ann Lee_2"]


def test_of_two_copies_the_newest_counts_or_the_last_by_name(tmp_path: Path):
    for name in ("bob", "bob (2)", "bob (10)"):
        os.utime(write(solved(), tmp_path / f"{name}.ipynb"), (1e9, 1e9))
    (one,) = find_submissions(tmp_path, (UNIT,), report=tmp_path / "report")
    assert one.path.name == "bob (10).ipynb"
    assert "bob (10).ipynb counts: it is the last by name, since they were saved at the same time" in one.note
    os.utime(tmp_path / "bob.ipynb", (2e9, 2e9))
    (one,) = find_submissions(tmp_path, (UNIT,), report=tmp_path / "report")
    assert one.note == (
        "3 notebooks were handed in. bob.ipynb counts: it is the newest. Not graded: bob (2).ipynb, bob (10).ipynb."
    )


@pytest.mark.parametrize("below", ["{}.ipynb", "{}/exercises.ipynb", "{}_12_assignsubmission_file/work.ipynb"])
def test_a_folder_named_like_the_hand_out_of_a_unit_is_nobody(tmp_path: Path, below: str):
    for name in ("ada", "bob"):
        write(solved(), tmp_path / "09_small" / below.format(name))
    (tmp_path / "09_small" / "eve").mkdir()
    write(solved(), tmp_path / "mia" / "09_small" / "exercises.ipynb")
    found = find_submissions(tmp_path, (UNIT,), report=tmp_path / "report", shelves={"09_small", "08_other"})
    assert [(each.student, each.note) for each in found] == [("ada", ""), ("bob", ""), ("eve", ""), ("mia", "")]
    assert [bool(each.problem) for each in found] == [False, False, True, False]


@pytest.mark.parametrize("name", ["unit09", "Unit 9", "unit_09"])
def test_a_folder_that_says_unit_and_its_number_is_nobody(tmp_path: Path, name: str):
    write(solved(), tmp_path / name / "ada.ipynb")
    for other in ("unit 8", "09", "ulli"):
        write(solved(), tmp_path / other / "exercises.ipynb")
    found = find_submissions(tmp_path, (UNIT,), report=tmp_path / "report")
    assert [each.student for each in found] == ["09", "ada", "ulli", "unit 8"]


def test_pages_of_notebooks_that_are_gone_are_named(tmp_path: Path):
    for name in ("ada", "bob"):
        write(solved(), tmp_path / "in" / f"{name}.ipynb")
    assert graded(tmp_path / "in", tmp_path / "out", tmp_path / "course") == 0
    (tmp_path / "in" / "bob.ipynb").unlink()
    assert graded(tmp_path / "in", tmp_path / "out", tmp_path / "course") == 0
    said = "no longer handed in; give them to nobody: bob-09.html."
    assert said in (tmp_path / "out" / "index.html").read_text("utf-8")


def test_students_are_sorted_whatever_the_case_and_any_spelling_of_the_ending_is_taken(tmp_path: Path):
    for name in ("b.ipynb", "A.IPYNB", "C.ipynb"):
        write(solved(), tmp_path / name)
    found = find_submissions(tmp_path, (UNIT,), report=tmp_path / "report")
    assert [each.student for each in found] == ["A", "b", "C"]


def test_other_files_are_named_but_for_hidden_ones_and_the_report(tmp_path: Path):
    for name in ("mia.pdf", "karl.zip", ".DS_Store", "report/index.html", "__MACOSX/x.txt", "ada/data.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert ignored_files(tmp_path, tmp_path / "report") == ["karl.zip", "mia.pdf", "ada/data.csv"]


def test_a_folder_without_notebooks_makes_no_report(tmp_path: Path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "mia.pdf").touch()
    with pytest.raises(FileNotFoundError, match=r"no \.ipynb in .*in\. Ignored.*mia\.pdf"):
        graded(tmp_path / "in", tmp_path / "out", tmp_path / "course")
    assert not (tmp_path / "out").exists()


def test_a_report_among_the_submissions_is_refused(tmp_path: Path):
    write(solved(), tmp_path / "in" / "ada.ipynb")
    with pytest.raises(ValueError, match="another folder with -o"):
        graded(tmp_path / "in", tmp_path / "in" / ".." / "in", tmp_path / "course")


def test_what_the_instructor_should_know_is_on_stderr_and_in_the_index(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    for name in ("bob.ipynb", "bob (1).ipynb"):
        (tmp_path / "in").mkdir(exist_ok=True)
        os.utime(write({"cells": []}, tmp_path / "in" / name), (1e9, 1e9))
    (tmp_path / "in" / "mia.pdf").touch()
    assert graded(tmp_path / "in", tmp_path / "in" / "report", tmp_path / "course") == 1
    assert graded(tmp_path / "in", tmp_path / "in" / "report", tmp_path / "course") == 1
    told, index_page = capsys.readouterr().err, (tmp_path / "in" / "report" / "index.html").read_text("utf-8")
    for said in ("no .ipynb files: mia.pdf.", "bob: 2 notebooks were handed in. bob (1).ipynb counts"):
        assert told.count(said) == 2
        assert index_page.count(said) == 1
    assert (tmp_path / "in" / "report" / "totals.csv").read_text().splitlines()[1:] == [
        "bob,,7,0,not graded; several notebooks"
    ]


# Cells in other places ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("loss = 4\nloss_rate = loss\ncheck('9.1b', loss_rate)", "loss = 4\nloss_rate = loss"),
        ("loss_rate = 4; check('9.1b', loss_rate)", "loss_rate = 4"),
        ("cmelab.check('9.1b', 2 * 2)", "loss_rate = 2 * 2"),
        ("check('9.1b', loss_rate)", ""),
        ("print(loss_rate)\ncheck('9.1b', loss_rate)", ""),
        ("loss_rate = 4\ncheck('9.1', loss_rate)", ""),
        ("check('9.1b', None)", ""),
        ("loss_rate = 4\nloss_rate", ""),
        ("loss_rate = = 4\ncheck('9.1b', loss_rate)", ""),
    ],
)
def test_an_answer_above_or_in_the_check_is_found(source: str, answer: str):
    assert answer_in_check(UNIT.exercises[1], source) == answer


@pytest.mark.parametrize(
    ("submitted", "edited"),
    [("n, k = given('x')\nprint(n)", False), ("n, k = 1, 2", True), ("n, k = given('x')\nk = 2", True), ("", True)],
)
def test_numbers_are_edited_where_the_names_are_set_otherwise(submitted: str, edited: bool):
    assert numbers_edited('n, k = given("x")', submitted) is edited


def test_check_cells_are_spoken_of_once_and_cost_nothing():
    odd = [dataclasses.replace(each, flags=("check cell missing",)) for each in marked().results]
    page = feedback(dataclasses.replace(marked(), results=tuple(odd)))
    assert page.count("heck cell") == 1
    assert "Check cells missing, edited or repeated: all exercises. That costs nothing" in page
    assert "Noticed" not in page


# Points by hand ----------------------------------------------------------------------------------------


def test_points_by_hand_are_in_every_table_and_on_the_page(tmp_path: Path):
    """As a spreadsheet of another country writes them."""
    rows = "Student;Exercise;Points;Comment\nada;9.3;0,5;Why <two>?\nada;9.1;2;\n;;;\n"
    (tmp_path / "marks.csv").write_bytes(rows.encode("utf-8-sig"))
    (one,), said = merge([marked()], tmp_path / "marks.csv")
    assert said == []
    assert (one.points, one.awaiting) == (5.5, 0)
    assert "ada,9.3,0.5,1,,0,marked by hand,0.0" in grades_csv([one])
    assert totals_csv([one]).splitlines()[1] == "ada,5.5,7,0,"
    assert "Why &lt;two&gt;?" in feedback(one)
    assert "5.5 of 7 points" in feedback(one)
    assert "<td>5.5</td>" in index([one])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("ada,9.3,2,", "line 2: ada cannot have 2 points in 9.3; 0 to 1 are possible."),
        ("ada,9.3,-1,", "cannot have -1 points"),
        ("ada,9.3,much,", "'much', which is no number"),
        ("Adda,9.3,1,", "there is no student 'Adda' in this report; is it 'ada'?"),
        ("ada,7.7,1,", "there is no exercise '7.7'; there are 9.1, 9.1b, 9.2, 9.3."),
    ],
)
def test_a_row_that_cannot_be_taken_gets_a_sentence(tmp_path: Path, row: str, said: str):
    (tmp_path / "marks.csv").write_text(f"student,exercise,points,comment\n{row}\n")
    same, (sentence,) = merge([marked()], tmp_path / "marks.csv")
    assert same == [marked()]
    assert said in sentence


def test_the_table_of_what_awaits_a_reader_is_filled_and_saved_as_marks(tmp_path: Path):
    """What a person does with it: open it, give points, save it under the other name."""
    words = dataclasses.replace(marked().results[3], answer='explanation = """One,\ntwo."""')
    waiting = dataclasses.replace(marked(), results=(*marked().results[:3], words))
    (row,) = csv.DictReader(io.StringIO(awaiting_csv([waiting]), newline=""))
    assert row == {"student": "ada", "exercise": "9.3", "points": "", "comment": "", "max": "1", "answer": words.answer}
    with open(tmp_path / "marks.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, row, delimiter=";")
        table.writeheader()
        table.writerow(row | {"points": "1", "comment": "Yes."})
    (one,), said = merge([waiting], tmp_path / "marks.csv")
    assert (said, one.results[3].points, one.awaiting) == ([], 1, 0)
    assert awaiting_csv([one]).splitlines() == ["student,exercise,points,comment,max,answer"]


def test_saving_the_second_table_over_the_first_loses_no_points(tmp_path: Path):
    words = dataclasses.replace(marked().results[3], answer="explanation = 'Pairs.'")
    ada, bob = (dataclasses.replace(marked(each), results=(*marked().results[:3], words)) for each in ("ada", "bob"))
    path = tmp_path / "marks.csv"
    path.write_text('student,exercise,points,comment\nada,9.3,0.5,"Schön, klar"\nada,9.1,2,\n', "utf-8")
    before, _ = merge([ada, bob], path)
    path.write_text(awaiting_csv(before, path).replace("bob,9.3,,", "bob,9.3,1,"), "utf-8")
    after, said = merge([ada, bob], path)
    assert said == []
    assert after[0] == before[0]
    assert [each.results[3].points for each in after] == [0.5, 1]


def test_a_table_without_its_columns_gets_a_sentence(tmp_path: Path):
    (tmp_path / "marks.csv").write_text("ada,9.3,1\n")
    assert merge([marked()], tmp_path / "marks.csv")[1] == [
        "marks.csv has no column student, exercise, points; its first line must be student,exercise,points,comment."
    ]


def test_an_edited_table_is_kept_and_one_of_ours_is_replaced(tmp_path: Path):
    path = tmp_path / "grades.csv"
    assert [write_table(path, text) for text in ("a", "b")] == ["", ""]
    assert not (tmp_path / "grades.csv.bak").exists()
    for name in ("grades.csv.bak", "grades.csv.bak2"):
        path.write_text(f"mine {name}")
        assert f"your version is now {name}." in write_table(path, "b")
        assert (tmp_path / name).read_text() == f"mine {name}"
        assert path.read_text() == "b"


# The overview ------------------------------------------------------------------------------------------


def test_the_index_names_who_had_the_numbers_of_self_study_and_links_to_every_page():
    page = index([marked("ada", numbers_of="ada"), marked("bob", numbers_of="self-study")], ["Mind <this>."])
    links = re.findall(r'href="([^"]+)"', page)
    assert links[:3] == ["feedback/ada-09.html", "feedback/bob-09.html", "class.html"]
    assert links[3:] == [*TABLES]
    assert "numbers of self-study: bob.</p>" in page
    assert "<li>Mind &lt;this&gt;.</li>" in page


def test_an_interruption_says_what_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def mark(self: Grader, submission) -> Marked:
        if submission.student == "b":
            raise KeyboardInterrupt
        return marked(submission.student)

    monkeypatch.setattr(Grader, "mark", mark)
    for name in ("a", "b"):
        write(solved(), tmp_path / "in" / f"{name}.ipynb")
    with pytest.raises(KeyboardInterrupt):
        graded(tmp_path / "in", tmp_path / "out", tmp_path / "course")
    told = capsys.readouterr().err
    assert "Stopped: 1 of 2 notebooks are graded and kept in" in told
    assert "The same command continues" in told


def test_a_wrong_number_is_told_with_the_numbers_it_was_asked_for():
    from cmelab.exercises.diagnose import diagnose

    given = {"n": 10, "k": 0.53}
    assert diagnose(UNIT.exercises[1], 11.9, given).says.startswith("You give 11.9 for n = 10, k = 0.53; ")
    assert diagnose(UNIT.exercises[1], 2 * 0.53 * 90, given).says == "You give 95.4 for n = 10, k = 0.53."
    assert diagnose(UNIT.exercises[2], (0.5, 0.25), {}).says == "You give (0.5, 0.25)."
