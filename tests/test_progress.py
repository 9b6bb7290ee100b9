"""How far a student is: mastery counted by hand, beliefs open until their exercise is right, files that are damaged."""
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from small_unit import DIMER, LOSS, UNIT
from test_grading_tables import Table

import cmelab
from cmelab import cli
from cmelab.exercises import MISCONCEPTIONS, UNITS, Desk, Progress, progress
from cmelab.exercises.exercise import Unit
from cmelab.exercises.page import page


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.delenv("CMELAB_PROGRESS", raising=False)
    (tmp_path / "09_small").mkdir()
    monkeypatch.chdir(tmp_path / "09_small")
    return Desk((UNIT,), seconds=1.0)


def far(folder: Path) -> Progress:
    return progress(folder, units=(UNIT,))


def test_nothing_is_there_before_the_first_check(desk: Desk, tmp_path: Path):
    found = far(tmp_path)
    assert [(each.name, each.right, each.points, each.open) for each in found.topics] == [
        ("propensities", 0, 5, ()), ("volume", 0, 1, ()),
    ]  # fmt: skip
    assert repr(found).splitlines()[-1] == "  Next: 9.1 Pairs (not tried)."
    assert not found.topics[0].mastered


def test_mastery_counts_the_points_of_right_answers_by_topic(desk: Desk, tmp_path: Path):
    desk.check("9.1", DIMER.model("right"))
    desk.check("9.2", (2, 4))
    desk.check("9.3", "words, which a person reads")
    assert [(each.right, each.points, each.mastered) for each in far(tmp_path).topics] == [(3, 5, False), (1, 1, True)]
    desk.check("9.1b", 4.0)
    assert [each.mastered for each in far(tmp_path).topics] == [True, True]
    assert "Your progress · 6 of 6 points" in repr(far(tmp_path))
    assert "Every exercise is right." in repr(far(tmp_path))


def test_a_belief_is_open_until_every_exercise_that_found_it_is_right(desk: Desk, tmp_path: Path):
    desk.check("9.1", DIMER.wrong["P1"])
    desk.check("9.1b", LOSS.model("P1")(**LOSS.default))
    assert far(tmp_path).open(far(tmp_path).exercises) == {"P1": ["9.1", "9.1b"]}
    desk.check("9.1", DIMER.model("right"))
    text = repr(far(tmp_path))
    assert "propensities   ██████░░░░   3 of 5 points · 1 belief still open" in text
    assert f"Still open (9.1b): {MISCONCEPTIONS['P1'].belief}" in text
    assert MISCONCEPTIONS["P1"].question in text and MISCONCEPTIONS["P1"].line in text
    desk.check("9.1b", 4.0)
    assert far(tmp_path).open(far(tmp_path).exercises) == {}


def test_the_answer_of_another_kernel_is_still_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What is kept survives the kernel: a second Python reads what a first one wrote."""
    monkeypatch.delenv("CMELAB_PROGRESS", raising=False)
    wrong = "lambda n, k, omega: k / omega * n * (n - 1)"
    code = f"import cmelab; cmelab.check('1.5', (3, 3, 1)); cmelab.check('1.1', {wrong})"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    found = cmelab.progress(tmp_path)
    assert found.state("1.5") == "right"
    assert found.open(found.exercises) == {"P2": ["1.1"]}
    assert found.next is not None and found.next.id == "1.1"


@pytest.mark.parametrize("content", [b"{", b"[1]", b'{"exercises": {"9.1": {"state": "rihgt"}}}',
                                     b'{"exercises": {"9.1": {"misconceptions": [[]]}}}'])  # fmt: skip
def test_a_damaged_file_is_set_aside_and_told(desk: Desk, tmp_path: Path, content: bytes):
    (tmp_path / "09_small" / "progress.json").write_bytes(content)
    found = far(tmp_path)
    assert found.entries == {}
    assert "Note: progress.json was damaged; it is now progress.json.damaged" in repr(found)
    assert (tmp_path / "09_small" / "progress.json.damaged").read_bytes() == content


def test_a_belief_that_is_no_longer_in_the_catalogue_is_left_out(desk: Desk, tmp_path: Path):
    entry = {"state": "not yet", "misconceptions": ["Q99", "P1"]}
    (tmp_path / "09_small" / "progress.json").write_text(json.dumps({"exercises": {"9.1": entry, "7.7": entry}}))
    assert far(tmp_path).open(far(tmp_path).exercises) == {"P1": ["9.1"]}


@pytest.mark.parametrize("where", ["", "09_small", "clone"])
def test_it_is_found_from_the_course_from_a_unit_and_from_a_clone(desk: Desk, tmp_path: Path, where: str):
    desk.check("9.2", (2, 4))
    if where == "clone":
        (tmp_path / "clone").mkdir()
        (tmp_path / "clone" / "course").symlink_to(tmp_path)
    assert far(tmp_path / where).state("9.2") == "right"


def test_the_page_and_the_notebook_show_the_same_and_are_well_formed(desk: Desk, tmp_path: Path):
    desk.check("9.1", DIMER.wrong["P1"])
    desk.hint("9.1")
    found = far(tmp_path)
    topics, exercises = Table(page(found.heading, found.body() + found.table())).tables
    assert topics[1] == ["propensities", "", "0 of 5", "1 belief still open"]
    assert exercises[1:] == [["9.1 Pairs", "✗ not yet", "1", "1 of 3"], ["9.1b Loss", "○ not tried", "0", "0 of 3"],
                             ["9.2 Factors", "○ not tried", "0", "0 of 3"]]  # fmt: skip
    shown = Table(f"<main>{found._repr_html_()}</main>")
    assert shown.tables == [topics] and shown.open == []


def test_the_command_prints_a_summary_and_writes_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("CMELAB_PROGRESS", str(tmp_path / "mine.json"))
    cmelab.check("1.5", (2, 1, 1))
    assert cli.main(["progress", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    total = sum(each.points for unit in UNITS for each in unit if each.automatic)
    assert told.startswith(f"Your progress · 0 of {total} points")
    assert "Still open (1.5): A molecule can meet itself" in told
    assert "Beliefs still open" in (tmp_path / "progress.html").read_text("utf-8")
    assert cli.main(["progress", str(tmp_path / "nowhere")]) == 1
    assert "nowhere is not a folder; give the course's folder" in capsys.readouterr().err


def test_a_belief_is_asked_after_again_two_units_later(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Once it is found, and right by now or not; never in the next unit, and never without a belief."""
    units = (UNIT, Unit("10", "Next", ()), Unit("11", "Later", ()), Unit("12", "Much later", ()))
    here, question = Desk(units, seconds=1.0), MISCONCEPTIONS["P1"].question
    asked = lambda unit: question in repr(here.start(unit))  # noqa: E731
    assert not any(asked(unit) for unit in ("09", "10", "11", "12"))
    here.check("9.1", DIMER.wrong["P1"])
    here.check("9.1", DIMER.model("right"))
    assert [asked(unit) for unit in ("09", "10", "11", "12")] == [False, False, True, True]
    assert MISCONCEPTIONS["P1"].line in repr(here.start("11")) and "9.1" in repr(here.start("11"))
    (tmp_path / "11_later").mkdir()
    monkeypatch.chdir(tmp_path / "11_later")
    assert asked("11")
    (tmp_path / "09_small" / "progress.json").write_text("[", encoding="utf-8")
    assert not asked("11")
