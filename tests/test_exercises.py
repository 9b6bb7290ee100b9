"""The exercise table, the numbers of a student, the desk and the progress file."""
from __future__ import annotations

import dataclasses
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from small_unit import DIMER, FACTORS, LOSS, UNIT, WORDS

import cmelab
from cmelab.exercises import MISCONCEPTIONS, UNITS, Desk, Exercise, ExerciseError, Unit, numbers_of
from cmelab.exercises.exercise import digest, distance
from cmelab.exercises.rounding import clear_of_edges, from_edge, noise

ALL = [each for unit in UNITS for each in unit.exercises]
WITH_GIVEN = [each for each in ALL if each.given]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.delenv("CMELAB_PROGRESS", raising=False)
    monkeypatch.chdir(tmp_path)
    return Desk((UNIT,), seconds=1.0)


def progress(folder: Path) -> dict:
    return json.loads((folder / "progress.json").read_text("utf-8"))["exercises"]


# The table ---------------------------------------------------------------------------------------------


def changed(exercise: Exercise, **changes) -> Unit:
    return Unit("09", "One exercise", (dataclasses.replace(exercise, **changes),))


@pytest.mark.parametrize(
    ("exercise", "changes", "said"),
    [
        (DIMER, {"id": "8.1"}, "8.1"),
        (DIMER, {"kind": "picture"}, "picture"),
        (DIMER, {"points": -1}, "-1"),
        (DIMER, {"name": "not a name"}, "not a name"),
        (DIMER, {"hints": ("one", "two")}, "2 hints"),
        (DIMER, {"why": ""}, "why"),
        (DIMER, {"probes": DIMER.probes[:4]}, "4 probes"),
        (DIMER, {"probes": (*DIMER.probes[:4], (1, 2))}, r"\(1, 2\)"),
        (DIMER, {"secret": None}, "secret"),
        (DIMER, {"reference": None}, "reference"),
        (DIMER, {"wrong": {"Q9": DIMER.wrong["P1"]}}, "Q9"),
        (DIMER, {"implies": {"P1": "?"}}, "P2"),
        (DIMER, {"implies": {**DIMER.implies, "P8": "?"}}, "P8"),
        (DIMER, {"implies": {**DIMER.implies, "P1": "At {n}?"}}, r"blank \{n\}; there is nothing"),
        (LOSS, {"implies": {**LOSS.implies, "P1": "At {m}?"}}, r"blank \{m\}; there is \{n\}, \{k\}, \{answer\}"),
        (LOSS, {"default": {}}, "default"),
        (LOSS, {"kind": "numbers"}, "1 number"),
        (LOSS, {"default": {"n": 5, "k": 0.20025}}, "rounding"),
        (FACTORS, {"probes": ((1,),)}, "probes"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_checked_is_refused(exercise: Exercise, changes: dict, said: str):
    with pytest.raises(ExerciseError, match=said):
        changed(exercise, **changes)


def test_two_wrong_models_that_coincide_are_named():
    wrong = {"P1": DIMER.wrong["P1"], "P4": lambda n, k, omega: 1.04 * k / omega * n**2 / 2}
    with pytest.raises(ExerciseError, match=r"'P1' and 'P4' differ by 3\.8%"):
        changed(DIMER, wrong=wrong, implies={"P1": "?", "P4": "?"})


def test_a_wrong_model_that_is_right_on_every_probe_is_refused():
    wrong = {"P2": lambda n, k, omega: 1.03 * DIMER.model("right")(n, k, omega)}
    with pytest.raises(ExerciseError, match="'right' and 'P2'"):
        changed(DIMER, wrong=wrong, implies={"P2": "?"})


def test_a_pair_that_equals_a_single_belief_is_refused():
    wrong = {"P1": DIMER.wrong["P1"], "P2": DIMER.wrong["P2"], "P1+P2": DIMER.wrong["P2"]}
    with pytest.raises(ExerciseError, match=r"'P2' and 'P1\+P2'"):
        changed(DIMER, wrong=wrong, implies={"P1": "?", "P2": "?"})


@pytest.mark.parametrize("what", ["id", "name"])
def test_an_id_or_name_used_twice_is_refused(what: str):
    twin = dataclasses.replace(LOSS, **{what: getattr(DIMER, what)})
    with pytest.raises(ExerciseError, match=f"uses {what}s twice: {getattr(DIMER, what)}"):
        Unit("09", "Twins", (DIMER, twin))


def test_distance_is_relative_and_sees_a_spurious_zero():
    assert distance(((1.0,), (100.0,)), ((1.0,), (110.0,))) == pytest.approx(10 / 110)
    assert distance(((0.0,),), ((1e-9,),)) == 1.0
    assert distance(((1.0, 2.0),), ((1.0,),)) == float("inf")


def test_a_value_that_may_round_either_way_is_found():
    assert from_edge(2.125, 3) == 0.0
    assert from_edge(2.12, 3) == pytest.approx(0.5)
    assert clear_of_edges(((0.3297,),))
    assert not clear_of_edges(((4.005,),))


def test_noise_tells_no_digits_of_the_right_value():
    assert noise(((0.0,), (0.37,), (8.1,))) == 1e-7
    assert noise(((0.11,),)) == noise(((0.99,),))


@pytest.mark.parametrize("each", MISCONCEPTIONS.values(), ids=MISCONCEPTIONS)
def test_every_belief_has_a_question_and_a_widget_preset_that_exists(each):
    widget, preset = each.show
    assert each.question.endswith("?")
    assert cmelab.show(widget, preset=preset) is not None


@pytest.mark.parametrize(
    "changes",
    [{"why": "Because."}, {"points": 4}, {"hints": ("One?", "Two", "Three")}, {"implies": {**DIMER.implies, "P1": "?"}},
     {"wrong": {**DIMER.wrong, "P1": lambda n, k, omega: k * n**3}}, {"reference": lambda n, k, omega: 7 * k * n}],
    ids=lambda each: next(iter(each)),
)  # fmt: skip
def test_a_digest_tells_every_change_that_a_report_would_show(changes: dict):
    assert digest(changed(DIMER)) == digest(changed(DIMER))
    assert digest(changed(DIMER, **changes)) != digest(changed(DIMER))


# Numbers of a student ----------------------------------------------------------------------------------


def test_numbers_depend_on_student_and_salt_only():
    ada = numbers_of(LOSS, "ada")
    assert ada == numbers_of(LOSS, " ada ")
    assert ada != numbers_of(LOSS, "grace")
    assert ada != numbers_of(LOSS, "ada", salt="2027")
    assert numbers_of(LOSS) == {"n": 5, "k": 0.2}


def test_numbers_are_the_same_in_another_process():
    """Hash seeds differ between processes; a student's numbers must not."""
    id = WITH_GIVEN[0].id
    text = f"from cmelab.exercises import exercise, numbers_of; print(numbers_of(exercise({id!r}), 'ada'))"
    for seed in "12":
        env = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, env=env, check=True)
        assert run.stdout == f"{numbers_of(WITH_GIVEN[0], 'ada')}\n"


@pytest.mark.parametrize("exercise", WITH_GIVEN, ids=lambda each: each.id)
def test_for_300_students_every_wrong_model_shows(exercise: Exercise):
    for number in range(300):
        given = numbers_of(exercise, f"student {number}")
        values = [exercise.values(name, given) for name in ("right", *exercise.wrong)]
        assert all(distance(a, b) > 0.05 for i, a in enumerate(values) for b in values[:i])
        assert list(given) == list(exercise.default)


def test_numbers_that_never_tell_beliefs_apart_are_refused():
    hopeless = dataclasses.replace(LOSS, given=lambda rng: {"n": 1, "k": rng.random()})
    with pytest.raises(ExerciseError, match=r"9\.1b: 1000 draws .*'ada'.*'right' and 'P7'"):
        numbers_of(hopeless, "ada")


@pytest.mark.parametrize("exercise", [each for each in ALL if each.secret], ids=lambda each: each.id)
def test_secret_points_are_points_of_the_function(exercise: Exercise):
    rng = random.Random(1)
    assert exercise.secret
    for _ in range(50):
        assert len(exercise.secret(rng)) == len(exercise.arguments)
        exercise.at("right", exercise.secret(rng))


# The desk ----------------------------------------------------------------------------------------------


def test_check_works_without_start_with_the_numbers_of_self_study(desk: Desk):
    assert desk.given("9.1b") == (5, 0.2)
    assert desk.check("9.1b", 4.0).state == "right"


def test_start_gives_a_student_their_own_numbers(desk: Desk):
    greeting = desk.start(9, student=" ada ")
    assert "ada" in repr(greeting)
    assert desk.given("9.1b") == tuple(numbers_of(LOSS, "ada").values())


@pytest.mark.parametrize("student", ["", "  ", 7, "a\nb"])
def test_start_refuses_a_student_without_a_name(desk: Desk, student):
    with pytest.raises(ExerciseError, match="student="):
        desk.start("09", student=student)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda desk: desk.check("9.9", 1), r"'9\.9'; there are 9\.1, 9\.1b, 9\.2, 9\.3"),
        (lambda desk: desk.hint("1.1"), r"'1\.1'; there are 9\.1"),
        (lambda desk: desk.start("01"), "'01'; there are 09"),
        (lambda desk: desk.given("9.1"), r"9\.1 has no given numbers"),
    ],
)  # fmt: skip
def test_an_unknown_id_is_told_the_known_ones(desk: Desk, act, said: str):
    with pytest.raises(ExerciseError, match=said):
        act(desk)


