"""Kinds of exercises beyond a number and a formula: tables, spaces, tests of tests, random draws, witnesses."""
from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from cmelab.exercises import Exercise, ExerciseError, Unit
from cmelab.exercises.diagnose import diagnose, judge
from cmelab.exercises.finding import NOT_TRIED, NOT_YET, RIGHT
from cmelab.exercises.observe import alive, as_line, echo, see_function
from cmelab.grading.echo import echo_cell
from cmelab.grading.score import read_echo

HINTS = ("What is asked?", "Look.", "So.")


def turned(p, q):
    return [[-p, q], [p, -q]]


TABLE = Exercise(
    id="9.1", title="Table", topic="cme", points=1, kind="function", name="table", hints=HINTS, why="So.",
    reference=turned, wrong={"P1": lambda p, q: [[-p, p], [q, -q]]}, implies={"P1": "Is 1 a row?"},
    probes=((1.0, 2.0), (2.0, 3.0), (0.5, 2.0), (1.0, 0.0), (4.0, 1.0)),
    secret=lambda rng: (rng.uniform(1, 2), rng.uniform(3, 4)),
)  # fmt: skip
SPACE = Exercise(
    id="9.2", title="Space", topic="structure", points=1, kind="function", name="laws", hints=HINTS, why="So.",
    look="row_space", reference=lambda n: [[1, n, 0], [0, 0, 1]],
    wrong={"P1": lambda n: [[1, 0, 0]]}, implies={"P1": "Is 1 enough?"},
    probes=((1,), (2,), (3,), (4,), (5,)), secret=lambda rng: (rng.randint(1, 9),),
)  # fmt: skip
GOOD = "def twice(n):\n    # the program as it should be\n    return 2 * n"
BAD = "def twice(n):\n    # adds where it should multiply\n    return 2 + n"
WORSE = "def twice(n):\n    # forgets everything\n    return 0 * n"
TESTS = Exercise(
    id="9.3", title="Tests", topic="cme", points=1, kind="function", name="test", hints=HINTS, why="So.",
    look="catches", reference=lambda twice: twice(3) == 6 and twice(2) == 4,
    wrong={"P1": lambda twice: twice(2) == 4}, implies={"P1": "Is 2 enough?"},
    probes=((GOOD,), (BAD,), (WORSE,), ("lambda n: n + n",), ("lambda n: n",)), secret=lambda rng: (BAD,),
)  # fmt: skip
DRAWS = Exercise(
    id="9.4", title="Draws", topic="ssa", points=1, kind="sampler", name="wait", hints=HINTS, why="So.", repeats=400,
    reference=lambda a: (1 / a, 2 / a**2), wrong={"P1": lambda a: (a, 2 * a**2)}, implies={"P1": "Is 1 long?"},
    examples={"right": lambda a, rng: rng.exponential(1 / a), "P1": lambda a, rng: rng.exponential(a)},
    probes=((2.0,), (0.5,)),
)  # fmt: skip
WITNESS = Exercise(
    id="9.5", title="Witness", topic="cme", points=1, kind="witness", name="found", hints=HINTS, why="So.",
    reference=lambda answer, least: answer[0] * answer[1] > least,
    wrong={"P1": lambda answer, least: answer[0] * answer[1] == least}, implies={"P1": "Is {least} more than {least}?"},
    examples={"right": (3.0, 4.0), "P1": (2.0, 3.0)}, default={"least": 6},
)  # fmt: skip
UNIT = Unit("09", "Kinds", (TABLE, SPACE, TESTS, DRAWS, WITNESS))


def said(exercise: Exercise, answer) -> tuple[str, str, str]:
    found = diagnose(exercise, answer, exercise.default)
    return found.state, found.wrong, found.says


def test_table_and_its_transpose_are_not_the_same():
    assert said(TABLE, lambda p, q: np.array([[-p, q], [p, -q]]))[0] == RIGHT
    assert said(TABLE, lambda p, q: np.array([[-p, q], [p, -q]]).T)[1] == "P1"
    assert "row 0, column 1" in said(TABLE, lambda p, q: [[-p, 7.0], [p, -q]])[2]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda p, q: [-p, q, p, -q], "no table; it must be a table of 2 rows and 2 columns"),
        (lambda p, q: [[-p, q]], "a table of 1 row and 2 columns"),
        (lambda p, q: [[-p, q], [p]], "a table whose rows have 1 to 2 entries"),
        (lambda p, q: [[-p, "q"], [p, -q]], "the text 'q' at position [0, 1]"),
        (lambda p, q: {-p, q}, "sorted"),
        (lambda p, q: np.zeros((2, 2, 2)), "shape (2, 2, 2)"),
    ],
)
def test_what_is_no_such_table_gets_a_sentence(answer, told):
    state, _, text = said(TABLE, answer)
    assert state == NOT_YET
    assert told in text


