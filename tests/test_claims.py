"""Every statement of the course's subject has a line of code, a widget, an exercise and a test that exist."""
from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pytest

import cmelab
from cmelab.exercises import exercise

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "claims.md"
COLUMNS = ("id", "statement", "code", "widget", "exercise", "test")
# Statements about what is assumed have nothing to compute, or nothing to draw; others may not leave a column out.
MAY_LACK = ("CH01", "CH03", "CH23")


def rows() -> list[dict[str, str]]:
    found = []
    for line in TABLE.read_text("utf-8").splitlines():
        if re.match(r"\| CH\d\d \|", line):
            cells = [each.strip().replace("¦", "|") for each in line.strip("|").split("|")]
            assert len(cells) == len(COLUMNS), line
            found.append(dict(zip(COLUMNS, cells, strict=True)))
    return found


ROWS = rows()


def inside(cell: str) -> list[str]:
    """What stands between the backticks of a cell."""
    return re.findall(r"`([^`]+)`", cell)


def given(row: dict[str, str], column: str) -> list[str]:
    """The entries of a column; none where the row says why there is none."""
    if row[column].startswith("none: "):
        assert row["id"] in MAY_LACK, f"{row['id']} may not leave out {column}"
        return []
    found = inside(row[column])
    assert found, f"{row['id']} names nothing in {column}"
    return found


def named(row: dict[str, str]) -> str:
    return row["id"]


def test_table_has_all_forty_statements_in_their_order():
    assert [each["id"] for each in ROWS] == [f"CH{i:02d}" for i in range(1, 41)]


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_line_of_code_runs_and_gives_something(row):
    for line in given(row, "code"):
        value = eval(line, {"cmelab": cmelab, "np": np})
        assert value is not None and not callable(value), line
        if isinstance(value, (float, np.ndarray)):
            assert np.isfinite(value).all(), line


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_widget_opens_at_its_preset(row):
    for entry in given(row, "widget"):
        widget, preset = entry.split(":")
        assert cmelab.show(widget, preset=preset).caption, entry


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_exercise_finds_the_wrong_belief(row):
    for entry in given(row, "exercise"):
        id, key = entry.split(" ")
        assert key in exercise(id).wrong, entry


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_oracle_is_a_test_that_exists(row):
    for entry in given(row, "test"):
        file, name = entry.split("::")
        tree = ast.parse((ROOT / "tests" / file).read_text("utf-8"))
        assert name in {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}, entry
