"""What an answer is told: beliefs named as themselves, types and shapes explained, loops and floods survived."""
from __future__ import annotations

import math
import sys
import threading
import time
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from small_unit import DIMER, FACTORS, LOSS

from cmelab.exercises import UNITS, Exercise
from cmelab.exercises.clues import about_number, shuffled
from cmelab.exercises.diagnose import diagnose, judge
from cmelab.exercises.exercise import distance
from cmelab.exercises.finding import Finding
from cmelab.exercises.observe import as_line, is_stub, rounded, see_function, seen
from cmelab.exercises.points import filled

AUTOMATIC = [each for unit in UNITS for each in unit.exercises if each.automatic]
# Draws and witnesses, of which many are right, have their examples in test_units.
ONE_ANSWER = [each for each in AUTOMATIC if not each.judged]
EVERY_BELIEF = [(each, key) for each in ONE_ANSWER for key in each.wrong]


def look(exercise: Exercise, answer: Any, **how: Any) -> Finding:
    return diagnose(exercise, answer, exercise.default, **how)


def answer_of(exercise: Exercise, model: str) -> Any:
    """The answer a student with this belief gives."""
    return exercise.model(model) if exercise.kind == "function" else exercise.model(model)(**exercise.default)


# Every exercise of the course --------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", ONE_ANSWER, ids=lambda each: each.id)
def test_the_reference_is_right_and_is_told_why(exercise: Exercise):
    assert look(exercise, answer_of(exercise, "right")) == Finding("right", exercise.why)


@pytest.mark.parametrize(("exercise", "key"), EVERY_BELIEF, ids=lambda each: getattr(each, "id", each))
def test_every_wrong_model_is_named_as_itself(exercise: Exercise, key: str):
    found = look(exercise, answer_of(exercise, key))
    assert (found.state, found.wrong) == ("not yet", key)


@pytest.mark.parametrize(("exercise", "key"), EVERY_BELIEF, ids=lambda each: getattr(each, "id", each))
def test_every_wrong_model_is_named_from_what_an_echo_cell_prints_of_it(exercise: Exercise, key: str):
    """The grader sees 6 digits of a function and 3 of a number, and must name the same belief."""
    digits = 6 if exercise.kind == "function" else 3
    if exercise.kind == "function":
        sightings, _ = see_function(exercise.model(key), exercise.probes, 5, exercise.look)
    else:
        sightings = [seen(answer_of(exercise, key))]
    texts = [
        (tag, [rounded(each, digits) for each in value] if isinstance(value, list) else rounded(value, digits))
        for tag, value in sightings
    ]
    assert judge(exercise, texts, exercise.default, tolerance=1e-5).wrong == key


@pytest.mark.parametrize("exercise", AUTOMATIC, ids=lambda each: each.id)
@pytest.mark.parametrize("nothing", [None, ...])
def test_nothing_is_not_tried(exercise: Exercise, nothing: Any):
    assert look(exercise, nothing).state == "not tried"


# Numbers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "four", [4, 4.0, np.float64(4), np.float32(4), np.int8(4), np.array(4), np.array(4.0), Fraction(4), Decimal(4)],
    ids=lambda four: type(four).__name__ + str(getattr(four, "dtype", "")),
)  # fmt: skip
def test_every_kind_of_number_is_a_number(four: Any):
    assert look(LOSS, four).state == "right"


@pytest.mark.parametrize("answer", [4.004, 3.996, 4.0000001, 3.9999999])
def test_a_number_that_rounds_to_the_same_3_digits_is_right(answer: float):
    assert look(LOSS, answer).state == "right"


@pytest.mark.parametrize("answer", [4 + 0j, np.complex128(4)])
def test_a_complex_number_without_an_imaginary_part_is_the_number(answer: complex):
    """What `np.linalg.eig` gives where another eigenvalue is complex."""
    assert look(LOSS, answer).state == "right"