def test_row_that_is_off_in_late_digits_only_is_called_close():
    """Such as a step of Euler's in place of an exponential: no entry differs in the digits that are shown."""
    row = dataclasses.replace(
        TABLE, reference=lambda p, q: [p, p + q], wrong={"P1": lambda p, q: [q, 2 * p + q]}
    )
    assert "close, but not exact" in said(row, lambda p, q: [p, (p + q) * 1.00002])[2]
    assert "entry 1 (the first is 0)" in said(row, lambda p, q: [p, 2 * p + 3 * q])[2]


def one_row(n):
    return [[1, n, 2]]


def test_table_that_is_off_in_late_digits_only_gets_a_sentence():
    assert "close, but not exact" in said(TABLE, lambda p, q: [[-p, q * (1 + 2e-6)], [p * (1 + 2e-6), -q]])[2]
    exact = dataclasses.replace(TABLE, reference=lambda p, q: [[-3.0, 2.0], [3.0, -2.0]])
    assert "close, but not exact" in said(exact, lambda p, q: [[-3.0, 2.0 + 3e-6], [3.0, -2.0]])[2]


def test_pair_of_beliefs_is_not_named_where_no_point_tells():
    """Each belief adds a row at some points, where no product is known; elsewhere both give what is right."""
    rows = dataclasses.replace(
        TABLE, reference=lambda p, q: [[p, q]], wrong={"P1": lambda p, q: [[p, q]] + [[p, p]] * (p > 2),
                                                       "P2": lambda p, q: [[p, q]] + [[q, q]] * (p > 2)},
        implies={"P1": "Is 1 a row?", "P2": "Is 2 a row?"},
        probes=((1.0, 2.0), (2.0, 3.0), (0.5, 2.0), (3.0, 1.0), (4.0, 1.0)),
    )  # fmt: skip
    assert said(rows, lambda p, q: [[p, q]] + [[7, 7]] * (p > 2))[:2] == (NOT_YET, "")


def test_rows_of_a_table_in_another_order_are_told_so():
    assert "all rows are right, and stand in another order" in said(TABLE, lambda p, q: [[p, -q], [-p, q]])[2]


def test_belief_that_keeps_a_part_of_the_right_rows_keeps_it_in_any_basis():
    """It says how many rows are kept, not which: every part of the right space of its size is what it gives."""
    part = dataclasses.replace(SPACE, wrong={"P1": lambda n: [[0, 0, 1]]})
    assert said(part, one_row)[1] == said(part, lambda n: [[2, 2 * n, -1]])[1] == "P1"
    for other in (lambda n: [[1, 0, 0]], lambda n: [], lambda n: [[1, n, 2], [1, 0, 0]]):
        assert said(part, other)[:2] == (NOT_YET, "")


def test_columns_of_a_basis_are_told_to_be_rows():
    assert "Are they columns?" in said(SPACE, lambda n: np.array([[1, n, 0], [0, 0, 1]]).T)[2]
    assert "Are they columns?" not in said(SPACE, lambda n: [[1, n]])[2]


def test_test_that_says_neither_yes_nor_no_is_told_to():
    assert "it must be True or False" in said(TESTS, lambda twice: np.array([True, False]))[2]


def test_space_is_the_same_in_every_basis_and_not_in_a_smaller_one():
    assert said(SPACE, lambda n: np.array([[2, 2 * n, 5], [1, n, -1.0]]))[0] == RIGHT
    assert said(SPACE, lambda n: np.array([[-2.0, 0, 0]]))[1] == "P1"
    assert "1 independent row; what you give belongs there, and something is missing" in said(SPACE, one_row)[2]
    assert "3 independent rows; all that belongs" in said(SPACE, lambda n: np.eye(3))[2]
    assert "1 independent row, and not all of them belong" in said(SPACE, lambda n: [0, 1, 1])[2]
    assert said(SPACE, lambda n: [])[0] == NOT_YET
    assert said(SPACE, lambda n: "none")[0] == NOT_YET


LIST = dataclasses.replace(
    TABLE, id="9.6", name="upto", reference=lambda n, m: [[i] for i in range(n)],
    wrong={"P1": lambda n, m: [[i] for i in range(n + 1)]}, probes=((1, 0), (2, 0), (3, 0), (4, 0), (5, 0)),
    secret=lambda rng: (rng.randint(1, 9), 0),
)  # fmt: skip


