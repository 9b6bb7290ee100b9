"""Grading end to end: what is right earns its points, what is wrong is named, nothing a submission does spoils it."""
from __future__ import annotations

import csv
import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from small_unit import DIMER, LOSS, RIGHT, UNIT, before, code, course, find, notebook, own, solved, without, write

from cmelab.exercises import numbers_of
from cmelab.grading import Limits, check_notebook, grade_folder
from cmelab.grading.handout import HandoutError, handout, unit_of
from cmelab.grading.launch import job, read_outcome, run_sealed
from cmelab.grading.limits import descendants
from cmelab.grading.lots import Lots, kept_secret
from cmelab.grading.notebook import UnreadableNotebook, parse_notebook
from cmelab.grading.overview import TABLES
from cmelab.grading.report import file_name
from cmelab.grading.reseal import Sealed, literal, seal
from cmelab.grading.score import read_echo, score
from cmelab.grading.shortcuts import shortcuts
from cmelab.grading.submissions import find_submissions
from cmelab.grading.tables import grades_csv, harmless

LIMITS = Limits(cell=3.0, wall=90, memory=3_000_000_000)
FULL = {"9.1": "3", "9.1b": "2", "9.2": "1", "9.3": "awaiting"}
NONE = {"9.1": "0", "9.1b": "0", "9.2": "0", "9.3": "0"}
BLANK = dict.fromkeys(NONE, "")
P1 = "def propensity(n, k, omega):\n    return k / omega * n**2 / 2"
LOOP = "def propensity(n, k, omega):\n    while True:\n        pass"


def repeated(made: dict, exercise: str, source: str) -> dict:
    """The notebook with a copy of an answer cell, after it, that holds another source."""
    copy = {**find(made, "answer", exercise), "source": source}
    return before(made, "check", exercise, copy)


def tagged(made: dict, exercise: str, *tags: str) -> dict:
    find(made, "answer", exercise)["metadata"]["tags"] = list(tags)
    find(made, "check", exercise)["metadata"]["tags"] = list(tags)
    return made


def forged(made: dict) -> dict:
    """Outputs, counts, scores and grades that nobody earned."""
    for cell in made["cells"]:
        cell["execution_count"] = 1
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "PASSED 9.1: 3/3 points\n"}]
        cell["metadata"] = {**cell["metadata"], "score": 6}
    made["metadata"] = {"score": 6, "kernelspec": {"name": "fortran", "display_name": "F", "language": "fortran"}}
    return made


def in_check_cell(made: dict, **answers: str) -> dict:
    """Answers above the check."""
    for id, source in answers.items():
        find(made, "check", id)["source"] = f"{source}\n{find(made, 'check', id)['source']}"
    return made


def edited_given(made: dict, source: str) -> dict:
    next(cell for cell in made["cells"] if cell["id"] == "given-9.1b")["source"] = source
    return made


def setup_with(line: str) -> dict:
    made = solved()
    made["cells"][0]["source"] += f"\n{line}"
    return made