@pytest.mark.parametrize("answer", [4.006, 3.99, 4.03])
def test_a_number_rounded_too_much_is_told_to_give_3_digits(answer: float):
    found = look(LOSS, answer)
    assert found.state == "not yet"
    assert "close" in found.says
    assert "3 significant digits" in found.says


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("4.0", "text '4.0'"),
        (b"4", "text b'4'"),
        (np.str_("4"), "text"),
        (True, "True, a yes or no"),
        (np.bool_(True), "True, a yes or no"),
        (4 + 1j, "complex number (4+1j)"),
        (np.complex128(4 - 1e-300j), "complex"),
        (math.nan, "nan, which is no finite number. Is there a division by 0, or a root of a number below 0?"),
        (-math.inf, "-inf, which is no finite number"),
        (10**400, "inf, which is no finite number"),
        (np.array([4.0]), "a row of 1; it must be one number"),
        ([4, 4], "a row of 2"),
        (np.zeros((2, 3)), "a table; it must be one number"),
        ({"a": 4}, "a dict"),
        pytest.param(lambda: 4, "a function", id="function"),
        (12.0, "too large."),
        (0.4001, "too small."),
        (900.0, "too large by far"),
        (-4.0, "sign"),
    ],
    ids=repr,
)  # fmt: skip
def test_a_number_that_is_none_or_wrong_gets_a_sentence(answer: Any, said: str):
    found = look(LOSS, answer)
    assert found.state == "not yet"
    assert not found.wrong
    assert said in found.says


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((2, 4, 6), "a row of 3; it must be 2 numbers in a row"),
        (2.0, "one number; it must be 2 numbers"),
        ((2, None), "None at position 1"),
        ((2, "4"), "'4' at position 1"),
        ((2, math.nan), "nan"),
        ((2, 7), "entry 1 (the first is 0)"),
        ((1, 7), "entries 0, 1"),
        (np.zeros(5000), "array of shape (5000,)"),
    ],
    ids=str,
)  # fmt: skip
def test_a_row_that_does_not_fit_is_told_what_is_expected(answer: Any, said: str):
    found = look(FACTORS, answer)
    assert found.state == "not yet"
    assert said in found.says


@pytest.mark.parametrize("row", [(2, 4), [2.0, 4.0], np.array([2, 4]), (np.float64(2), 4)])
def test_a_row_may_be_a_tuple_a_list_or_an_array(row: Any):
    assert look(FACTORS, row).state == "right"


# Functions ---------------------------------------------------------------------------------------------


def right(n, k, omega):
    return k / omega * n * (n - 1) / 2


@pytest.mark.parametrize(
    "function",
    [
        lambda n, k, omega: np.array(right(n, k, omega)),
        lambda n, k, omega: Fraction(n * (n - 1), 2) * k / omega,
        lambda n, k, omega: right(n, k, omega) * (1 + 1e-9),
        lambda n, k, omega: right(n, k, omega) or -0.0,
        lambda n, k, omega: right(n, k, omega) or 1e-17,
        lambda n, k, omega=3.0, more=1: right(n, k, omega),
        lambda *arguments: right(*arguments),
        np.vectorize(right),
    ],
)  # fmt: skip
def test_a_right_function_may_be_written_in_any_way(function: Any):
    assert look(DIMER, function).state == "right"


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda n, k, omega: 1 / n, "At n = 0, k = 0.6, omega = 3.0: `propensity` stops with ZeroDivisionError: div"),
        (lambda n, k, omega: eval("missing"), "stops with NameError: name 'missing' is not defined"),
        (lambda n, k, omega: exit(), "stops with SystemExit"),
        (lambda n, k, omega: look(DIMER, 1) and None, "nothing (None). Is a `return` missing?"),
        (lambda n: n, "takes (n); it is called with (n, k, omega)"),
        (lambda n, k, omega, v: n, "takes (n, k, omega, v)"),
        (lambda n, k, omega: "2.0", "returns the text '2.0'; it must be one number (in 1/s)"),
        (lambda n, k, omega: n > 1, "returns True, a yes or no"),
        (lambda n, k, omega: (1, 2), "a row of 2; it must be one number"),
        (lambda n, k, omega: math.nan, "nan"),
        (lambda n, k, omega: 1j, "complex number 1j"),
        (lambda n, k, omega: 2.0 if n else None, "At n = 0, k = 0.6, omega = 3.0: `propensity` returns nothing"),
        (3.0, "must be a function of (n, k, omega), and it is a float"),
        (lambda n, k, omega: 2.0, "At n = 0, k = 0.6, omega = 3.0 you give 2; the right value is 0 there"),
        (lambda n, k, omega: 0.0, "the right value is not 0 there"),
        (lambda n, k, omega: 1.3 * right(n, k, omega) ** 1.01, "that is too large"),
    ],
)  # fmt: skip
def test_a_function_that_cannot_be_right_gets_a_sentence(function: Any, said: str):
    found = look(DIMER, function)
    assert found.state == "not yet"
    assert said in found.says


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (lambda n, k, omega: 4.0, "4 times the right one"),
        (lambda n, k, omega: 0.5, "half of the right one"),
        (lambda n, k, omega: omega**2, "omega² times"),
        (lambda n, k, omega: 1 / k, "1/k times"),
    ],
)  # fmt: skip
def test_a_factor_that_holds_at_every_point_is_told(factor: Any, said: str):
    assert said in look(DIMER, lambda *point: factor(*point) * right(*point)).says


