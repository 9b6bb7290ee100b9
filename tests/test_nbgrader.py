"""What `cmelab build --release` writes goes through the real nbgrader unchanged, and earns the same points there."""
from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from test_grading_units import wrong_answer

from cmelab.exercises import UNITS
from cmelab.grading import Limits, grade_folder, release

pytestmark = pytest.mark.needs("nbgrader")
UNIT, ASSIGNMENT = UNITS[1], "01_propensities"
# What nbgrader has in its database: points by student and grade cell.
READ = """
import json
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    points = {}
    for submission in book.assignment_submissions("%s"):
        for grade in submission.notebooks[0].grades:
            points.setdefault(submission.student_id, {})[grade.name] = grade.auto_score
print(json.dumps(points))
"""


@dataclass(frozen=True)
class Course:
    """A course folder of nbgrader, made by `cmelab build --release` and `nbgrader generate_assignment`."""

    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run nbgrader as an instructor does, in an activated environment, without this computer's own settings."""
        env = os.environ | {
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
            "JUPYTER_CONFIG_DIR": str(self.folder / ".jupyter"), "IPYTHONDIR": str(self.folder / ".i"),
        }  # fmt: skip
        command = [sys.executable, *arguments]
        ran = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr[-3000:]
        return ran

    def nbgrader(self, *arguments: str) -> None:
        self.run("-m", "nbgrader", *arguments)

    def notebook(self, step: str, student: str = "") -> dict[str, Any]:
        return json.loads((self.folder / step / student / ASSIGNMENT / "exercises.ipynb").read_text("utf-8"))

    def solutions(self) -> dict[str, str]:
        cells = (c for c in self.notebook("source")["cells"] if c["metadata"].get("nbgrader", {}).get("solution"))
        return {cell["metadata"]["cmelab"]["exercise"]: "".join(cell["source"]) for cell in cells}

    def submit(self, student: str, answers: dict[str, str]) -> None:
        """Hand in the release with some answers."""
        made = self.notebook("release")
        for cell in made["cells"]:
            about = cell["metadata"].get("cmelab", {})
            if about.get("kind") in ("answer", "text"):
                cell["source"] = answers.get(about["exercise"], cell["source"])
        for path in (self.folder / "submitted" / student / ASSIGNMENT / "exercises.ipynb", self.ours(student)):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(made), "utf-8")

    def ours(self, student: str) -> Path:
        return self.folder / "for cmelab" / f"{student}.ipynb"

    def points(self) -> dict[str, dict[str, float | None]]:
        """Student -> exercise -> points, from nbgrader's database."""
        told = json.loads(self.run("-c", READ % ASSIGNMENT).stdout)
        return {who: {name.partition("-")[2].replace("-", "."): n for name, n in mine.items()}
                for who, mine in told.items()}  # fmt: skip

    def points_of_cmelab(self) -> dict[str, dict[str, float | None]]:
        report = self.folder / "report"
        assert grade_folder(self.ours("x").parent, report, limits=Limits(cell=6.0)) == 0
        found: dict[str, dict[str, float | None]] = {}
        with open(report / "grades.csv", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                points = None if row["points"] == "awaiting" else float(row["points"])
                found.setdefault(row["student"], {})[row["exercise"]] = points
        return found


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    folder = tmp_path_factory.mktemp("class")
    release([UNIT.id], folder, execute=False)
    made = Course(folder)
    made.nbgrader("generate_assignment", ASSIGNMENT)
    return made


def answer(made: dict[str, Any], exercise: str) -> str:
    about = {"exercise": exercise, "kind": "answer"}
    return next("".join(c["source"]) for c in made["cells"] if about.items() <= c["metadata"].get("cmelab", {}).items())


def test_what_students_get_holds_no_solution_and_no_hidden_test(course: Course):
    handout = json.loads((course.folder / "handout" / ASSIGNMENT / "exercises.ipynb").read_text("utf-8"))
    for made in (course.notebook("release"), handout):
        text = json.dumps(made)
        assert not [each for each in ("SOLUTION", "HIDDEN", "secret=", "n * (n - 1) / 2\\n") if each in text]
        assert "return" not in answer(made, "1.1")
        assert answer(made, "1.1b").splitlines()[1].startswith("loss_rate = None")


def test_source_has_every_automatic_point_once_and_one_secret(course: Course):
    cells = [c["metadata"]["nbgrader"] for c in course.notebook("source")["cells"] if "nbgrader" in c["metadata"]]
    assert len({each["grade_id"] for each in cells}) == len(cells)
    assert sum(each["points"] for each in cells if each["grade"]) == UNIT.points
    tests = ["".join(c["source"]) for c in course.notebook("source")["cells"] if "HIDDEN" in "".join(c["source"])]
    assert len(tests) == sum(each.secret is not None for each in UNIT)
    assert len({test.split('secret="')[1].split('"')[0] for test in tests}) == 1


def compare(course: Course) -> dict[str, dict[str, float | None]]:
    """The points of both graders, which must be the same but for what a person gives."""
    theirs, ours = course.points(), course.points_of_cmelab()
    automatic = {each.id for each in UNIT if each.automatic}

    def mine(points: dict[str, dict[str, float | None]]) -> dict[str, dict[str, float | None]]:
        return {who: {id: n for id, n in its.items() if id in automatic} for who, its in points.items()}

    assert mine(theirs) == mine(ours)
    return theirs


def test_real_nbgrader_gives_the_same_points_and_feedback_and_exports(course: Course):
    """A memorised function, wrong beliefs, a syntax error and a stub; and a student who is right."""
    right = course.solutions()
    course.submit("right", right)
    probes = {probe: UNIT.exercises[0].model("right")(*probe) for probe in UNIT.exercises[0].probes}
    dimer, loss, two_kinds, _, catalyst, *_ = UNIT
    course.submit("mixed", right | {
        "1.1": f"def propensity(n, k, omega):\n    return {probes}.get((n, k, omega), 0.0)",
        "1.1b": wrong_answer(loss, "P7"), "1.2": "def propensity_ab(n_a, n_b, k omega)\n    return 1",
        "1.2c": wrong_answer(catalyst, "P6"), "1.3": answer(course.notebook("release"), "1.3"),
    })  # fmt: skip
    course.nbgrader("autograde", ASSIGNMENT)
    points = compare(course)
    assert dimer.id == "1.1" and two_kinds.id == "1.2"
    assert {id for id, n in points["mixed"].items() if n == 0} == {"1.1", "1.1b", "1.2", "1.2c", "1.3"}
    assert {id for id, n in points["right"].items() if not n} == {"1.6"}
    course.nbgrader("generate_feedback", ASSIGNMENT)
    page = (course.folder / "feedback" / "mixed" / ASSIGNMENT / "exercises.html").read_text("utf-8")
    assert "The 2 of 2A belongs in the propensity and in ν" in page
    course.nbgrader("export")
    with open(course.folder / "grades.csv", encoding="utf-8", newline="") as file:
        totals = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert totals["right"] == UNIT.points - 1
    assert totals["mixed"] == UNIT.points - 1 - (3 + 1 + 2 + 1 + 3)


@pytest.mark.slow
def test_honest_corpus_earns_in_nbgrader_what_it_earns_here(tmp_path_factory: pytest.TempPathFactory):
    """Right, the stub, a syntax error, loops in a cell and in a function, and every wrong model of every exercise."""
    folder = tmp_path_factory.mktemp("corpus")
    release([UNIT.id], folder, execute=False)
    course = Course(folder)
    course.nbgrader("generate_assignment", ASSIGNMENT)
    right = course.solutions()
    course.submit("right", right)
    course.submit("stub", {})
    course.submit("syntax", dict.fromkeys(right, "this is = no Python"))
    course.submit("loop-cell", right | {"1.1b": "while True:\n    pass"})
    course.submit("loop-function", right | {"1.1": "def propensity(n, k, omega):\n    while True:\n        pass"})
    for number in range(max(len(each.wrong) for each in UNIT)):
        beliefs = {each.id: [*each.wrong][number] for each in UNIT if number < len(each.wrong)}
        course.submit(f"wrong-{number}", right | {
            each.id: wrong_answer(each, beliefs[each.id]) for each in UNIT if each.id in beliefs
        })  # fmt: skip
    course.nbgrader("autograde", ASSIGNMENT)
    points = compare(course)
    assert set(points["stub"].values()) == {0}
    assert {id for id, n in points["loop-function"].items() if not n} == {"1.1", "1.6"}