def test_a_wrong_answer_is_told_belief_implication_widget_and_hint(desk: Desk):
    verdict = desk.check("9.1", DIMER.wrong["P1"])
    assert verdict.state == "not yet"
    assert verdict.misconceptions == ("P1",)
    assert repr(verdict).splitlines() == [
        "✗ not yet · 9.1 Pairs",
        "  You give 0.1 at n = 1, k = 0.6, omega = 3.0.",
        "  The belief behind it: A molecule can meet itself: it has n partners, not n - 1.",
        "  It implies: At n = 1 you give 0.1. Can it meet itself?",
        '  See it: `cmelab.show("pair-jar", preset="self-pairs")`',
        '  A hint: `hint("9.1")`',
    ]


@pytest.mark.parametrize(
    ("pair", "presets"),
    [
        (lambda n, k, omega: k / omega * n**2, ("self-pairs", "count-twice")),
        (lambda n, k, omega: k * n**2 / 2, ("self-pairs", "big-jar")),
        (lambda n, k, omega: k * n * (n - 1), ("count-twice", "big-jar")),
    ],
    ids=["listed", "P1+P3", "P2+P3"],
)
def test_a_pair_of_beliefs_is_told_both_and_nothing_that_holds_for_one_alone(desk: Desk, pair, presets):
    text = repr(desk.check("9.1", pair))
    assert text.count("A belief behind it") == 2
    assert text.count("Ask yourself") == 2
    assert [preset for preset in ("self-pairs", "count-twice", "big-jar") if preset in text] == [*presets]
    assert not any(each in text for each in DIMER.implies.values())