# name -> (submission, what it earns); names are students.
CORPUS: dict[str, tuple[dict | bytes, dict[str, str]]] = {
    # Right, in the many ways of students.
    "right": (solved(), FULL),
    "right-numpy": (solved(**{
        "9_1": "def propensity(n, k, omega):\n    pairs = np.arange(n).sum()\n    print('pairs', pairs)\n"
               "    return np.array(k / omega * pairs)",
        "9_1b": "loss_rate = np.float64(k) * math.perm(n, 2)", "9_2": "factors = np.array([2.0, 4.0])",
    }), FULL),
    "right-typed": (solved(**{"9_1b": "loss_rate = 4.00"}), FULL),
    "right-own-cell": (before(
        notebook(), "check", "9.1", own("import fractions\ndef pairs(n): return fractions.Fraction(n * (n - 1), 2)"),
        own("def propensity(n, k, omega): return float(pairs(n)) * k / omega"),
    ), {**NONE, "9.1": "3"}),
    "right-shadows": (before(
        solved(), "answer", "9.1", own("print = list = str = float = len = globals = sorted = 3\nnp = json = sys = 4")
    ), FULL),
    "right-loud": (solved(**{
        "9_1": "import logging, sys\nlogging.basicConfig(stream=sys.stderr)\nprint('x' * 10**7)\n"
               "from IPython.display import display\ndef propensity(n, k, omega):\n    logging.warning('called')\n"
               "    display('hello')\n    print('y' * 10**6)\n    return k / omega * n * (n - 1) / 2",
    }), FULL),
    "right-setup": (setup_with("import statistics as s"), FULL),
    "right-magic": (before(solved(), "answer", "9.1", own("%matplotlib inline\n!echo hello")), FULL),
    # Wrong beliefs.
    "wrong-P1": (solved(**{"9_1": P1}), {**FULL, "9.1": "0"}),
    "wrong-all": (solved(**{
        "9_1": "def propensity(n, k, omega):\n    return k * n * (n - 1) / 2",
        "9_1b": "loss_rate = 2 * k * n * (n - 1)",
        "9_2": "factors = (0.5, 0.25)",
    }), NONE | {"9.3": "awaiting"}),
    # Nothing, and nearly nothing.
    "stub": (notebook(), NONE),
    "syntax": (solved(**{"9_1": "def propensity(n, k, omega)\n    return 1"}), {**FULL, "9.1": "0"}),
    "missing-import": (solved(**{"9_2": "factors = scipy.special.comb(2, 1), 4"}), {**FULL, "9.2": "0"}),
    "deleted": (without(solved(), "answer-9-1", "check-9-1"), {**FULL, "9.1": "0"}),
    "twice": (repeated(solved(**{"9_1": P1}), "9.1", RIGHT["9.1"]), FULL),
    "twice-wrong-last": (repeated(solved(), "9.1", P1), {**FULL, "9.1": "0"}),
    "twice-stub-last": (repeated(solved(), "9.1", notebook()["cells"][1]["source"]), FULL),
    # No end, and a sudden one.
    "loop-function": (solved(**{"9_1": LOOP}), {**FULL, "9.1": "0"}),
    "loop-cell": (solved(**{"9_1b": "while True:\n    pass"}), {**FULL, "9.1b": "0"}),
    "loop-stubborn": (solved(**{
        "9_1": "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ndef propensity(n, k, omega):\n"
               "    while True:\n        try:\n            while True: print('no')\n        except BaseException: pass",
    }), {**FULL, "9.1": "0"}),
    "exit": (solved(**{"9_1b": "import os\nos._exit(0)"}), {**FULL, "9.1b": "0"}),
    "exit-function": (solved(**{"9_1": "import os\ndef propensity(n, k, omega):\n    os._exit(0)"}),
                      {**FULL, "9.1": "0"}),
    "memory": (solved(**{"9_1b": "hog = bytearray(10**10)\nloss_rate = k * n * (n - 1)"}), {**FULL, "9.1b": "0"}),
    "orphan": (solved(**{
        "9_1b": "import subprocess\nsubprocess.Popen(['sleep', '86399'], start_new_session=True)\n"
                "loss_rate = k * n * (n - 1)",
    }), FULL),
    # Marks without the answer.
    "check-cell": (in_check_cell(notebook(), **{"9.1": RIGHT["9.1"], "9.1b": RIGHT["9.1b"], "9.3": RIGHT["9.3"]}),
                   {**FULL, "9.2": "0"}),
    "check-cell-wrong": (in_check_cell(without(solved(), "answer-9-1"), **{"9.1": P1}), {**FULL, "9.1": "0"}),
    "edited-given": (edited_given(solved(), "n, k = 50, 0.7"), FULL),
    "printed-given": (edited_given(solved(), 'n, k = given("9.1b")  # mine\nprint(n, k)'), FULL),
    "no-checks": (without(solved(), *(f"check-{each}" for each in ("9-1", "9-1b", "9-2", "9-3"))), FULL),
    "edited-check": (solved(**{"9_1": P1}), {**FULL, "9.1": "0"}),
    "skip-marker": (solved(**{"9_1": "# NBVAL_SKIP\n" + P1}), {**FULL, "9.1": "0"}),
    "skip-tag": (tagged(solved(**{"9_1": "# NBVAL_RAISES_EXCEPTION\n" + P1}), "9.1", "nbval-skip", "raises-exception"),
                 {**FULL, "9.1": "0"}),
    "patched-isclose": (before(solved(**{"9_1": P1}), "answer", "9.1", own(
        "import numpy\nnumpy.isclose = lambda *a, **k: True")), NONE | {"9.3": "awaiting"}),
    "patched-assert": (before(solved(**{"9_1": P1}), "answer", "9.1", own(
        "import ast\nclass T(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\n"
        "get_ipython().ast_transformers.append(T())")), NONE | {"9.3": "awaiting"}),
    "patched-builtins": (before(solved(**{"9_1": P1}), "answer", "9.1", own(
        "import builtins, json\njson.dumps = lambda *a, **k: '[\"number\", \"0\"]'\nbuiltins.abs = lambda x: 0")),
                         {**FULL, "9.1": "0", "9.1b": "0", "9.2": "0"}),
    "always-equal": (solved(**{
        "9_1": "class E(float):\n    def __eq__(self, o): return True\n    def __format__(self, s): return 'PASS'\n"
               "def propensity(n, k, omega):\n    return E(1.0)",
    }), {**FULL, "9.1": "0"}),
    "forged": (forged(solved(**{"9_1": P1})), {**FULL, "9.1": "0"}),
    "memorised": (solved(**{
        "9_1": "known = {5: 2.0, 0: 0.0, 1: 0.0, 2: 0.2, 12: 39.6}\ndef propensity(n, k, omega):\n"
               "    return known.get(n, 1.0)",
    }), {**FULL, "9.1": "0"}),
    "references": (solved(**{
        "9_1": "import cmelab.exercises.unit01\nfrom cmelab.exercises import exercise\n"
               "propensity = exercise('1.1').reference",
    }), {**FULL, "9.1": "0"}),
    "hunter": (solved(**{
        "9_1": "import pathlib\nplaces = pathlib.Path.cwd().parents[1]\n"
               "raise RuntimeError(f'found {[p.name for p in places.rglob(\"*\") if p.suffix == \".ipynb\"]}')",
    }), {**FULL, "9.1": "0"}),
    "forbidden": (solved(**{
        "9_1": "from cmelab import exact\ndef propensity(n, k, omega):\n    exact\n"
               "    return k / omega * n * (n - 1) / 2",
    }), {**FULL, "9.1": "0"}),
    # Files.
    "Zoë Groß 2": (solved(), FULL),
    "=cmd|calc": (solved(), FULL),
    "not-json": (b"%PDF-1.4", BLANK),
    "empty": (b"", BLANK),
    "utf-16": (json.dumps(solved()).encode("utf-16"), BLANK),
    "truncated": (json.dumps(solved()).encode()[:900], BLANK),
    "no-cells": (b'{"nbformat": 4}', BLANK),
}  # fmt: skip
find(CORPUS["edited-check"][0], "check", "9.1")["source"] = "print('all fine')"  # type: ignore[arg-type]


