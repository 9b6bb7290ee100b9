"""Every exercise of every unit: right is right, each wrong model is named as itself, first hints give nothing away."""
from __future__ import annotations

import itertools
import re
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest

import cmelab
from cmelab.exercises import UNITS, Exercise, Unit, numbers_of, progress
from cmelab.exercises.desk import Desk
from cmelab.exercises.diagnose import diagnose
from cmelab.exercises.exercise import ExerciseError, distance
from cmelab.exercises.finding import AWAITING, NOT_TRIED, NOT_YET, RIGHT
from cmelab.exercises.misconceptions import MISCONCEPTIONS, VARIANTS, beliefs, parts
from cmelab.exercises.observe import alive
from cmelab.grading.marked import Marked
from cmelab.grading.report import feedback
from cmelab.grading.score import Result, noted

EXERCISES = [each for unit in UNITS for each in unit]
TAUGHT = [each for unit in UNITS if not unit.quiet for each in unit]
AUTOMATIC = [each for each in EXERCISES if each.automatic]
WRONG = [(each, key) for each in AUTOMATIC for key in each.wrong]
POINTS = 20


def named(each: Exercise | Unit) -> str:
    return each.id


def listed(case: tuple[Exercise, str]) -> str:
    return f"{case[0].id}-{case[1]}"


def answer_of(each: Exercise, key: str, given: dict) -> object:
    """What a student would have who holds this belief: a function, a number, or a tuple."""
    if each.kind in ("sampler", "witness"):
        return each.examples[key]
    model = each.model(key)
    return model if each.called else model(**given)


def implied(each: Exercise, key: str) -> str:
    """What the belief implies in the numbers of self-study, put in by Python's own formatting."""
    if each.called:
        return each.implies[key]
    texts = {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in each.default.items()}
    values = [f"{value:.4g}" for value in each.values(key)[0]]
    answer = values[0] if len(values) == 1 else f"({', '.join(values)})"
    return each.implies[key].format(**texts, answer=answer)


# Wrong models ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", WRONG, ids=listed)
def test_wrong_model_is_named_as_itself_and_what_it_implies_is_said(case, monkeypatch, tmp_path):
    monkeypatch.setenv("CMELAB_PROGRESS", str(tmp_path / "progress.json"))
    each, key = case
    answer = answer_of(each, key, numbers_of(each))
    finding = diagnose(each, answer, numbers_of(each), seconds=60.0)
    assert (finding.state, finding.wrong) == (NOT_YET, key)
    verdict = Desk(UNITS, seconds=60.0).check(each.id, answer)
    assert (verdict.state, verdict.misconceptions) == (NOT_YET, parts(key))
    if key in each.implies:
        assert implied(each, key) in repr(verdict)


@pytest.mark.parametrize("each", [each for each in AUTOMATIC if each.kind == "sampler"], ids=named)
def test_sampler_is_judged_alike_whatever_the_seed(each):
    """The level is two misses of 1e-4: of 20 right answers none fails, and each wrong one is named."""
    for key, example in each.examples.items():
        for seed in range(20 if key == "right" else 5):
            shifted = _reseeded(example, seed)
            found = diagnose(each, shifted, {}, seconds=120.0)
            assert (found.state, found.wrong) == ((RIGHT, "") if key == "right" else (NOT_YET, key)), (seed, found.says)


def _reseeded(example, seed):
    """The same sampler on other random numbers: a generator of its own, made anew for each student."""
    rng = np.random.default_rng(1000 + seed)
    return lambda *arguments: example(*arguments[:-1], rng)


@pytest.mark.parametrize("each", AUTOMATIC, ids=named)
def test_two_wrong_models_of_an_exercise_are_never_told_the_same_belief(each):
    sentences = [tuple(held.belief for held in beliefs(key)) for key in each.wrong]
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("key", [*MISCONCEPTIONS, *VARIANTS])
def test_belief_is_held_somewhere_and_its_line_of_code_runs(key):
    found = [wrong for each in AUTOMATIC for wrong in each.wrong]
    base = key.partition(":")[0]
    assert any(key in wrong.split("+") or (":" not in key and base in parts(wrong)) for wrong in found)
    held = VARIANTS.get(key) or MISCONCEPTIONS[key]
    if held.code:
        shown = eval(held.line, {"cmelab": cmelab, "np": np})
        assert "cmelab.show" in held.line or np.all(np.isfinite(np.asarray(shown, dtype=float)))


@pytest.mark.parametrize("case", WRONG, ids=listed)
def test_sentence_about_a_wrong_model_speaks_of_numbers_and_asks(case):
    each, key = case
    if key in each.implies:
        text = implied(each, key)
        assert any(mark.isdigit() for mark in text) and "?" in text and "{" not in text


# Right answers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("each", AUTOMATIC, ids=named)
def test_right_answer_is_right_and_told_why(each):
    finding = diagnose(each, answer_of(each, "right", numbers_of(each)), numbers_of(each), seconds=60.0)
    assert (finding.state, finding.says) == (RIGHT, each.why)


@pytest.mark.parametrize("each", EXERCISES, ids=named)
def test_stub_counts_as_not_tried(each):
    stub = (lambda *arguments: ...) if each.called else None
    assert Desk(UNITS)._finding(each, stub).state == NOT_TRIED
    assert each.automatic or Desk(UNITS)._finding(each, "words").state == AWAITING


# Numbers of a student --------------------------------------------------------------------------------------


