"""A class of honest, unlucky and hostile submissions: each gets its own verdict, and nothing it does reaches further.

The quick ones are graded in every run of the tests; all of them, in every way to run, in the long one.
"""
from __future__ import annotations

import csv
import os
import re
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from corpus import FULL, LIMITS, P1, SLEEP, Case, corpus, hand_in
from small_unit import DIMER, RIGHT, UNIT, course, solved, write

from cmelab.grading import grade_folder
from cmelab.grading.guards import NOBODY, WORKING_COPY, bubblewrap, capable
from cmelab.grading.lots import kept_secret
from cmelab.grading.report import file_name
from cmelab.grading.reseal import Sealed
from cmelab.grading.tables import harmless

LINUX = sys.platform.startswith("linux")
ROOT = LINUX and os.geteuid() == 0
TESTS = Path(__file__).parent
NAMES = {case.name: case for case in corpus(Path("in"), Path("out"), Path("course"))}
QUICK = [name for name, case in NAMES.items() if case.quick]

Rows = dict[str, dict[str, dict[str, str]]]


@dataclass(frozen=True)
class Graded:
    """A class in its folders, and what the report says of it."""

    folder: Path
    report: Path
    course: Path
    before: dict[Path, bytes]
    status: int
    said: str
    rows: Rows

    def page(self, student: str) -> str:
        return (self.report / "feedback" / f"{file_name(student, UNIT)}.html").read_text("utf-8")


def read_rows(report: Path) -> Rows:
    rows: Rows = {}
    with open(report / "grades.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["student"], {})[row["exercise"]] = row
    return rows


# Run in a process of its own: as another user, or with fewer guards, without a change to this one.
GRADE = """
import os, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from corpus import LIMITS
from small_unit import UNIT
from cmelab.grading import batch, confine
from cmelab.grading.guards import Guards
if {user}:
    confine.become({user}, True)
if {bare}:
    batch.guards = lambda **_: Guards()
where = {{"course": Path({course!r}), "units": (UNIT,), "limits": LIMITS, "sandbox": {sandbox}}}
sys.exit(batch.grade_folder(Path({folder!r}), Path({report!r}), jobs=2, **where))
"""


def grade_class(top: Path, chosen: Callable[[Case], bool], mode: str) -> Graded:
    """Hand in the chosen cases and grade them: "here", as a "plain" user, in the "sandbox", or "bare" of guards."""
    folder, report, handed_out = top / "hand in", top / "report", course(top / "course")
    folder.mkdir()
    listener = socket.create_server(("127.0.0.1", 0))
    for case in filter(chosen, corpus(folder, report, handed_out, port=listener.getsockname()[1])):
        hand_in(case, folder)
    write(solved(), folder / "ada" / "exercises.ipynb")
    write(solved(), folder / "ada" / ".ipynb_checkpoints" / "exercises-checkpoint.ipynb")
    (folder / "absent").mkdir()
    (top / "t").mkdir()
    before = {each: each.read_bytes() for each in top.rglob("*") if each.is_file() and each.stat().st_size < 10**7}
    user = NOBODY + 100_000_000 if mode == "plain" or (mode == "bare" and ROOT) else 0
    if user:
        for each in (top, *top.rglob("*")):
            os.chown(each, user, user)
    text = GRADE.format(
        tests=str(TESTS), user=user, bare=mode == "bare", sandbox=mode == "sandbox", course=str(handed_out),
        folder=str(folder), report=str(report),
    )  # fmt: skip
    with listener:
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", text], capture_output=True, text=True, cwd=top,
            env=os.environ | {"TMPDIR": str(top / "t")},
        )  # fmt: skip
    assert (report / "grades.csv").is_file(), run.stderr
    return Graded(folder, report, handed_out, before, run.returncode, run.stderr, read_rows(report))