def test_belief_is_named_where_it_gives_a_table_of_another_shape():
    """A list with too many rows, a space with rows of another length; what no belief gives gets the sentence alone."""
    assert said(LIST, lambda n, m: [(i,) for i in range(n + 1)])[1] == "P1"
    assert said(LIST, lambda n, m: [(i,) for i in range(n + 2)])[1] == ""
    longer = dataclasses.replace(SPACE, wrong={"P1": lambda n: [[1, n]]})
    state, wrong, text = said(longer, lambda n: [[2, 2 * n], [4, 4 * n]])
    assert (state, wrong) == (NOT_YET, "P1")
    assert "rows of 2 numbers; it must be rows of 3 numbers" in text
    assert "no row; it must be rows of 3 numbers" in said(SPACE, lambda n: [])[2]


def test_belief_is_named_where_it_gives_a_row_of_another_length():
    """The sentence about the length, and the belief; a row that no belief gives gets the sentence alone."""
    pair = dataclasses.replace(
        TABLE, reference=lambda p, q: (p, q, p + q), wrong={"P1": lambda p, q: (p, q)}, implies={"P1": "Is 2 all?"})
    state, wrong, text = said(pair, lambda p, q: [p, q])
    assert (state, wrong) == (NOT_YET, "P1")
    assert "a row of 2; it must be 3 numbers" in text
    assert said(pair, lambda p, q: [q, 2 * p + 1])[1] == ""
    assert said(pair, lambda p, q: [[p, q]])[1] == ""


def test_test_is_graded_by_what_it_catches():
    def raises(twice):
        assert twice(5) == 10
        assert twice(1) == 2

    assert said(TESTS, raises)[0] == RIGHT
    assert said(TESTS, lambda twice: np.int64(twice(5)) == 10 and np.int64(twice(1)) == 2)[0] == RIGHT
    state, wrong, text = said(TESTS, lambda twice: twice(2) == 4)
    assert (state, wrong) == (NOT_YET, "P1")
    assert "passes for this program, which is wrong: adds where it should multiply" in text
    assert "fails for this program, which is right" in said(TESTS, lambda twice: False)[2]

    def stops(twice):
        if twice(3) != 6:
            raise ValueError("wrong")

    assert said(TESTS, stops)[2].endswith("ValueError: wrong. A test fails by an `assert` that does not hold.")
    assert "assert" not in said(TESTS, lambda twice: twice.of(3))[2]
    assert said(TESTS, lambda twice: ...)[0] == NOT_TRIED


def test_test_says_yes_or_no_in_any_kind_of_truth():
    """1 and 0 as well as True and False; what is neither is told what it must be, and never that it is a number."""
    assert said(TESTS, lambda twice: int(twice(5) == 10 and twice(1) == 2))[0] == RIGHT
    assert said(TESTS, lambda twice: float(twice(5) == 10 and twice(1) == 2))[0] == RIGHT
    for answer in (lambda twice: twice(5), lambda twice: [True, False], lambda twice: "right", lambda twice: [10.0]):
        state, _, text = said(TESTS, answer)
        assert state == NOT_YET
        assert "it must be True or False, or nothing after an `assert`" in text
        assert "number" not in text


def test_draws_are_right_by_their_law_and_not_by_their_mean_alone():
    assert said(DRAWS, lambda a, rng: -np.log(rng.random()) / a)[0] == RIGHT
    assert said(DRAWS, lambda a, rng: rng.exponential(a))[1] == "P1"
    assert "too large" in said(DRAWS, lambda a, rng: 3 * rng.exponential(1 / a))[2]
    state, _, text = said(DRAWS, lambda a, rng: 1 / a)
    assert state == NOT_YET
    assert "too narrow" in text
    assert "(a)" in said(DRAWS, lambda a: 1 / a)[2]
    assert "the text" in said(DRAWS, lambda a, rng: "soon")[2]
    assert "no finite number" in said(DRAWS, lambda a, rng: np.nan if rng.random() < 0.1 else 1.0)[2]


@pytest.mark.parametrize("narrow", [1.0, 2.0])
def test_spread_that_is_off_is_told_at_the_point_where_it_is(narrow):
    """At one point every draw is the mean; at the other the draws are right, and their mean is off a little by chance.
    """
    a, b = next(probe for probe in DRAWS.probes if probe[0] != narrow), (narrow,)
    each = dataclasses.replace(DRAWS, probes=(a, b))
    text = said(each, lambda a, rng: 1 / a if a == narrow else rng.exponential(1 / a))[2]
    assert text.startswith(f"At a = {narrow}: ")
    assert f"have the mean {1 / narrow:g} ± 0; the mean is right, and the draws lie too narrow" in text


@pytest.mark.parametrize("seed_of_their_own", [lambda a, rng: np.random.default_rng(3).exponential(1 / a),
                                               lambda a, rng: 1 / a])