@pytest.mark.parametrize("each", [each for each in AUTOMATIC if each.given], ids=named)
def test_a_thousand_students_get_numbers_that_tell_the_beliefs_apart(each):
    for i in range(1000):
        given = numbers_of(each, f"student {i}")
        if each.kind == "witness":
            assert each.model("right")(each.examples["right"], **given) in (True, False)
            continue
        values = {key: each.values(key, given) for key in ("right", *each.wrong)}
        for a, b in itertools.combinations(values, 2):
            assert distance(values[a], values[b]) > 0.05, (given, a, b)


@pytest.mark.parametrize("each", [each for each in AUTOMATIC if each.secret], ids=named)
def test_secret_arguments_tell_every_wrong_model_from_the_right_one(each):
    """Five fresh draws, fifty times: no wrong model may pass for right on the probes and them together."""
    assert each.secret
    rng = Random(1)
    for _ in range(50):
        probes = [each.secret(rng) for _ in range(5)]
        for probe in probes:
            assert len(alive(probe)) == len(each.arguments) - (each.kind == "sampler")
        for key in each.wrong:
            rows = [(each.at(key, probe), each.at("right", probe)) for probe in probes]
            assert any(distance((x,), (y,)) > 0.01 for x, y in rows), (key, probes)


# Hints and points ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("each", TAUGHT, ids=named)
def test_first_hint_is_a_question_that_gives_nothing_away(each):
    first, _, last = each.hints
    assert first.endswith("?")
    assert not any(sign in first for sign in ("*", "/", "^", "**", "exp(", "comb", "factorial", "omega**", "np."))
    if each.kind in ("number", "numbers"):
        right = {f"{value:g}" for value in each.values("right")[0]}
        assert not right & set(first.replace(",", " ").split())
    assert first != last


@pytest.mark.parametrize("unit", UNITS, ids=named)
def test_unit_is_worth_twenty_points_and_what_is_asked_before_the_course_none(unit):
    assert unit.points == (0 if unit.quiet else POINTS)


def test_answers_before_the_course_are_noted_and_never_judged(monkeypatch, tmp_path):
    monkeypatch.setenv("CMELAB_PROGRESS", str(tmp_path / "progress.json"))
    desk, asked = Desk(UNITS), UNITS[0]
    assert asked.quiet
    said = {repr(desk.check(each.id, answer)).partition(each.title)[2] for each in asked for answer in (1, 2, 3, 4)}
    assert len(said) == 1
    assert "Noted" in said.pop()
    assert "There are no hints" in repr(desk.hint("0.1"))


NO_CHOICES = (None, ..., "3", "c", [3], (1, 2), 10, 5, 0, -1, 2.5, True, float("nan"), np.array([3]), int, {})


@pytest.mark.parametrize("answer", NO_CHOICES, ids=repr)
def test_what_is_no_choice_is_not_noted_and_leaves_what_was(answer, monkeypatch, tmp_path):
    """25 pairs, typed for choice 1, is neither noted nor wrong; nor does it take away an answer given before."""
    monkeypatch.setenv("CMELAB_PROGRESS", str(tmp_path / "progress.json"))
    desk = Desk(UNITS)
    said = desk.check("0.1", answer)
    assert said.state == NOT_TRIED and "1 to 4, without quotation marks" in repr(said)
    assert "questions" not in repr(progress(tmp_path))
    desk.check("0.1", 3)
    desk.check("0.1", answer)
    assert progress(tmp_path).state("0.1") == RIGHT


@pytest.mark.parametrize("answer", [3, 3.0, np.int64(3), np.array(3)], ids=repr)
def test_number_of_a_choice_may_be_of_any_type(answer):
    assert Desk(UNITS)._finding(UNITS[0].exercises[0], answer).state == RIGHT


def test_number_of_an_exercise_that_is_no_text_is_told_so():
    number: Any = 0.1
    with pytest.raises(ExerciseError, match=r'write "0\.1", with quotation marks'):
        Desk(UNITS).check(number, 3)
    with pytest.raises(ExerciseError, match=r"there are 0\.1, 0\.2, 0\.3, .*0\.9, 0\.10\.$"):
        Desk(UNITS).check("0.11", 3)


def test_gain_is_told_when_all_was_answered_twice_and_not_before(monkeypatch, tmp_path):
    """Five of ten right at first, all in the end: of the five missed, all were gained. A count sooner would judge."""
    monkeypatch.setenv("CMELAB_PROGRESS", str(tmp_path / "progress.json"))
    desk, asked = Desk(UNITS), UNITS[0]
    right = {each.id: each.values("right")[0][0] for each in asked}
    for i, each in enumerate(asked):
        desk.check(each.id, right[each.id] if i < 5 else right[each.id] % 4 + 1)
        if i < 9:
            assert f"Before the course: {i + 1} of 10 questions answered." in repr(progress(tmp_path))
    for each in asked:
        assert "all 10 questions answered. Answer them again after the last unit" in repr(progress(tmp_path))
        assert not re.search(r"questions.*right", repr(progress(tmp_path)))
        desk.check(each.id, right[each.id])
    said = "Of the 10 questions, 5 were right at first; 10 are right now. That is a normalised gain of 1.00"
    assert said in repr(progress(tmp_path))


@pytest.mark.parametrize("each", AUTOMATIC, ids=named)
def test_names_that_an_answer_may_not_use_exist(each):
    assert set(each.forbidden) <= set(cmelab.__all__)


def test_page_of_a_student_judges_no_answer_before_the_course():
    right = Result("0.1", "Pairs", RIGHT, 0, 0, (("", "What the verdict says."),))
    wrong = replace(right, state=NOT_YET, misconceptions=("P1",))
    assert noted(right) == noted(wrong)
    page = feedback(Marked("ada", UNITS[0], (wrong,)))
    assert "Noted" in page
    assert not any(word in page for word in (NOT_YET, "What the verdict says.", "P1"))
