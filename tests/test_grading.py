"""Grading end to end: what is right earns its points, what is wrong is named, nothing a submission does spoils it."""
from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from corpus import LIMITS, P1
from small_unit import LOSS, RIGHT, UNIT, before, code, course, own, solved, write

from cmelab.exercises import numbers_of
from cmelab.grading import check_notebook, limits
from cmelab.grading.guards import guards
from cmelab.grading.handout import HandoutError, handout, unit_of
from cmelab.grading.launch import job, read_outcome, run_sealed
from cmelab.grading.limits import descendants
from cmelab.grading.lots import Lots
from cmelab.grading.notebook import UnreadableNotebook, dots, parse_notebook
from cmelab.grading.report import file_name
from cmelab.grading.reseal import Sealed, literal, seal
from cmelab.grading.score import read_echo, score
from cmelab.grading.shortcuts import shortcuts
from cmelab.grading.submissions import find_submissions
from cmelab.grading.tables import grades_csv, harmless

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
    assert all(len(each) == 4 for each in places)
    assert len({each[-2:] for each in places}) == 1


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
        ("__import__('cmelab').simulate(1)", [], ["simulate"]),
        ("import importlib\nimportlib.import_module('cmelab.exact').birth_death(1)", [], ["exact"]),
        ("import sys\nc = sys.modules['cmelab']\nc.simulate(1)", [], ["simulate"]),
        ("import cmelab\nx = eval('cmelab.simulate(1)')", [], ["simulate"]),
        ("exec('import cmelab as c; x = c.exact')", [], ["exact"]),
        ("import importlib\nimportlib.import_module('math').exact", [], []),
    ],
)  # fmt: skip
def test_forbidden_names_are_found_where_the_answer_uses_them(answer: str, helpers: list[str], used: list[str]):
    assert shortcuts(answer, helpers, ("simulate", "exact")) == used


def test_statement_of_many_names_is_read_once():
    names = [f"x{i}" for i in range(5000)]
    begin = time.monotonic()
    assert shortcuts("y = [" + ", ".join(names) + "]", [" = ".join(names) + " = 0"], ("exact",)) == []
    assert time.monotonic() - begin < 10


def test_names_and_attributes_that_stand_there_often_cost_no_time():
    """The grader reads all answers itself, so an answer that is slow to read holds up a whole class."""
    aliases = "\n".join(f"import cmelab.part{i} as c" for i in range(4000))
    chains = "\n".join("c" + ".a" * 800 for _ in range(100))
    answer = "\n".join((aliases, "c\n" * 100_000, chains, "c.exact"))
    begin = time.monotonic()
    assert shortcuts(answer, [], ("exact", "part9")) == ["exact", "part9"]
    assert time.monotonic() - begin < 10


@pytest.mark.parametrize(
    ("source", "most"),
    [("import " + "a." * 1500 + "a", 1500), ("from " + "a .\\\n" * 1500 + "a import b", 1500),
     ("x = '''" + "1. 2.\n" * 1500 + "'''", 0), ("y = [" + "0.5, " * 1500 + "]", 0), ("a.b.c\n" * 1000, 2),
     ("a.b", 0)],
    ids=["one line", "many lines", "numbers", "list", "short names", "few dots"],
)  # fmt: skip
def test_dots_are_counted_where_they_belong_to_one_name(source: str, most: int):
    assert dots(source) == most


def test_folders_too_deep_for_a_path_are_counted_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    kept, top = tmp_path / "kept", tmp_path / "top"
    kept.write_text("x")
    kept.chmod(0o640)
    top.mkdir()
    (top / "link").symlink_to(kept)
    monkeypatch.chdir(top)
    for _ in range(3000):
        os.mkdir("d")
        os.chdir("d")
    os.chdir(tmp_path)
    assert limits.occupied(top, 10**9) > 10**9
    limits.remove(top)
    assert not top.exists()
    assert kept.stat().st_mode & 0o777 == 0o640


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
    ["", "PASS\n", '["number", "x"]\n', '{"a": 1}\n', "[1, 2, 3]\n", '["number", "1"]\n' * 2, "[" * 10**5,
     '["number", 1' + "0" * 400 + "]\n"],
    ids=lambda text: text[:20].strip() or "nothing",
)
def test_an_echo_that_a_student_rewrote_is_not_read(printed: str):
    assert read_echo(printed, 1) is None


def test_results_that_break_off_are_read_as_far_as_they_go():
    line = json.dumps({"cell": 0, "passed": True, "printed": "", "error": None, "lost": "", "seconds": 0.1}).encode()
    outcome = read_outcome(line + b"\n" + line[:20], 1.0)
    assert list(outcome.cells) == [0]
    assert outcome.ended == "crashed"


def test_of_cells_that_are_no_echoes_next_to_nothing_is_told(tmp_path: Path):
    """Messages that a cell sends itself pass all limits of what Python prints."""
    send = (
        "k = get_ipython().kernel\n"
        "for kind, content in (('stream', {'name': 'stdout', 'text': 'x' * 400_000}),\n"
        "                      ('error', {'ename': 'E' * 10**6, 'evalue': 'v' * 10**6, 'traceback': []})):\n"
        "    k.session.send(k.iopub_socket, kind, content, parent=k.get_parent('shell'), ident=b'x')"
    )
    one = sealed(before(solved(), "answer", "9.1", own(send)), tmp_path, Lots(b"secret"))
    outcome = run_sealed(one, LIMITS)
    told = [len(repr(ran)) for i, ran in outcome.cells.items() if one.cells[i].role != "echo"]
    assert 600 < max(told) < 1000
    assert [each.points for each in score(UNIT, one, outcome, LIMITS.cell)] == [3, 2, 1, None]


def test_two_students_never_share_a_file():
    names = ["ada", "Ada/..", "Ada:..", "ада", "аба", "..", "a" * 300, "a" * 301]
    # A name that is the file of another one.
    names.append(file_name("ада", UNIT).removesuffix("-09"))
    files = [file_name(name, UNIT) for name in names]
    assert len(set(files)) == len(names)
    assert all(re.fullmatch(r"[\w-][\w.-]{0,90}", each, re.ASCII) for each in files)


def test_a_table_has_no_formula():
    assert harmless("=1+1") == "'=1+1"
    assert harmless("\t=1") == "\t'=1"
    assert harmless("ada;=1;@x; - y") == "ada;'=1;'@x; - y"
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
    told = job(one, range(len(one.cells)), LIMITS, guards())
    run = subprocess.run([sys.executable, "-c", text], input=told, capture_output=True, check=True)
    results = score(UNIT, one, read_outcome(run.stdout, 1.0), LIMITS.cell)
    assert [each.points for each in results] == [3, 2, 1, None]
