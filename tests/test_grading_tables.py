"""Gradebooks, JUnit, the class page, highlighted answers: each re-read by a library of its own, or computed again."""
from __future__ import annotations

import csv
import html
import io
import keyword
import random
import re
import tokenize
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from small_unit import UNIT
from test_roster import CANVAS, MOODLE, roster

from cmelab.exercises.page import STYLE
from cmelab.exercises.verdict import COLOURS
from cmelab.grading.class_page import class_page, histogram, spread, word
from cmelab.grading.gradebooks import about_roster, canvas_csv, moodle_csv
from cmelab.grading.highlight import highlighted
from cmelab.grading.items import Item, correlation, held, items, to_reteach
from cmelab.grading.junit import junit_xml
from cmelab.grading.marked import Marked
from cmelab.grading.overview import index
from cmelab.grading.report import feedback
from cmelab.grading.roster import read_roster
from cmelab.grading.score import Result

BELIEFS = {"9.1": ("P1", "P2", "P3"), "9.1b": ("P7", "P1"), "9.2": ("P3",), "9.3": ()}


def result(
    place: int, points: float | None, *, beliefs: tuple[str, ...] = (), answer: str = "", state: str = ""
) -> Result:
    exercise = UNIT.exercises[place]
    state = state or ("awaiting" if points is None else "right" if points == exercise.points else "not yet")
    lines = (("", f"You give <{points}>\x00 &."), ("It implies", "Half?"))
    return Result(exercise.id, exercise.title, state, points, exercise.points, lines, answer, beliefs, seconds=0.25)


def student(name: str, *points: float | None, **how) -> Marked:
    return Marked(name, UNIT, tuple(result(i, each) for i, each in enumerate(points)), **how)


def drawn_class(size: int, seed: int = 1) -> list[Marked]:
    """A class with points and beliefs drawn at random; strong students more often right."""
    rng = random.Random(seed)
    found = []
    for number in range(size):
        skill, mine = rng.random(), []
        for place, exercise in enumerate(UNIT):
            right = rng.random() < skill
            possible = () if right else BELIEFS[exercise.id]
            beliefs = tuple(rng.sample(possible, rng.randint(0, len(possible))))
            points = exercise.points if right else rng.choice((0, exercise.points / 2))
            mine.append(result(place, points, beliefs=beliefs))
        found.append(Marked(f"student {number}", UNIT, tuple(mine)))
    return found


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# Canvas and Moodle -------------------------------------------------------------------------------------


def canvas_takes(header: list[str]) -> bool:
    """The rule of Canvas's own importer: Student, ID, the SIS columns it knows, and Section last before assignments."""
    known = 3
    if "SIS Login ID" in header[2]:
        known += 1
    elif "SIS User ID" in header[2] and "SIS Login ID" in header[3]:
        known += 2
    return len(header) > 3 and "Student" in header[0] and "ID" in header[1] and "Section" in header[known - 1]


def test_canvas_takes_the_table_and_every_student_keeps_their_numbers(tmp_path: Path):
    people = read_roster(roster(tmp_path, CANVAS))
    text = canvas_csv([student("zoe", 3, 2, 0, 0.5), student("stranger", 1, 1, 1, 1)], people)
    header, possible, *rows = csv.reader(io.StringIO(text))
    assert canvas_takes(header)
    assert header[5:] == ["Unit 09 A small unit (4711)"]
    assert re.search("Points Possible", possible[0]) and possible[5] == "7"
    assert rows == [["Lovelace, Ada", "101", "S1", "ada", "A", ""], ["Müller, Zoë", "102", "S2", "zoe", "B", "5.5"]]


@pytest.mark.parametrize(
    ("exported", "column"),
    [("Unit 09 (12)", "Unit 09 (12)"), ("Unit 09", "Unit 09"), ("Unit 090 (12)", "Unit 09 A small unit"),
     ("Unit 09 (12),Unit 09 A small unit (13)", "Unit 09 A small unit (13)")],
)  # fmt: skip
def test_an_assignment_that_canvas_has_under_the_short_name_is_filled(tmp_path: Path, exported: str, column: str):
    people = read_roster(roster(tmp_path, CANVAS.replace("Unit 09 A small unit (4711)", exported)))
    assert next(csv.reader(io.StringIO(canvas_csv([student("ada", 3, 2, 1, 1)], people))))[5:] == [column]


def test_without_a_roster_the_student_is_the_login():
    header, _, row = csv.reader(io.StringIO(canvas_csv([student("ada", 3, 2, 1, None)])))
    assert canvas_takes(header)
    assert row == ["ada", "", "", "ada", "", "6"]
    assert header[5] == "Unit 09 A small unit"