@dataclass(frozen=True)
class Graded:
    folder: Path
    report: Path
    course: Path
    status: int
    rows: dict[str, dict[str, dict[str, str]]]

    def page(self, student: str) -> str:
        return (self.report / "feedback" / f"{file_name(student, UNIT)}.html").read_text("utf-8")


def read_rows(report: Path) -> dict[str, dict[str, dict[str, str]]]:
    rows: dict[str, dict[str, dict[str, str]]] = {}
    with open(report / "grades.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["student"], {})[row["exercise"]] = row
    return rows


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The whole corpus, graded once."""
    top = tmp_path_factory.mktemp("class of 2026")
    folder, report, handed_out = top / "hand in", top / "report", course(top / "course")
    folder.mkdir()
    for name, (content, _) in CORPUS.items():
        path = folder / f"{name}.ipynb"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    write(solved(), folder / "ada" / "exercises.ipynb")
    write(solved(), folder / "ada" / ".ipynb_checkpoints" / "exercises-checkpoint.ipynb")
    (folder / "absent").mkdir()
    (folder / "folder.ipynb").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(top)
        status = grade_folder(folder, report, jobs=2, course=handed_out, units=(UNIT,), limits=LIMITS)
    return Graded(folder, report, handed_out, status, read_rows(report))


# The corpus --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("student", CORPUS)
def test_every_submission_earns_what_it_should(graded: Graded, student: str):
    rows = graded.rows[harmless(student)]
    assert {id: row["points"] for id, row in rows.items()} == CORPUS[student][1]
    assert [row["max"] for row in rows.values()] == ["3", "2", "1", "1"]


def test_a_student_is_known_by_the_folder_where_there_is_one(graded: Graded):
    assert {id: row["points"] for id, row in graded.rows["ada"].items()} == FULL


def test_unreadable_submissions_are_reported_and_stop_nobody(graded: Graded):
    assert graded.status == 1
    for student, said in {"not-json": "not JSON", "empty": "empty", "utf-16": "not a notebook", "absent": "no notebook",
                          "folder.ipynb": "no notebook"}.items():  # fmt: skip
        assert graded.rows[student]["9.1"]["flags"] == "not graded"
        assert said in graded.page(student)


@pytest.mark.parametrize(
    ("student", "beliefs"),
    [
        ("wrong-P1", {"9.1": "P1"}),
        ("wrong-all", {"9.1": "P3", "9.1b": "P7", "9.2": "P3"}),
        ("edited-check", {"9.1": "P1"}),
    ],
)
def test_wrong_beliefs_are_named_in_the_table_and_on_the_page(graded: Graded, student: str, beliefs: dict[str, str]):
    rows = graded.rows[student]
    assert {id: row["misconceptions"] for id, row in rows.items() if row["misconceptions"]} == beliefs
    assert "The belief behind it" in graded.page(student)
    assert "cmelab.show(&quot;pair-jar&quot;" in graded.page(student)


def test_a_loop_costs_its_own_exercise_only_and_counts_as_a_timeout(graded: Graded):
    for student, id in {"loop-function": "9.1", "loop-cell": "9.1b", "loop-stubborn": "9.1"}.items():
        rows = graded.rows[student]
        assert {each: row["timeouts"] for each, row in rows.items() if row["timeouts"] != "0"} == {id: "1"}
    assert "no answer after 2.25 seconds" in graded.page("loop-function")
    assert "had not ended after 3 seconds" in graded.page("loop-cell")


@pytest.mark.parametrize(
    ("student", "id", "flag"),
    [
        ("deleted", "9.1", "answer cell missing; check cell missing"),
        ("twice", "9.1", "2 answer cells"),
        ("check-cell", "9.1", "check cell edited; answer in the check cell"),
        ("check-cell", "9.3", "check cell edited; answer in the check cell"),
        ("edited-given", "9.1b", "given numbers edited"),
        ("printed-given", "9.1b", ""),
        ("edited-check", "9.1", "check cell edited"),
        ("exit", "9.1b", "kernel died"),
        ("exit-function", "9.1", "kernel died"),
        ("forbidden", "9.1", "uses cmelab.exact"),
        ("patched-isclose", "9.2", "canary passed"),
        ("patched-assert", "9.2", "canary passed"),
        ("right", "9.1", ""),
        ("memory", "9.1b", ""),
        ("loop-stubborn", "9.2", ""),
        ("right-shadows", "9.1", ""),
    ],
)  # fmt: skip
def test_what_is_odd_is_flagged_and_nothing_else_is(graded: Graded, student: str, id: str, flag: str):
    assert graded.rows[student][id]["flags"] == flag


@pytest.mark.parametrize(
    ("student", "said"),
    [
        ("syntax", "Your cell stops with SyntaxError: expected &#x27;:&#x27; (line 1)"),
        ("missing-import", "Your cell stops with NameError: name &#x27;scipy&#x27; is not defined"),
        ("memory", "MemoryError"),
        ("exit", "ended Python itself"),
        ("hunter", "RuntimeError: found []"),
        ("memorised", "right where your own check tries it, and wrong elsewhere"),
        ("forbidden", "The exercise asks you to write it yourself"),
        ("references", "not there while a notebook is graded"),
        ("deleted", "There is no answer in <code>propensity</code> yet"),
        ("patched-assert", "changes <code>assert</code> or numpy itself"),
        ("right", "Pairs are counted."),
        ("check-cell", "This answer was taken from the check cell"),
        ("check-cell-wrong", "The belief behind it"),
        ("edited-given", "The given numbers were edited; the answer was marked for n = 5, k = 0.2, as they were"),
        ("wrong-all", "You give 8 for n = 5, k = 0.2."),
    ],
)  # fmt: skip
def test_the_feedback_page_says_what_is_the_matter(graded: Graded, student: str, said: str):
    assert said in graded.page(student)


def test_no_page_holds_secret_points_hidden_code_or_a_students_markup(graded: Graded):
    for page in (graded.report / "feedback").iterdir():
        text = page.read_text("utf-8")
        assert "cmelab_echo" not in text
        assert "NBVAL_CHECK_OUTPUT" not in text
        assert "<b>&</b>" not in text
        assert "<script" not in text
        # Every point that is told is a probe.
        told = re.findall(r"n = (\d+), k = (\d+\.\d+), omega = (\d+\.\d+)", text)
        assert {tuple(map(float, each)) for each in told} <= set(DIMER.probes)
    assert "&lt;b&gt;&amp;&lt;/b&gt;" in graded.page("right")


def test_the_index_links_every_student_to_a_page_that_exists(graded: Graded):
    text = (graded.report / "index.html").read_text("utf-8")
    links = re.findall(r'href="(feedback/[^"]+)"', text)
    assert len(links) == len(CORPUS) + 3 == len(graded.rows)
    assert [*graded.rows] == sorted(graded.rows, key=lambda name: name.removeprefix("'").casefold())
    assert all((graded.report / link).is_file() for link in [*links, *TABLES])
    assert "✓ right" in text


def test_nothing_that_a_submission_started_is_left(graded: Graded):
    """The sleeper of "orphan" joined a session of its own."""
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "sleep 86399" not in listed
    assert not [line for line in listed.splitlines() if "cmelab.grading.run" in line]


def test_submissions_are_left_as_they_were(graded: Graded):
    for name, (content, _) in CORPUS.items():
        now = (graded.folder / f"{name}.ipynb").read_bytes()
        assert now == (content if isinstance(content, bytes) else json.dumps(content).encode())


def test_the_secret_of_the_run_is_for_its_owner_only(graded: Graded):
    secret = graded.report / ".secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert kept_secret(graded.report) == secret.read_bytes()
    assert len(secret.read_bytes()) == 32


def test_regrading_runs_nothing_again_and_gives_the_same_table(graded: Graded, monkeypatch: pytest.MonkeyPatch):
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a finished student was run again")

    monkeypatch.setattr("cmelab.grading.batch.run_sealed", never)
    before = (graded.report / "grades.csv").read_bytes()
    grade_folder(graded.folder, graded.report, course=graded.course, units=(UNIT,), limits=LIMITS)
    assert (graded.report / "grades.csv").read_bytes() == before


def test_another_run_with_another_secret_gives_the_same_verdicts(graded: Graded, tmp_path: Path):
    few = ("right", "wrong-all", "loop-cell", "exit", "memorised")
    for name in few:
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{name}.ipynb").write_bytes((graded.folder / f"{name}.ipynb").read_bytes())
    assert grade_folder(tmp_path / "in", tmp_path / "out", course=graded.course, units=(UNIT,), limits=LIMITS) == 0

    def verdicts(rows: dict[str, dict[str, dict[str, str]]]) -> list[list[str]]:
        return [[v for k, v in row.items() if k != "seconds"] for name in few for row in rows[name].values()]

    assert verdicts(read_rows(tmp_path / "out")) == verdicts(graded.rows)
    assert (tmp_path / "out" / ".secret").read_bytes() != (graded.report / ".secret").read_bytes()


def test_a_changed_notebook_alone_is_run_again(graded: Graded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from cmelab.grading import batch

    for name in ("a", "b"):
        write(solved(), tmp_path / "in" / f"{name}.ipynb")
    ran: list[str] = []
    run = batch.run_sealed

    def counted(sealed: Sealed, *args, **how):
        ran.append(sealed.answers["9.1"].source)
        return run(sealed, *args, **how)

    monkeypatch.setattr(batch, "run_sealed", counted)
    options = {"course": graded.course, "units": (UNIT,), "limits": LIMITS}
    grade_folder(tmp_path / "in", tmp_path / "out", **options)
    write(solved(**{"9_1": P1}), tmp_path / "in" / "b.ipynb")
    grade_folder(tmp_path / "in", tmp_path / "out", **options)
    assert ran == [RIGHT["9.1"], RIGHT["9.1"], P1]
    assert read_rows(tmp_path / "out")["b"]["9.1"]["points"] == "0"


# The student's own check -------------------------------------------------------------------------------


LIBRARY = (
    "import cmelab\nnet = cmelab.ReactionNetwork.parse('A -> 0; 4', initial={'A': 1})\n"
    "factors = 2.0, net.propensities([1])[0]"
)


@pytest.mark.parametrize(
    ("made", "code", "points"),
    [(solved(), 0, "6 of 7"), (solved(**{"9_2": LIBRARY}), 0, "6 of 7"), (solved(**{"9_1": P1}), 1, "3 of 7")],
    ids=["right", "library", "wrong"],
)
def test_check_prints_a_line_per_exercise_and_the_points(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], made: dict, code: int, points: str
):
    path = write(made, tmp_path / "mine.ipynb")
    assert check_notebook(path, course=course(tmp_path / "course"), units=(UNIT,)) == code
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + len(UNIT.exercises)
    assert lines[1].startswith("✓ right" if code == 0 else "✗ not yet")
    assert lines[4].startswith("◌ awaiting")
    assert lines[-1] == f"{points} points so far, 1 awaiting a reader."


def test_check_refuses_what_is_no_notebook_of_the_course(tmp_path: Path):
    with pytest.raises(UnreadableNotebook, match="none of the exercises"):
        check_notebook(write({"cells": []}, tmp_path / "other.ipynb"), units=(UNIT,))
    (tmp_path / "text.ipynb").write_text("hello")
    with pytest.raises(UnreadableNotebook, match=r"text\.ipynb: .*not JSON"):
        check_notebook(tmp_path / "text.ipynb", units=(UNIT,))


# Parts -------------------------------------------------------------------------------------------------


def sealed(made: dict, folder: Path, lots: Lots | None = None) -> Sealed:
    return seal(handout(UNIT, course(folder)), parse_notebook(json.dumps(made).encode()), lots, seconds=1.0)


def test_a_sealed_notebook_holds_no_expected_value_in_its_cells(tmp_path: Path):
    one = sealed(solved(), tmp_path, Lots(b"secret"))
    echoes = [cell for cell in one.cells if cell.role == "echo"]
    assert [cell.exercise for cell in echoes] == ["9.1", "9.1b", "9.2"]
    values = [value for cell in echoes for value in re.findall(r'"([\d.]+)"', cell.expected)]
    long = [value for value in values if len(value) > 5]
    assert len(long) >= 3
    assert not any(value in cell.source for cell in one.cells for value in long)


def test_secret_points_are_fresh_for_each_secret_and_the_same_for_a_regrade(tmp_path: Path):
    one, again, other = (sealed(solved(), tmp_path, Lots(key)) for key in (b"a", b"a", b"b"))
    assert one == again
    assert one.fingerprint != other.fingerprint
    assert one.nonce != other.nonce


def test_another_answer_draws_other_secret_points(tmp_path: Path):
    """What a student learns from one hand-in is no use for the next."""
    echoes = [
        next(cell.source for cell in sealed(made, tmp_path, Lots(b"a")).cells if cell.role == "echo")
        for made in (solved(), solved(**{"9_2": "factors = 2, 5"}))
    ]
    assert echoes[0] != echoes[1]


def test_canaries_sit_at_other_places_for_other_secrets(tmp_path: Path):
    places = {
        tuple(i for i, cell in enumerate(sealed(solved(), tmp_path, Lots(bytes([key]))).cells) if cell.role == "canary")
        for key in range(10)
    }
    assert len(places) > 5
    assert all(len(each) == 2 for each in places)


def test_given_cells_become_literals_of_the_student_named_in_the_notebook(tmp_path: Path):
    made = solved()
    made["cells"][0]["source"] = 'import cmelab\ncmelab.start("09", student=" ada ")'
    one = sealed(made, tmp_path)
    assert one.student == "ada"
    n, k = numbers_of(LOSS, "ada").values()
    assert f"n, k = ({n}, {k})" in [cell.source for cell in one.cells]
    assert literal('print(given("9.1b"), given("7.7"))', one.given) == f'print(({n}, {k}), given("7.7"))'


def test_own_cells_go_before_the_cell_they_preceded(tmp_path: Path):
    made = before(solved(), "answer", "9.1", own("first = 1"))
    made = before(made, "check", "9.1", own("second = 2"))
    roles = [(cell.role, cell.source) for cell in sealed(made, tmp_path).cells if cell.exercise == "9.1"]
    assert [role for role, _ in roles] == ["own", "answer", "own", "echo"]
    assert roles[0][1] == "first = 1"


def test_answers_are_found_when_an_editor_dropped_the_ids(tmp_path: Path):
    made = solved()
    for cell in made["cells"]:
        del cell["id"]
    assert sealed(made, tmp_path).answers["9.1"].source == RIGHT["9.1"]
    for cell in made["cells"]:
        cell["metadata"].pop("nbgrader", None)
    assert sealed(made, tmp_path).answers["9.1"].source == RIGHT["9.1"]


@pytest.mark.parametrize(
    ("answer", "helpers", "used"),
    [
        ("import cmelab\ncmelab.simulate(1)", [], ["simulate"]),
        ("c.simulate(1)", ["import cmelab as c"], ["simulate"]),
        ("from cmelab import simulate as s\ns(1)", [], ["simulate"]),
        ("from cmelab.ssa import simulate\nsimulate(1)", [], ["simulate"]),
        ("from cmelab import *\nsimulate(1)", [], ["simulate"]),
        ("import cmelab.exact as e\ne.birth_death(1)", [], ["exact"]),
        ("import cmelab\ngetattr(cmelab, 'simulate')(1)", [], ["simulate"]),
        ("helper(1)", ["from cmelab import simulate", "def helper(n):\n    return simulate(n)"], ["simulate"]),
        ("x = f(1)", ["import cmelab", "g = lambda n: cmelab.exact", "def f(n):\n    return g(n)"], ["exact"]),
        ("x = 1", ["import cmelab", "cmelab.simulate(1)"], []),
        ("import os\nos.path.exact", [], []),
        ("def simulate(n): return n\nsimulate(1)", [], []),
        ("import cmelab\ncmelab.show('pair-jar')", [], []),
        ("%timeit 1\n!ls\nfrom cmelab import exact\nexact", [], ["exact"]),
        ("def broken(", ["from cmelab import exact"], []),
    ],
)  # fmt: skip
def test_forbidden_names_are_found_where_the_answer_uses_them(answer: str, helpers: list[str], used: list[str]):
    assert shortcuts(answer, helpers, ("simulate", "exact")) == used


def test_several_notebooks_of_one_student_leave_one_that_is_graded(tmp_path: Path):
    for name in ("a.ipynb", "b.ipynb"):
        write(solved(), tmp_path / "ada" / name)
    write({"cells": [code("x", "1")]}, tmp_path / "ada" / "lesson.ipynb")
    os.utime(tmp_path / "ada" / "b.ipynb", (1e9, 1e9))
    (one,) = find_submissions(tmp_path, (UNIT,), report=tmp_path / "report")
    assert (one.student, one.path.name, one.problem) == ("ada", "a.ipynb", "")
    assert one.note == (
        "3 notebooks were handed in. ada/a.ipynb counts: it is the newest that can be graded. "
        "Not graded: ada/b.ipynb, ada/lesson.ipynb."
    )


def test_notebooks_of_the_report_and_of_hidden_folders_are_no_submissions(tmp_path: Path):
    for place in ("report", ".git", "ada/.ipynb_checkpoints"):
        write(solved(), tmp_path / place / "x.ipynb")
    assert find_submissions(tmp_path / "ada", (UNIT,), report=tmp_path / "report") == []


def test_a_notebook_of_format_3_is_read(tmp_path: Path):
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["a = 1\n", "b = 2"], "metadata": {}}]}]}
    (cell,) = parse_notebook(json.dumps(old).encode())
    assert (cell.type, cell.source) == ("code", "a = 1\nb = 2")
    assert unit_of((cell,), (UNIT,)) is None


def test_without_a_hand_out_grading_says_where_it_looked(tmp_path: Path):
    with pytest.raises(HandoutError, match=re.escape(str(tmp_path))):
        handout(UNIT, tmp_path)


@pytest.mark.parametrize(
    "printed",
    ["", "PASS\n", '["number", "x"]\n', '{"a": 1}\n', "[1, 2, 3]\n", '["number", "1"]\n' * 2, "[" * 10**5],
    ids=lambda text: text[:20].strip() or "nothing",
)
def test_an_echo_that_a_student_rewrote_is_not_read(printed: str):
    assert read_echo(printed, 1) is None


def test_results_that_break_off_are_read_as_far_as_they_go():
    line = json.dumps({"cell": 0, "passed": True, "printed": "", "error": None, "lost": "", "seconds": 0.1}).encode()
    outcome = read_outcome(line + b"\n" + line[:20], 1.0)
    assert list(outcome.cells) == [0]
    assert outcome.ended == "crashed"


def test_two_students_never_share_a_file():
    names = ["ada", "Ada/..", "Ada:..", "ада", "аба", "..", "a" * 300, "a" * 301]
    files = [file_name(name, UNIT) for name in names]
    assert len(set(files)) == len(names)
    assert all(re.fullmatch(r"[\w-][\w.-]{0,90}", each, re.ASCII) for each in files)


def test_a_table_has_no_formula():
    assert harmless("=1+1") == "'=1+1"
    assert grades_csv([]) == "student,exercise,points,max,misconceptions,timeouts,flags,seconds\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are listed by /proc, which is Linux")
def test_descendants_are_found_across_sessions():
    child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        assert child.pid in descendants(os.getpid())
    finally:
        child.kill()
        child.wait()
    assert child.pid not in descendants(os.getpid())


# Interruptions -----------------------------------------------------------------------------------------

GRADE = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from small_unit import UNIT
from cmelab.grading import Limits, grade_folder
where = {{"course": Path({course!r}), "units": (UNIT,)}}
grade_folder(Path({folder!r}), Path({report!r}), jobs=1, limits=Limits(cell=300), **where)
"""


def wait_for(what: Callable[[], object], seconds: float = 60) -> object:
    """Wait for a state, and fail where it does not come."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "the state that was waited for did not come"
        time.sleep(0.05)
    return found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are listed by /proc, which is Linux")
def test_an_interruption_keeps_finished_students_and_leaves_no_process(tmp_path: Path):
    write(solved(), tmp_path / "in" / "a.ipynb")
    write(solved(**{"9_1": "import time\ntime.sleep(10**6)"}), tmp_path / "in" / "b.ipynb")
    tests = str(Path(__file__).parent)
    folder, report = str(tmp_path / "in"), str(tmp_path / "out")
    text = GRADE.format(tests=tests, folder=folder, report=report, course=str(course(tmp_path / "course")))
    grading = subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for((tmp_path / "out" / "results" / "a-09.json").is_file)
    # The supervisor, nbval, and the kernel that sleeps.
    wait_for(lambda: len(descendants(grading.pid)) >= 3)
    started = descendants(grading.pid)
    grading.send_signal(signal.SIGINT)
    assert grading.wait(60) != 0
    wait_for(lambda: not [pid for pid in started if Path("/proc", str(pid)).exists()])
    assert json.loads((tmp_path / "out" / "results" / "a-09.json").read_text())["student"] == "a"
    assert not (tmp_path / "out" / "results" / "b-09.json").exists()


def test_without_fork_a_notebook_is_still_graded(tmp_path: Path):
    """Where processes cannot split there is no supervisor, and the marks are the same."""
    text = "import os; del os.fork\nfrom cmelab.grading.run import main; main()"
    one = sealed(solved(), tmp_path / "course", Lots(b"secret"))
    run = subprocess.run([sys.executable, "-c", text], input=job(one, LIMITS), capture_output=True, check=True)
    results = score(UNIT, one, read_outcome(run.stdout, 1.0), LIMITS.cell)
    assert [each.points for each in results] == [3, 2, 1, None]


def test_a_fork_bomb_is_ended(tmp_path: Path):
    """Bounded by the number of processes; the limit of the cell would come later."""
    made = solved(**{"9_1": "import os, time\nwhile os.fork() or True: time.sleep(0.001)"})
    limits = Limits(cell=60, wall=60, processes=20)
    one = sealed(made, tmp_path / "course", Lots(b"secret"))
    outcome = run_sealed(one, limits)
    assert (outcome.ended, outcome.clean) == ("processes", True)
    first, *others = score(UNIT, one, outcome, limits.cell)
    assert first.points == 0
    assert "too many processes" in first.lines[0][1]
    assert all(each.state != "right" for each in others)