def test_draws_that_are_all_the_same_are_told_so(seed_of_their_own):
    assert said(DRAWS, seed_of_their_own)[2].count("All are the same: is each drawn from the `rng` that is given?") == 1
    assert "All are the same" not in said(DRAWS, lambda a, rng: 3 * rng.exponential(1 / a))[2]


def test_rare_counts_are_judged_by_their_law_though_most_rounds_hold_none():
    """One in a thousand: of 400 draws two thirds hold no 1, and that is no evidence against it."""
    rare = dataclasses.replace(
        DRAWS, reference=lambda p: (p, p), wrong={"P1": lambda p: (0.2, 0.2)}, probes=((0.001,), (0.5,)),
        examples={"right": lambda p, rng: float(rng.random() < p), "P1": lambda p, rng: float(rng.random() < 0.2)},
    )  # fmt: skip
    for seed in range(40):
        rng = np.random.default_rng(seed)
        for key, example in rare.examples.items():
            state, wrong, _ = said(rare, lambda p, _, example=example, rng=rng: example(p, rng))
            assert (state, wrong) == ((RIGHT, "") if key == "right" else (NOT_YET, "P1")), seed


def test_witness_is_anything_of_which_it_is_true():
    assert said(WITNESS, (1, 100))[0] == RIGHT
    assert said(WITNESS, (1, 6))[1] == "P1"
    assert "is not true of that" in said(WITNESS, (1, 2))[2]
    assert "a row of 3" in said(WITNESS, (1, 2, 3))[2]
    telling = dataclasses.replace(WITNESS, tells=lambda answer, least: f"Your area is {answer[0] * answer[1]:g}.")
    assert said(telling, (1, 2))[2].endswith("Your area is 2.")
    assert "area" not in said(telling, (1, 6))[2] + said(telling, (1, 100))[2]


@pytest.mark.parametrize(
    ("exercise", "changes", "told"),
    [
        (DRAWS, {"repeats": 0}, "repeats"),
        (DRAWS, {"repeats": 5}, "standard errors apart"),
        (DRAWS, {"probes": ((2.0, 1.0),)}, "does not fit"),
        (TABLE, {"repeats": 5}, "repeats"),
        (TABLE, {"look": "sideways"}, "sideways"),
        (WITNESS, {"examples": {"right": (3.0, 4.0)}}, "examples"),
        (WITNESS, {"examples": {"right": (3.0, 4.0), "P1": (9.0, 9.0)}}, "'P1' must be that only"),
    ],
)
def test_kind_that_is_not_whole_is_refused(exercise, changes, told):
    with pytest.raises(ExerciseError, match=told):
        Unit("09", "One", (dataclasses.replace(exercise, **changes),))


@pytest.mark.parametrize("exercise", UNIT.exercises, ids=lambda each: each.id)
def test_what_the_grader_reads_is_what_the_desk_sees(exercise):
    """The echo of a right answer is the expected text, or is judged right; lines survive JSON."""
    source, expected, order = echo_cell(exercise, exercise.default, None, 5.0)
    answer = exercise.examples["right"] if exercise.judged else exercise.model("right")
    call = source.splitlines()[-1]
    printed: list[str] = []

    class Kernel:
        @staticmethod
        def tell(name, points, **how):
            printed.append(echo({exercise.name: answer}, name, points, **how))

    exec(call, {"cmelab_echo": Kernel})
    if not exercise.judged:
        assert printed == [expected]
    assert read_echo(printed[0], len(order)) is not None


def test_sighting_of_a_sample_is_json():
    sightings, _ = see_function(DRAWS.examples["right"], DRAWS.probes, 5.0, "", 50, (1, 2))
    assert [len(json.loads(as_line(each, 6, 0.0))[1]) for each in sightings] == [2, 2]


def test_texts_that_are_programs_come_alive():
    twice, f, text = alive((GOOD, "lambda n: n + 1", "plain"))
    assert (twice(4), f(4), text) == (8, 5, "plain")


@pytest.mark.parametrize("rare", [lambda rng: rng.random() < 0.01, lambda rng: rng.standard_cauchy()])
def test_draws_whose_error_is_as_large_as_their_mean_are_not_right(rare):
    assert said(DRAWS, lambda a, rng: 1e9 * float(rare(rng)))[:2] == (NOT_YET, "")


def test_errors_that_a_kernel_claims_do_not_make_draws_right():
    for error in (1e300, -1.0):
        claimed = [("sample", [[[7.0, error], [7.0, error]]] * 2)] * 2
        assert judge(DRAWS, claimed, {}).state == NOT_YET


@pytest.mark.parametrize("value", ["[]", "[[], []]", "[[[1, 1]], [[1, 1]]]", "[[[1, 1], [1, 1]]]"])
def test_what_is_no_sample_is_not_read_as_one(value):
    assert read_echo(f'["sample", {value}]\n', 1) is None