def test_moodle_has_names_numbers_grade_and_feedback(tmp_path: Path):
    people = read_roster(roster(tmp_path, MOODLE))
    ada, zoe = read(moodle_csv([student("Ada Lovelace", 3, 0, 1, 1)], people))
    assert ada == {
        "First name": "Ada", "Last name": "Lovelace", "ID number": "7001", "Email address": "ada@x.org",
        "Unit 09 A small unit": "5", "Unit 09 A small unit (feedback)": "Not yet right: 9.1b. See the feedback page.",
    }  # fmt: skip
    assert (zoe["Last name"], zoe["Unit 09 A small unit"]) == ("Müller", "")


def test_two_notebooks_of_one_person_have_no_points_and_a_sentence(tmp_path: Path):
    people = read_roster(roster(tmp_path, CANVAS))
    marked = [student("ada", 3, 2, 1, 1), student("Lovelace Ada", 0, 0, 0, 0), student("eve", 0, 0, 0, None)]
    assert read(canvas_csv(marked, people))[1]["Unit 09 A small unit (4711)"] == ""
    said = about_roster(marked, people)
    assert "In the roster, but without a notebook: Müller, Zoë." in said
    assert "Not in the roster, or fitting several of its people: eve." in said
    assert any("Several notebooks fit Lovelace, Ada" in each and "ada, Lovelace Ada" in each for each in said)
    assert any(each.startswith("1 notebook with answers that a person reads: fill awaiting.csv") for each in said)


def test_moodle_says_everything_is_right_when_everything_was_read_and_nothing_where_two_notebooks_fit(tmp_path: Path):
    people = read_roster(roster(tmp_path, MOODLE))
    named = "Unit 09 A small unit (feedback)"
    for points, said in [
        ((3, 2, 1, 1), "Everything is right."), ((3, 2, 1, None), "Right so far. Still to be read: 9.3."),
        ((3, 0, 1, None), "Not yet right: 9.1b. See the feedback page. Still to be read: 9.3."),
    ]:  # fmt: skip
        assert read(moodle_csv([student("Ada Lovelace", *points)], people))[0][named] == said
    both = [student("Ada Lovelace", 3, 2, 1, 1), student("7001", 0, 0, 0, 0)]
    row = read(moodle_csv(both, people))[0]
    assert (row["Unit 09 A small unit"], row[named]) == ("", "")


# JUnit -------------------------------------------------------------------------------------------------


def test_junit_counts_what_its_cases_hold():
    untried = Marked("bob", UNIT, tuple(result(i, 0, state="not tried") for i in range(4)))
    blank = tuple(result(i, None, state="not tried") for i in range(4))
    broken = Marked("eve", UNIT, blank, problem="no \x08 notebook")
    top = ElementTree.fromstring(junit_xml([student("ada <&>", 3, 0, 1, None), untried, broken]).encode())
    kinds = [[next((each.tag for each in case), "passed") for case in suite] for suite in top]
    assert kinds == [["passed", "failure", "passed", "skipped"], ["skipped"] * 4, ["error"] * 4]
    for element, mine in [(top, [each for suite in kinds for each in suite]), *zip(top, kinds, strict=True)]:
        counted = Counter(mine)
        wanted = (len(mine), counted["failure"], counted["error"], counted["skipped"])
        assert tuple(int(element.get(name, "")) for name in ("tests", "failures", "errors", "skipped")) == wanted
        assert float(element.get("time", "")) == pytest.approx(0.25 * len(mine))
    failure = top[0][1][0]
    assert failure.get("message") == "You give <0>? &."
    assert failure.text == "You give <0>? &.\nIt implies: Half?"
    assert top[0].get("name") == "ada <&> · unit 09"


# The class ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_difficulty_and_discrimination_are_those_of_numpy(seed: int):
    marked = drawn_class(25, seed)
    points = np.array([[one.points for one in each.results] for each in marked], float)
    for place, item in enumerate(items(UNIT, marked)):
        own, rest = points[:, place], np.delete(points, place, axis=1).sum(axis=1)
        assert item.difficulty == pytest.approx(own.mean() / UNIT.exercises[place].points, rel=1e-12)
        assert item.discrimination == pytest.approx(np.corrcoef(own, rest)[0, 1], rel=1e-9)
        assert item.students == 25