def test_a_factor_that_fails_at_one_point_is_not_told():
    found = look(DIMER, lambda n, k, omega: right(n, k, omega) * (3 if n == 12 else 4))
    assert "times" not in found.says
    assert "2 of the 5 points tried are right" in found.says


def test_a_right_value_of_zero_is_told_without_a_reason_that_may_not_hold():
    """A current, or an affinity, is 0 where a lot happens."""
    assert "the right value is 0 there. Can you see why?" in look(DIMER, lambda n, k, omega: 2.0).says


def test_an_error_of_arithmetic_is_not_taken_for_the_place_where_an_answer_is_off():
    found = look(DIMER, lambda n, k, omega: right(n, k, omega) + 1e-15 + (n == 12))
    assert found.says.startswith("At n = 12, k = 0.3, omega = 0.5 you give 40.6; that is too large.")


def test_a_value_rounded_inside_a_function_is_told_to_be_close():
    assert "that is close, but not exact" in look(DIMER, lambda n, k, omega: 1.0002 * right(n, k, omega)).says


ROWS = replace(DIMER, reference=lambda k: k[0][0] + 1, wrong={}, implies={}, secret=lambda rng: (((1, 2), (3, 4)),),
               probes=tuple((((n, 2), (3, n)),) for n in range(5)))


@pytest.mark.parametrize(("answer", "helped"), [
    (lambda k: k.T, True), (lambda k: k[0, 0], True), (lambda k: k / k, True), (lambda k: k[0].sum(), True),
    (lambda k: k[7], False), (lambda k: k[0].count.tuples, False)])
def test_who_takes_a_tuple_for_an_array_is_told_how_to_make_one(answer: Any, helped: bool):
    says = look(ROWS, answer).says
    assert "stops with" in says
    assert ("`np.array(...)` makes an array of it" in says) == helped


def test_what_an_exercise_tells_of_an_answer_is_told_where_no_belief_explains_it():
    exercise = replace(DIMER, tells=lambda answer, n, k, omega: f"{answer / k:g} in units of k." if n == 12 else "")
    assert "30 in units of k." in look(exercise, lambda n, k, omega: 9.0 if n == 12 else right(n, k, omega)).says
    assert "units" not in look(exercise, lambda n, k, omega: 9.0 if n == 5 else right(n, k, omega)).says
    assert "units" not in look(exercise, lambda n, k, omega: 2 * right(n, k, omega)).says


def test_a_right_value_other_than_zero_is_never_told():
    found = look(DIMER, lambda n, k, omega: 7.7 * right(n, k, omega) + (n > 1))
    assert "too large" in found.says
    assert "39.6" not in found.says
    assert " 0.2" not in found.says


