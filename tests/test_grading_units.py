"""The bar for the exercises of the course: solutions full marks, the hand-out none, each wrong model named."""
from __future__ import annotations

import ast
import copy
import csv
import inspect
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from cmelab.exercises import UNITS, Exercise, Unit
from cmelab.exercises.misconceptions import parts
from cmelab.grading import Limits, grade_folder
from cmelab.grading.handout import handout

Rows = dict[str, dict[str, dict[str, str]]]
PLAIN = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.Assign, ast.AnnAssign)


def definitions(module: str) -> list[str]:
    """The functions and constants of a unit's file as plain Python, those it takes from its neighbours first."""
    found = []
    for each in ast.parse(inspect.getsource(sys.modules[module])).body:
        if isinstance(each, ast.ImportFrom) and each.level and each.module:
            near = ".".join([*module.split(".")[: -each.level], each.module])
            if near.startswith("cmelab.exercises."):
                found += definitions(near) if near != Exercise.__module__ else []
            else:
                found.append(f"from {near} import {', '.join(name.name for name in each.names)}")
        elif isinstance(each, PLAIN) and not ast.unparse(each).startswith(("from __future__", "from .")):
            found += [ast.unparse(each)] if "Exercise(" not in ast.unparse(each) else []
    return found


def source_of_models(exercise: Exercise, table: str) -> tuple[str, dict[str, str]]:
    """The definitions of the unit's file, and each model of one table as it is written there."""
    assert exercise.reference is not None
    for module in {each.__module__ for each in [exercise.reference, *exercise.wrong.values()]}:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
        for call in (each for each in ast.walk(tree) if isinstance(each, ast.Call)):
            said = {each.arg: each.value for each in call.keywords}
            if table in said and ast.literal_eval(said["id"]) == exercise.id:
                models = said[table]
                assert isinstance(models, ast.Dict)
                written = zip(models.keys, models.values, strict=True)
                found = {ast.literal_eval(key): ast.unparse(value) for key, value in written if key}
                return "\n\n".join(("from __future__ import annotations", *definitions(module))), found
    raise AssertionError(f"no file has exercise {exercise.id}")


def wrong_answer(exercise: Exercise, key: str) -> str:
    """What a student with this belief writes into the answer cell."""
    if exercise.called:
        functions, models = source_of_models(exercise, "examples" if exercise.kind == "sampler" else "wrong")
        return f"{functions}\n\n{exercise.name} = {models[key]}"
    texts = [f"{each:.4g}" for each in exercise.values(key)[0]]
    return f"{exercise.name} = {', '.join(texts)}"


@pytest.fixture(scope="module", params=UNITS, ids=lambda unit: unit.id)
def graded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Unit, Rows]:
    """The solutions, the hand-out, and as many notebooks as an exercise has wrong models, each with one of each."""
    unit: Unit = request.param
    folder, report = tmp_path_factory.mktemp("in"), tmp_path_factory.mktemp("out")
    handed_out = handout(unit).path
    solutions = json.loads(handed_out.with_name("solutions.ipynb").read_text("utf-8"))
    (folder / "handout.ipynb").write_bytes(handed_out.read_bytes())
    (folder / "solutions.ipynb").write_text(json.dumps(solutions))
    for number in range(max(len(each.wrong) for each in unit)):
        wrong = copy.deepcopy(solutions)
        for exercise in unit:
            if number < len(exercise.wrong):
                answer_cell(wrong, exercise.id)["source"] = wrong_answer(exercise, [*exercise.wrong][number])
        (folder / f"wrong-{number}.ipynb").write_text(json.dumps(wrong))
    assert grade_folder(folder, report, unit=unit.id, limits=Limits(cell=10.0)) == 0
    rows: Rows = defaultdict(dict)
    with open(Path(report) / "grades.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows[row["student"]][row["exercise"]] = row
    return unit, rows


def answer_cell(notebook: dict[str, Any], exercise: str) -> dict[str, Any]:
    wanted = {"exercise": exercise, "kind": "answer"}
    return next(c for c in notebook["cells"] if wanted.items() <= c["metadata"].get("cmelab", {}).items())


def test_solutions_earn_every_automatic_point_and_no_flag(graded: tuple[Unit, Rows]):
    unit, rows = graded
    wanted = {each.id: str(each.points) if each.automatic else "awaiting" for each in unit}
    assert {id: row["points"] for id, row in rows["solutions"].items()} == wanted
    assert not [row["flags"] for row in rows["solutions"].values() if row["flags"]]


def test_the_hand_out_earns_nothing_and_is_not_tried(graded: tuple[Unit, Rows]):
    unit, rows = graded
    assert {id: row["points"] for id, row in rows["handout"].items()} == dict.fromkeys([each.id for each in unit], "0")
    assert not [row for row in rows["handout"].values() if row["misconceptions"] or row["flags"]]


def test_every_wrong_model_loses_its_points_and_is_named(graded: tuple[Unit, Rows]):
    unit, rows = graded
    seen = {(each.id, key): rows[f"wrong-{i}"][each.id] for each in unit for i, key in enumerate(each.wrong)}
    told = {of: (row["points"], row["misconceptions"]) for of, row in seen.items()}
    assert told == {(id, key): ("0", " ".join(parts(key))) for id, key in seen}
    assert len(seen) == sum(len(each.wrong) for each in unit)