def test_statistics_leave_out_what_nobody_could_judge():
    marked = [student("a", 3, 2, 1, None), student("b", 0, 2, 0, None), student("c", 3, 2, 1, 1),
              student("d", 0, 0, 0, 0, problem="no notebook")]  # fmt: skip
    dimer, loss, _, words = items(UNIT, marked)
    assert (dimer.students, dimer.difficulty) == (3, pytest.approx(2 / 3))
    assert (loss.difficulty, loss.discrimination) == (1.0, None)
    assert (words.students, words.difficulty, words.discrimination) == (1, 1.0, None)


def test_correlation_is_exact_on_a_line_and_none_where_it_means_nothing():
    assert correlation([(0, 1), (1, 3), (2, 5)]) == pytest.approx(1)
    assert correlation([(0, 5), (1, 3), (2, 1)]) == pytest.approx(-1)
    assert correlation([(0, 1), (1, 2)]) is None
    assert correlation([(0.1 + 0.2, 1), (0.3, 2), (0.3, 5)]) is None


@pytest.mark.parametrize(
    ("difficulty", "discrimination", "said"),
    [(0.2, 0.5, "hard"), (0.95, 0.1, "easy, tells little"), (0.5, -0.21, "strong students miss it"),
     (0.5, -0.1, "tells little"), (0.5, None, "")],
)
def test_a_word_is_said_where_an_exercise_is_worth_a_look(difficulty: float, discrimination: float | None, said: str):
    assert word(Item("9.1", "Pairs", 9, difficulty, discrimination, 0)) == said
    assert word(Item("9.1", "Pairs", 0, None, None, 0)) == "awaiting a reader"


def test_an_exercise_is_not_called_hard_while_only_those_who_left_it_alone_have_points():
    untried = Marked("bob", UNIT, tuple(result(i, 0, state="not tried") for i in range(4)))
    item = items(UNIT, [student("ada", 3, 2, 1, None), untried])[3]
    assert (item.students, item.difficulty, item.awaiting) == (1, 0, 1)
    assert word(item) == "1 awaiting a reader"


def test_the_beliefs_to_reteach_are_those_of_most_students():
    marked = drawn_class(40)
    holders = Counter(
        belief for each in marked for belief in {belief for one in each.results for belief in one.misconceptions}
    )
    found = to_reteach(UNIT, marked)
    assert [students for _, students, _ in found] == sorted(holders.values(), reverse=True)[:3]
    assert all(holders[belief] == students for belief, students, _ in found)
    for belief, _, where in found:
        assert where == [
            each.id for i, each in enumerate(UNIT) if any(belief in one.results[i].misconceptions for one in marked)
        ]


def test_of_two_beliefs_of_as_many_students_the_more_frequent_comes_first():
    wrong = (result(0, 0, beliefs=("P1", "P2")), result(1, 0, beliefs=("P2",)))
    both = Marked("ada", UNIT, (*wrong, result(2, 1), result(3, 1)))
    assert to_reteach(UNIT, [both]) == [("P2", 1, ["9.1", "9.1b"]), ("P1", 1, ["9.1"])]
    assert held(UNIT, [both]) == {("P1", "9.1"): 1, ("P2", "9.1"): 1, ("P2", "9.1b"): 1}


@pytest.mark.parametrize("most", [7, 20, 1, 3])
def test_every_student_is_in_one_bar_of_the_histogram(most: int):
    rng = random.Random(2)
    points = [rng.choice((rng.randint(0, most * 2) / 2, most * rng.randint(0, 10) / 10)) for _ in range(300)]
    wanted, _ = np.histogram(np.minimum(np.array(points) + 1e-9, most), bins=np.linspace(0, most, 11))
    assert spread(points, most) == wanted.tolist()


class Table(HTMLParser):
    """The cells of every table, and the elements that are open at the end."""

    def __init__(self, page: str):
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.open: list[str] = []
        self.scopes: Counter[str] = Counter()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self.scopes[f"{tag} {dict(attrs).get('scope')}"] += 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if any(each in self.open for each in ("td", "th")):
            self.tables[-1][-1][-1] += data


def test_the_class_page_shows_the_counts_and_names_nobody():
    marked = drawn_class(30)
    page = class_page(marked)
    heat, exercises = Table(page).tables
    counts = held(UNIT, marked)
    assert heat[0] == ["belief", *(each.id for each in UNIT)]
    for belief, *cells in heat[1:]:
        assert cells == [str(counts.get((belief, each.id), "")) for each in UNIT]
    assert {row[0] for row in heat[1:]} == {belief for belief, _ in counts}
    for row, item in zip(exercises[1:], items(UNIT, marked), strict=True):
        assert row[1:4] == ["30", f"{item.difficulty:.2f}", f"{item.discrimination:.2f}"]
    assert "student 1" not in page
    assert page.count("Show: <code>cmelab.show(") == 3