def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that other users may go into, which pytest's own are not."""
    top = tmp_path_factory.mktemp("class of 2026")
    for each in (top, *top.parents[:2]):
        each.chmod(0o755)
    return top


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The quick cases, graded once."""
    return grade_class(room(tmp_path_factory), lambda case: case.quick, "here")


def verdict(graded: Graded, case: Case) -> list[dict[str, str]]:
    """Points, flags, beliefs and timeouts, as columns."""
    rows = graded.rows[harmless(case.name)]
    return [
        {id: row[column] for id, row in rows.items() if row[column] not in ("", "0") or column == "points"}
        for column in ("points", "flags", "misconceptions", "timeouts")
    ]  # fmt: skip


def expected(case: Case, seen: list[dict[str, str]]) -> list[dict[str, str]]:
    """The same columns as they should be."""
    flags = dict.fromkeys(case.points, "not graded") if "" in case.points.values() else dict(case.flags)
    if case.or_timeout and seen[-1]:
        return [dict(case.points), {}, {}, dict.fromkeys(flags, "1")]
    return [dict(case.points), flags, dict(case.beliefs), dict(case.timeouts)]


def wrong(graded: Graded, *cases: Case) -> dict[str, object]:
    """The cases that got another verdict than they should, or a page that does not say why."""
    seen = {case: verdict(graded, case) for case in cases}
    found: dict[str, object] = {case.name: told for case, told in seen.items() if told != expected(case, told)}
    return found | {f"page of {case.name}": case.said for case in cases if case.said not in graded.page(case.name)}


# Each case -----------------------------------------------------------------------------------------------


def test_the_corpus_is_large():
    assert len(NAMES) >= 95
    assert len(QUICK) >= 40


@pytest.mark.parametrize("student", QUICK)
def test_every_submission_gets_its_verdict(graded: Graded, student: str):
    assert wrong(graded, NAMES[student]) == {}


def test_nothing_that_a_submission_started_is_left(graded: Graded):
    assert left_by(graded) == []


def left_by(graded: Graded) -> list[str]:
    """Working copies, and processes: those of "orphans" joined sessions of their own."""
    copies = graded.report.parent / "t"
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    processes = [line for line in listed.splitlines() if str(copies) in line or f"sleep {SLEEP}" in line]
    return [*processes, *map(str, copies.glob(f"{WORKING_COPY}*"))]


def test_what_was_handed_in_and_handed_out_is_as_it_was(graded: Graded):
    assert {each: each.read_bytes() for each in graded.before} == graded.before


def test_no_damage_was_possible_where_guards_stand(graded: Graded):
    """Other cases try to change and remove everything: there was nothing to put back."""
    if not LINUX:
        pytest.skip("users and Landlock are Linux")
    assert "was changed or removed" not in graded.said
    assert "can write in its own working copy only" in graded.said


MODES = ("here", "plain", "sandbox", "bare")


@pytest.mark.slow
@pytest.mark.skipif(not LINUX, reason="users, Landlock and bubblewrap are Linux")
@pytest.mark.parametrize("mode", MODES)
def test_all_of_the_corpus(tmp_path_factory: pytest.TempPathFactory, mode: str):
    if mode == "plain" and not (ROOT and capable(2)):
        pytest.skip("not root: the plain user is tested by `here`")
    if mode == "sandbox":
        try:
            bubblewrap()
        except RuntimeError as error:
            pytest.skip(str(error))
    here = grade_class(room(tmp_path_factory), lambda case: case.bare or mode != "bare", mode)
    cases = [case for case in NAMES.values() if case.bare or mode != "bare"]
    assert wrong(here, *cases) == {}
    assert {each: each.read_bytes() for each in here.before} == here.before
    assert ("was changed or removed" in here.said) == (mode == "bare")
    assert left_by(here) == []


# The report as a whole -------------------------------------------------------------------------------------


def test_a_student_is_known_by_the_folder_where_there_is_one(graded: Graded):
    assert {id: row["points"] for id, row in graded.rows["ada"].items()} == FULL


def test_unreadable_submissions_are_reported_and_stop_nobody(graded: Graded):
    assert graded.status == 1
    assert graded.rows["absent"]["9.1"]["flags"] == "not graded"
    assert "no notebook" in graded.page("absent")
    assert [row["max"] for row in graded.rows["empty"].values()] == ["3", "2", "1", "1"]


def test_no_page_holds_secret_points_hidden_code_or_a_students_markup(graded: Graded):
    for page in (graded.report / "feedback").iterdir():
        text = page.read_text("utf-8")
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
    assert len(links) == len(QUICK) + 2 == len(graded.rows)
    assert [*graded.rows] == sorted(graded.rows, key=lambda name: name.removeprefix("'").casefold())
    assert all((graded.report / link).is_file() for link in links)
    assert "✓ right" in text


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
    (tmp_path / "in").mkdir()
    for name in few:
        (tmp_path / "in" / f"{name}.ipynb").write_bytes((graded.folder / f"{name}.ipynb").read_bytes())
    assert grade_folder(tmp_path / "in", tmp_path / "out", course=graded.course, units=(UNIT,), limits=LIMITS) == 0

    def verdicts(rows: Rows) -> list[list[str]]:
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