def test_a_wrong_number_is_told_what_it_implies_in_ones_own_numbers(desk: Desk):
    desk.units = (changed(LOSS, implies={"P7": "{answer} of {n} at {k}, not {1, 2}.", "P1": "?"}),)
    desk.start("09", student="ada")
    n, k = desk.given("9.1b")
    assert f"It implies: {2 * k * n * (n - 1):.4g} of {n} at {k:g}, not {{1, 2}}." in repr(
        desk.check("9.1b", 2 * k * n * (n - 1))
    )


def test_numbers_of_another_salt_are_another_years(desk: Desk):
    desk.start("09", student="ada", salt="2027")
    assert desk.given("9.1b") == tuple(numbers_of(LOSS, "ada", salt="2027").values())


def _gap(*_: object) -> None:
    raise NotImplementedError


def test_the_gap_that_nbgrader_leaves_is_not_tried(desk: Desk):
    assert desk.check("9.1", _gap).state == "not tried"


def test_a_right_answer_is_told_why_and_offered_no_hint(desk: Desk):
    text = repr(desk.check("9.1", DIMER.model("right")))
    assert text == "✓ right · 9.1 Pairs\n  Pairs are counted."


def test_an_answer_in_words_waits_for_a_person(desk: Desk):
    assert desk.check("9.3", None).state == "not tried"
    assert desk.check("9.3", " ").state == "not tried"
    assert desk.check("9.3", "No partner.").state == "awaiting"


def test_html_says_the_state_in_a_word_and_a_sign_and_escapes_what_a_student_wrote(desk: Desk):
    html = desk.check("9.1b", "<script>")._repr_html_()
    assert "✗ not yet" in html
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<code>" in html


