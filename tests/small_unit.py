"""A unit of four exercises with its hand-out and a corpus of submissions, for the tests of exercises and grading."""
from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from cmelab.exercises import Exercise, Unit

HINTS = ("What is a pair?", "Look at the jar.", "n (n - 1) / 2")

DIMER = Exercise(
    id="9.1", title="Pairs", topic="propensities", points=3, kind="function", name="propensity",
    reference=lambda n, k, omega: k / omega * n * (n - 1) / 2,
    wrong={
        "P1": lambda n, k, omega: k / omega * n**2 / 2,
        "P2": lambda n, k, omega: k / omega * n * (n - 1),
        "P1+P2": lambda n, k, omega: k / omega * n**2,
        "P3:ignored": lambda n, k, omega: k * n * (n - 1) / 2,
    },
    probes=((5, 0.6, 3.0), (0, 0.6, 3.0), (1, 0.6, 3.0), (2, 0.6, 3.0), (12, 0.3, 0.5)),
    secret=lambda rng: (rng.randint(2, 60), round(rng.uniform(0.1, 2), 2), round(rng.uniform(1.5, 20), 2)),
    hints=HINTS, why="Pairs are counted.", unit="1/s", forbidden=("ReactionNetwork", "exact"),
    implies={"P1": "At n = 1 you give 0.1. Can it meet itself?", "P2": "At n = 2 you give 0.4: two pairs?",
             "P3:ignored": "At n = 5 you give 6 whatever the volume. In a lake too?"},
)  # fmt: skip
LOSS = Exercise(
    id="9.1b", title="Loss", topic="propensities", points=2, kind="number", name="loss_rate",
    reference=lambda n, k: k * n * (n - 1),
    wrong={"P7": lambda n, k: 2 * k * n * (n - 1), "P1": lambda n, k: k * n**2},
    given=lambda rng: {"n": rng.randint(3, 12), "k": round(rng.uniform(0.2, 2), 2)}, default={"n": 5, "k": 0.2},
    hints=HINTS, why="Two are lost per event.", implies={"P7": "Twice 2.", "P1": "Half a pair?"},
)  # fmt: skip
FACTORS = Exercise(
    id="9.2", title="Factors", topic="volume", points=1, kind="numbers", name="factors",
    reference=lambda: (2.0, 4.0), wrong={"P3": lambda: (0.5, 0.25)}, hints=HINTS, why="So it is.",
    implies={"P3": "Smaller?"},
)  # fmt: skip
WORDS = Exercise(
    id="9.3", title="Words", topic="propensities", points=1, kind="text", name="words", hints=HINTS,
    why="A person reads it.",
)  # fmt: skip
UNIT = Unit("09", "A small unit", (DIMER, LOSS, FACTORS, WORDS))

STUBS = {
    "9.1": "def propensity(n, k, omega):\n    ...  # your code here",
    "9.1b": "loss_rate = None  # your answer here",
    "9.2": "factors = None  # your answer here",
    "9.3": "words = None  # your answer here",
}
RIGHT = {
    "9.1": "def propensity(n, k, omega):\n    return k / omega * n * (n - 1) / 2",
    "9.1b": "loss_rate = k * n * (n - 1)",
    "9.2": "factors = (2, 4)",
    "9.3": "words = 'No partner for itself <b>&</b>.'",
}


def code(id: str, source: str, **metadata: Any) -> dict[str, Any]:
    empty = {"outputs": [], "execution_count": None}
    return {"cell_type": "code", "id": id, "metadata": metadata, "source": source, **empty}


def own(source: str) -> dict[str, Any]:
    """A cell that a student added."""
    return code("own", source)


def cell_id(kind: str, exercise: str) -> str:
    return f"{kind}-{exercise.replace('.', '-')}"


def notebook(**answers: str) -> dict[str, Any]:
    """The hand-out with some answers; write 9_1b=... for exercise 9.1b."""
    begin = 'from cmelab import check, given, hint, start\nstart("09")'
    cells: list[dict[str, Any]] = [code("small-001", begin, cmelab={"kind": "setup"})]
    for exercise in UNIT.exercises:
        about = {"exercise": exercise.id}
        if exercise.default:
            cells.append(code("given-" + exercise.id, 'n, k = given("9.1b")', cmelab={**about, "kind": "given"}))
        kind = "answer" if exercise.automatic else "text"
        id = cell_id("answer", exercise.id)
        grade = {"schema_version": 3, "grade_id": id, "solution": True, "locked": False}
        cells.append(code(id, STUBS[exercise.id], cmelab={**about, "kind": kind}, nbgrader=grade))
        id = cell_id("check", exercise.id)
        grade = {"schema_version": 3, "grade_id": id, "solution": False, "locked": True}
        source = f'check("{exercise.id}", {exercise.name})'
        cells.append(code(id, source, cmelab={**about, "kind": "check"}, nbgrader=grade))
    made = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    for name, source in answers.items():
        find(made, "answer", name.replace("_", "."))["source"] = source
    return made


def find(made: dict[str, Any], kind: str, exercise: str) -> dict[str, Any]:
    return next(cell for cell in made["cells"] if cell["id"] == cell_id(kind, exercise))


def solved(**answers: str) -> dict[str, Any]:
    """The solutions, with some answers replaced."""
    return notebook(**{id.replace(".", "_"): source for id, source in RIGHT.items()} | answers)


def before(made: dict[str, Any], kind: str, exercise: str, *cells: dict[str, Any]) -> dict[str, Any]:
    """The notebook with cells put before one of its own."""
    made = copy.deepcopy(made)
    place = made["cells"].index(find(made, kind, exercise))
    made["cells"][place:place] = copy.deepcopy(cells)
    return made


def without(made: dict[str, Any], *ids: str) -> dict[str, Any]:
    return {**made, "cells": [cell for cell in made["cells"] if cell["id"] not in ids]}


def write(made: dict[str, Any], path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(made), "utf-8")
    return path


def course(folder: Path) -> Path:
    """A course folder that holds the hand-out of the small unit."""
    write(notebook(), folder / "09_small" / "exercises.ipynb")
    return folder