def test_the_histogram_says_in_words_what_it_draws():
    marked = drawn_class(30)
    picture = histogram(UNIT, marked)
    told = [int(n) for n in re.findall(r": (\d+)[,.]", re.search(r"aria-label='([^']*)'", picture)[1])]  # type: ignore[index]
    assert told == spread([each.points for each in marked], UNIT.points)
    assert len(re.findall("<rect", picture)) == sum(n > 0 for n in told)
    highs = [float(high) for high in re.findall(r'<rect [^>]*height="([\d.]+)"', picture)]
    assert [high / max(highs) for high in highs] == pytest.approx([n / max(told) for n in told if n], abs=0.01)
    assert f"median {np.median([each.points for each in marked]):g}" in picture


@pytest.mark.parametrize("marked", [[], [student("ada", 0, 0, 0, None)], [student("ada", 0, 0, 0, 0, problem="no")]])
def test_a_class_of_one_or_none_has_a_page(marked: list[Marked]):
    assert Table(class_page(marked)).open == []


@pytest.mark.parametrize("make", [feedback, lambda each: index([each]), lambda each: class_page([each])])
def test_every_page_needs_nothing_else_and_is_well_formed(make):
    """Tables have headers, elements are closed, nothing is fetched, light and dark and paper are thought of."""
    page = make(student("ada <b>", 3, 0, 1, None))
    found = Table(page)
    assert found.open == []
    assert found.scopes["th None"] == 0 and found.scopes["th col"] and found.scopes["th row"]
    assert not re.search(r"(src|href)=.?(https?:)?//|url\(|@import|<script|<link", page)
    for need in ("prefers-color-scheme: dark", "@media print", 'lang="en"', "default-src 'none'", "<main>"):
        assert need in page
    assert "ada <b>" not in page


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2 between two colours "#rrggbb"."""

    def luminance(colour: str) -> float:
        parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_and_signs_can_be_read_in_light_and_dark(scheme: int):
    """WCAG AA: 4.5 for text, 3 for the signs whose word stands beside them."""
    colours = dict(re.findall(r"--(\w+): (#\w{6})", STYLE.split("@media (prefers-color-scheme: dark)")[scheme]))
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    for ground in ("ground", "panel"):
        for ink in ("ink", "soft", "word", "text", "digit"):
            assert contrast(colours[ink], colours[ground]) > 4.5, (ink, ground)
    for state, colour in COLOURS.items():
        assert contrast(colour, colours["ground"]) > 3, state


# Answers -----------------------------------------------------------------------------------------------

CODE = [
    "def f(n):\n    # half <of> it & more\n    return 'a' + \"b\" * 2 if n else None\n",
    '"""text\nover lines"""\nx = 1_000.5e-3j\n', "f'{n:>{w}} <b>' + rb'\\x00'", "x = (1,\n", "  if\n x\n", "while", "",
    "a = '\n", "\tx = 1\n        y", "x = 1\\\n  + 2", "a\x0cb\r\nc = '<'", "€ = $ ?", "%matplotlib inline\n!ls *",
]  # fmt: skip


@pytest.mark.parametrize("source", CODE)
def test_highlighting_loses_no_character_and_escapes_all(source: str):
    shown = highlighted(source)
    assert html.unescape(re.sub(r"</?[bqui]>", "", shown)) == source
    assert not re.search(r"<(?!/?[bqui]>)", shown)


def test_words_texts_numbers_and_comments_are_set_apart():
    source = CODE[0]
    marks = {tag: re.findall(f"<{tag}>(.*?)</{tag}>", highlighted(source)) for tag in "bqui"}
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    assert marks["b"] == [each.string for each in tokens if keyword.iskeyword(each.string)]
    assert marks["u"] == ["2"]
    assert marks["q"] == [html.escape("'a'"), html.escape('"b"')]
    assert marks["i"] == ["# half &lt;of&gt; it &amp; more"]


def test_the_feedback_page_holds_answer_verdict_and_a_way_to_each():
    wrong = result(0, 0, beliefs=("P1",), answer="def propensity(n):\n    return n  # <n>")
    page = feedback(Marked("ada", UNIT, (wrong, result(1, 2), result(2, 1), result(3, None))))
    assert "<b>def</b> propensity" in page and "<i># &lt;n&gt;</i>" in page
    assert Table(page).tables[0][1] == ["9.1 Pairs", "✗ not yet", "0 of 3"]
    links, ids = re.findall(r'href="#([^"]+)"', page), re.findall(r'<section id="([^"]+)"', page)
    assert links == ids == [each.id for each in UNIT]