def test_hints_come_in_three_levels_and_then_the_last_again(desk: Desk, tmp_path: Path):
    said = [repr(desk.hint("9.1")) for _ in range(4)]
    assert [each.split(" · ")[0] for each in said] == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "Hint 3 of 3"]
    assert [text.splitlines()[1].strip() for text in said[:3]] == list(DIMER.hints)
    assert progress(tmp_path)["9.1"]["hints"] == 3


def test_the_same_check_prints_the_same_text_again(desk: Desk):
    """nbval compares text: nothing that counts or ticks may be in it."""
    assert repr(desk.check("9.1", DIMER.wrong["P2"])) == repr(desk.check("9.1", DIMER.wrong["P2"]))


def test_a_function_that_calls_the_forbidden_library_is_not_yet_right(desk: Desk):
    scope = {"cmelab": cmelab}
    exec("def propensity(n, k, omega):\n    cmelab.exact\n    return k / omega * n * (n - 1) / 2", scope)
    verdict = desk.check("9.1", scope["propensity"])
    assert verdict.state == "not yet"
    assert "cmelab.exact" in repr(verdict)


def test_a_name_of_ones_own_that_looks_forbidden_is_fine(desk: Desk):
    scope: dict = {"exact": lambda n: n * (n - 1) / 2}
    exec("def propensity(n, k, omega):\n    return k / omega * exact(n)", scope)
    assert desk.check("9.1", scope["propensity"]).state == "right"


# Progress ----------------------------------------------------------------------------------------------


def test_progress_keeps_state_attempts_hints_and_beliefs(desk: Desk, tmp_path: Path):
    desk.check("9.1", None)
    desk.check("9.1", DIMER.wrong["P1+P2"])
    desk.hint("9.1")
    desk.check("9.1", DIMER.model("right"))
    entry = {"state": "right", "attempts": 2, "hints": 1, "misconceptions": ["P1", "P2"], "first": ""}
    assert progress(tmp_path)["9.1"] == entry


def test_progress_goes_where_the_environment_says(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CMELAB_PROGRESS", str(tmp_path / "elsewhere.json"))
    desk.check("9.2", (2, 4))
    assert "9.2" in json.loads((tmp_path / "elsewhere.json").read_text())["exercises"]
    assert not (tmp_path / "progress.json").exists()


@pytest.mark.parametrize(
    "content", [b"{", b"", b"[]", b"\xff\xfe", b'{"exercises": 3}', b'{"exercises": {"9.1": {"attempts": "x"}}}']
)
def test_a_damaged_progress_file_is_set_aside_with_a_sentence(desk: Desk, tmp_path: Path, content: bytes):
    (tmp_path / "progress.json").write_bytes(content)
    verdict = desk.check("9.2", (2, 4))
    assert verdict.state == "right"
    assert "progress.json.damaged" in repr(verdict)
    assert (tmp_path / "progress.json.damaged").read_bytes() == content
    assert progress(tmp_path)["9.2"]["attempts"] == 1
    assert "damaged" not in repr(desk.check("9.2", (2, 4)))


def test_a_folder_that_cannot_be_written_costs_nobody_the_check(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CMELAB_PROGRESS", str(tmp_path / "no such folder" / "progress.json"))
    assert desk.check("9.2", (2, 4)).state == "right"
    assert repr(desk.hint("9.2")).startswith("Hint 1 of 3")


def test_an_interrupted_write_leaves_the_old_file(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    desk.check("9.2", (2, 4))
    before = (tmp_path / "progress.json").read_bytes()

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", full)
    desk.check("9.2", (2, 5))
    monkeypatch.undo()
    assert (tmp_path / "progress.json").read_bytes() == before
    assert os.listdir(tmp_path) == ["progress.json"]


def test_the_public_names_are_one_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CMELAB_PROGRESS", str(tmp_path / "progress.json"))
    exercise = WITH_GIVEN[0]
    cmelab.start(exercise.id.split(".")[0], student="ada")
    numbers = cmelab.given(exercise.id)
    assert numbers == tuple(numbers_of(exercise, "ada").values())
    (right,) = exercise.values("right", dict(zip(exercise.default, numbers, strict=True)))
    assert cmelab.check(exercise.id, right[0] if exercise.kind == "number" else right).state == "right"
    cmelab.start(exercise.id.split(".")[0])
    assert cmelab.given(exercise.id) == tuple(exercise.default.values())
    assert WORDS.automatic is False