def test_a_stub_is_not_tried_and_a_missing_return_is_told():
    def stub(n, k, omega):
        """Only words."""
        ...

    def forgot(n, k, omega):
        right(n, k, omega)

    assert is_stub(stub)
    assert not is_stub(forgot)
    assert look(DIMER, stub).state == "not tried"
    assert "return" in look(DIMER, forgot).says


def test_a_loop_that_never_ends_is_stopped_and_told():
    def loop(n, k, omega):
        while True:
            pass

    begin = time.monotonic()
    found = look(DIMER, loop, seconds=0.3)
    assert time.monotonic() - begin < 3
    assert "At n = 5, k = 0.6, omega = 3.0: `propensity` had no answer after 0.3 seconds" in found.says


def test_a_loop_that_swallows_the_first_interruption_is_stopped_by_the_next():
    left = [3]

    def stubborn(n, k, omega):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                left[0] -= 1
                if left[0] < 0:
                    raise

    assert "no answer after" in look(DIMER, stubborn, seconds=0.2).says


def test_a_loop_is_given_up_outside_the_main_thread_too():
    found: list[Finding] = []
    stop = threading.Event()

    def loop(n, k, omega):
        stop.wait(60)

    thread = threading.Thread(target=lambda: found.append(look(DIMER, loop, seconds=0.2)))
    thread.start()
    thread.join(20)
    stop.set()
    assert "no answer after 0.2 seconds" in found[0].says


def test_an_interruption_by_the_user_stays_one():
    def interrupted(n, k, omega):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        look(DIMER, interrupted)


def test_what_a_function_prints_is_swallowed_counted_and_cut(capsys: pytest.CaptureFixture[str]):
    def chatty(n, k, omega):
        print("n is", "9" * 100_000)
        print("careful", file=sys.stderr)
        return right(n, k, omega)

    found = look(DIMER, chatty)
    assert found.state == "right"
    assert "which begins with: n is 999" in found.printed
    assert len(found.printed) < 400
    assert capsys.readouterr() == ("", "")


def test_objects_that_lie_about_themselves_are_survived():
    class Liar:
        shape = "square"
        dtype = None

        def __float__(self):
            raise RuntimeError("no")

        def __repr__(self):
            raise ValueError("no")

        def __len__(self):
            raise ValueError("no")

    assert look(DIMER, lambda n, k, omega: Liar()).state == "not yet"
    assert look(LOSS, Liar()).state == "not yet"


def test_an_echoed_line_has_no_sign_of_zero_and_no_noise():
    assert as_line(("number", -0.0), 6, 0.0) == '["number", "0"]'
    assert as_line(("number", 3e-17), 6, 1e-9) == '["number", "0"]'
    assert as_line(("numbers", [1 / 3, -2.0]), 3, 0.0) == '["numbers", ["0.333", "-2"]]'


def test_braces_that_are_no_given_number_stay():
    assert filled("n = {n}, set {1, 2}, {other}", {"n": 5}) == "n = 5, set {1, 2}, {other}"


def test_right_numbers_in_another_order_are_told_so_where_all_are_different():
    """Of yes or no answers the order is the question: to say that it alone is wrong would count the yes for them."""
    assert shuffled((3.0, 1.0, 2.0), (1.0, 2.0, 3.0))
    assert shuffled((0.3333, 3.0), (3.0, 1 / 3))
    for answer, right in (((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)), ((1.0, 2.0, 4.0), (1.0, 2.0, 3.0)), ((1.0,), (1.0,)),
                          ((1.0, 1.0, 2.0), (1.0, 2.0, 3.0))):
        assert not shuffled(answer, right)


def test_two_digits_after_the_point_are_close_and_no_other_small_number_is():
    assert "close" in about_number((0.02,), (0.0208,), {})
    assert "close" in about_number((0.33, 0.08), (1 / 3, 1 / 12), {})
    assert "close" not in about_number((0.03,), (0.0208,), {})
    assert "close" not in about_number((0.0,), (0.004,), {})


def test_infinite_is_near_nothing_finite():
    assert distance(((math.inf,),), ((math.inf,),)) == 0
    assert distance(((math.inf,),), ((2.0,),)) == distance(((2.0,),), ((math.inf,),)) == 1
