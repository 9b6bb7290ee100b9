"""What grading costs: honest submissions of unit 01 against plain `pytest --nbval` runs of the same notebook, in turns.

    python benchmarks/bench_grading.py [SUBMISSIONS]      20 unless told otherwise; the target was set for 200

Start-up is counted on both sides. The target: at most 1.5 times one `pytest --nbval` run per submission, two at a time.
"""
from __future__ import annotations

import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
JOBS = 2
BLOCK = 10  # submissions graded in one go, between the plain runs
TARGET = 1.5


def solutions() -> dict[str, Any]:
    """The solved exercises of unit 01, without outputs."""
    made = json.loads((ROOT / "course" / "01_propensities" / "solutions.ipynb").read_text("utf-8"))
    for cell in made["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    return made


def hand_in(folder: Path, numbers: range) -> None:
    """One right notebook per student, each a little different."""
    folder.mkdir()
    for number in numbers:
        made = solutions()
        for cell in made["cells"]:
            if cell["metadata"].get("cmelab", {}).get("kind") == "answer":
                cell["source"] = "".join(cell["source"]) + f"\n# student {number}"
        (folder / f"student{number:03d}.ipynb").write_text(json.dumps(made), "utf-8")


def grade(folder: Path, report: Path) -> float:
    """Seconds for the whole command; every notebook must have full marks."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "cmelab", "grade", str(folder), "-o", str(report), "--unit", "01"]
    subprocess.run([*command, "--jobs", str(JOBS)], check=True, capture_output=True)
    seconds = time.perf_counter() - begin
    with open(report / "grades.csv", encoding="utf-8", newline="") as file:
        wrong = [row for row in csv.DictReader(file) if row["points"] not in (row["max"], "awaiting")]
    assert not wrong, f"an honest notebook lost points: {wrong[0]}"
    return seconds


def plain(folder: Path, at_once: int) -> float:
    """Seconds per notebook of plain nbval runs, so many at the same time."""
    notebook = next(iter(sorted(folder.glob("*.ipynb"))))
    options = ["-q", "-p", "no:cacheprovider", "--nbval-lax", "--nbval-current-env", str(notebook)]
    begin = time.perf_counter()
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "pytest", *options], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(at_once)
    ]  # fmt: skip
    codes = {run.wait() for run in runs}
    assert codes == {0}, "pytest --nbval-lax fails on the solutions"
    return (time.perf_counter() - begin) / at_once


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    graded, alone, together = [], [], []
    with tempfile.TemporaryDirectory() as name:
        for first in range(0, number, BLOCK):
            block = range(first, min(first + BLOCK, number))
            folder = Path(name, f"class{first}")
            hand_in(folder, block)
            alone.append(plain(folder, 1))
            graded.append(grade(folder, Path(name, f"report{first}")) / len(block))
            together.append(plain(folder, JOBS))
    cost, one, two = map(statistics.median, (graded, alone, together))
    print(f"\nGrading {number} honest notebooks of unit 01, {JOBS} at a time, on {os.cpu_count()} cores; seconds each")
    print(f"  cmelab grade                           {cost:6.2f}   ({min(graded):.2f} to {max(graded):.2f})")
    print(f"  pytest --nbval-lax, alone              {one:6.2f}   ratio {cost / one:.2f}, target {TARGET}")
    print(f"  pytest --nbval-lax, {JOBS} at a time        {two:6.2f}   ratio {cost / two:.2f}")


if __name__ == "__main__":
    main()
