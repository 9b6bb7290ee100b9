"""Make the course notebooks from their sources: MyST text in course/src -> lesson, exercises, solutions.

The sources are the only form that is edited by hand. The same sources give the same cells, ids and metadata.
"""
from __future__ import annotations

import copy
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from ..exercises import UNITS
from ..exercises.exercise import Exercise, Unit
from ..exercises.misconceptions import parts

COURSE = Path(__file__).resolve().parents[2] / "course"
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
KINDS = ("setup", "given", "answer", "check", "predict", "drive", "text", "timing")
GRADED = ("answer", "text", "check")
BEATS = ("Invent", "Predict", "Play", "Explain", "Break it", "Check", "Bridge")
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
# A widget's view is left out of the files: its picture and its text stay, for a page without a kernel.
KEPT = ("image/png", "text/html", "text/latex", "text/plain")
# No colour of its own: the label takes the page's, light or dark.
LABEL = (
    '<div style="float: right; border-left: 3px solid #0072B2; padding-left: 0.5em; font-size: 80%">'
    "{beat} · {minutes} min</div>"
)


class SourceError(ValueError):
    """A source of the course that cannot become a notebook; the message names the file and the line."""


@dataclass(frozen=True)
class Source:
    """One MyST file as a notebook, with the line each cell begins at."""

    path: Path
    notebook: NotebookNode
    lines: tuple[int, ...]

    def error(self, cell: int, what: str) -> SourceError:
        return SourceError(f"{self.path}, line {self.lines[cell]}: {what}")


def build(units: Iterable[str] | None = None, *, execute: bool = True, into: Path | None = None) -> list[Path]:
    """Write the notebooks of some units, or of all with the pages beside them, and return their paths.

    Parameters
    ----------
    units : numbers such as "01"; None for everything.
    execute : run lessons, solutions and pages, and keep their outputs.
    into : folder to write to, in place of the course's own.

    Raises
    ------
    SourceError : a source is malformed, or a cell of it fails; the message names the file and the line.
    """
    target = COURSE if into is None else into
    written = []
    for folder in unit_folders(units):
        unit = next((unit for unit in UNITS if unit.id == folder.name[:2]), None)
        exercises = with_exercises(read(folder / "exercises.md"), unit)
        place = target / folder.name
        written += [
            *lesson(folder, unit, place, execute=execute),
            write(handed_out(exercises, unit), place / "exercises.ipynb"),
            write(run(solved(exercises), place) if execute else solved(exercises).notebook, place / "solutions.ipynb"),
        ]
    for page in sorted((COURSE / "src").glob("*.md")) if units is None else ():
        made = numbered(read(page))
        written.append(write(run(made, target) if execute else made.notebook, target / f"{page.stem}.ipynb"))
    return written


def lesson(folder: Path, unit: Unit | None, place: Path, *, execute: bool) -> list[Path]:
    """Write the lesson of a unit; a quiet one, a test before the course, has none."""
    if unit is not None and unit.quiet:
        return []
    made = numbered(read(folder / "lesson.md"))
    return [write(run(made, place) if execute else made.notebook, place / "lesson.ipynb")]


def unit_folders(units: Iterable[str] | None) -> list[Path]:
    """The source folders of the units asked for, in order."""
    folders = {path.name[:2]: path for path in sorted((COURSE / "src").glob("[0-9][0-9]_*"))}
    if not folders:
        raise SourceError(f"There are no sources in {COURSE / 'src'}. Run this in a clone of cmelab.")
    asked = list(folders) if units is None else [f"{unit}"[:2].zfill(2) for unit in units]
    for unit in asked:
        if unit not in folders:
            raise SourceError(f"There is no unit {unit!r}; there is {', '.join(folders)}.")
    return [folders[unit] for unit in asked]


def read(path: Path) -> Source:
    """Read one MyST file and check what every cell needs."""
    try:
        from jupytext.myst import MystMetadataParsingError, myst_to_notebook
    except ImportError:
        raise ImportError("Building the notebooks needs jupytext: pip install jupytext") from None
    if not path.is_file():
        raise SourceError(f"There is no {path}; a unit has a lesson.md and an exercises.md.")
    try:
        notebook = myst_to_notebook(path.read_text(encoding="utf-8"), add_source_map=True)
    except (MystMetadataParsingError, nbformat.ValidationError) as error:
        raise SourceError(f"{path}: {error}") from None
    # jupytext counts from 0, and a code cell from the line after its fence.
    starts = zip(notebook.metadata.pop("source_map"), notebook.cells, strict=True)
    source = Source(path, notebook, tuple(line + (cell.cell_type == "markdown") for line, cell in starts))
    notebook.metadata = NotebookNode(kernelspec=NotebookNode(KERNELSPEC), language_info=NotebookNode(name="python"))
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for i, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and "```" in cell.source:
            raise source.error(i, "this cell is never closed; a line with ``` ends it.")
        if cell.metadata.get("kind", "setup") not in KINDS:
            raise source.error(i, f"kind: {cell.metadata.kind} is none of {', '.join(KINDS)}.")
    return source


def numbered(source: Source) -> Source:
    """Give every cell its id and its cmelab metadata, and write the beat of a lesson beside its title."""
    for i, cell in enumerate(source.notebook.cells):
        cell.id = f"{source.path.stem}-{i + 1:03d}"
        beat, kind, exercise = (cell.metadata.pop(key, None) for key in ("beat", "kind", "exercise"))
        if cell.cell_type == "code":
            cell.update(execution_count=None, outputs=[])
        if kind or exercise:
            cell.metadata["cmelab"] = {"exercise": exercise, "kind": kind} if exercise else {"kind": kind}
        if beat:
            name, _, minutes = beat.partition(", ")
            if name not in BEATS or not minutes.isdecimal():
                raise source.error(i, f'beat "{beat}"; write one of {", ".join(BEATS)} and minutes: "{BEATS[0]}, 5".')
            cell.metadata["cmelab"] = {"beat": name, "minutes": int(minutes)}
            cell.source = LABEL.format(beat=name, minutes=minutes) + "\n\n" + cell.source
    return source


def with_exercises(source: Source, unit: Unit | None) -> Source:
    """Tie the cells of a unit's exercises to its table: ids, points, misconceptions."""
    if unit is None:
        raise SourceError(f"{source.path} has no table of exercises; write cmelab/exercises/unit"
                          f"{source.path.parent.name[:2]}.py and add it to UNITS.")
    table = {each.id: each for each in unit.exercises}
    seen: dict[tuple[str, str], int] = {}
    for i, cell in enumerate(numbered(source).notebook.cells):
        about = cell.metadata.get("cmelab", {})
        if "exercise" not in about:
            if about.get("kind") in (*GRADED, "given"):
                raise source.error(i, f"kind: {about['kind']} belongs to an exercise; add :exercise: \"1.1\".")
            continue
        exercise = table.get(str(about["exercise"]))
        if exercise is None:
            raise source.error(i, f"exercise {about['exercise']!r} is not in {unit.title}, which has "
                                  f"{', '.join(table)}; write the id in quotes.")  # fmt: skip
        _tie(source, i, cell, exercise, seen)
    for each in unit.exercises:
        for kind in ("text" if each.kind == "text" else "answer", "check"):
            if (each.id, kind) not in seen:
                raise SourceError(f"{source.path}: exercise {each.id} has no cell with kind: {kind}.")
    return source


def _tie(source: Source, i: int, cell: NotebookNode, exercise: Exercise, seen: dict[tuple[str, str], int]) -> None:
    kind = cell.metadata["cmelab"]["kind"]
    if (exercise.id, kind) in seen:
        first = source.lines[seen[exercise.id, kind]]
        raise source.error(i, f"exercise {exercise.id} has a second cell with kind: {kind}, after line {first}.")
    seen[exercise.id, kind] = i
    cell.metadata["cmelab"] = {
        "exercise": exercise.id, "kind": kind, "topic": exercise.topic, "hints": len(exercise.hints),
        "misconceptions": sorted({part for wrong in exercise.wrong for part in parts(wrong)}),
    }  # fmt: skip
    if kind not in GRADED:
        return
    is_answer, by_hand = kind != "check", kind == "text"
    if is_answer and not re.search(rf"^(def {exercise.name}\(|{exercise.name} = )", cell.source, re.MULTILINE):
        raise source.error(i, f"the answer of exercise {exercise.id} does not define {exercise.name!r}.")
    if is_answer and BEGIN not in cell.source:
        raise source.error(i, f"the answer of exercise {exercise.id} would be handed out; put {BEGIN} around it.")
    cell.id = f"{'answer' if is_answer else 'check'}-{exercise.id.replace('.', '-')}"
    cell.metadata["nbgrader"] = {
        "schema_version": 3, "grade_id": cell.id, "grade": by_hand, "solution": is_answer, "locked": not is_answer,
        "task": False,
    }  # fmt: skip
    if by_hand:
        cell.metadata["nbgrader"]["points"] = exercise.points


def handed_out(source: Source, unit: Unit | None) -> NotebookNode:
    """The exercises without their solutions: each answer cell defines its name, with nothing in it yet."""
    names = {each.id: each.name for each in unit.exercises} if unit else {}
    notebook = copy.deepcopy(source.notebook)
    for i, cell in enumerate(notebook.cells):
        if BEGIN in cell.source or END in cell.source:
            cell.source = strip(source, i, names.get(cell.metadata.get("cmelab", {}).get("exercise"), "answer"))
    return notebook


def solved(source: Source) -> Source:
    """The exercises with their solutions, without the marks around them."""
    notebook = copy.deepcopy(source.notebook)
    for cell in notebook.cells:
        cell.source = "\n".join(line for line in cell.source.splitlines() if line.strip() not in (BEGIN, END))
    return Source(source.path, notebook, source.lines)


def strip(source: Source, i: int, name: str) -> str:
    """One answer cell without its solution: `...` inside a function, ``name = None`` at the margin."""
    kept: list[str] = []
    inside = False
    for line in source.notebook.cells[i].source.splitlines():
        bare, indent = line.strip(), line[: len(line) - len(line.lstrip())]
        if bare in (BEGIN, END):
            if inside == (bare == BEGIN):
                raise source.error(i, f"{BEGIN} and {END} do not come in pairs.")
            inside = bare == BEGIN
            if inside:
                kept.append(f"{indent}...  # your code here" if indent else f"{name} = None  # your answer here")
        elif not inside:
            kept.append(line)
    if inside:
        raise source.error(i, f"{BEGIN} has no {END}.")
    return "\n".join(kept)


def run(source: Source, folder: Path) -> NotebookNode:
    """Run every cell in the notebook's own folder and keep what can be shown without a kernel."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook = copy.deepcopy(source.notebook)
    folder.mkdir(parents=True, exist_ok=True)
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", store_widget_state=False,
                            record_timing=False, coalesce_streams=True,
                            resources={"metadata": {"path": str(folder)}})  # fmt: skip
    with tempfile.TemporaryDirectory() as progress:
        try:
            client.execute(env={**os.environ, "CMELAB_PROGRESS": str(Path(progress) / "progress.json")})
        except CellExecutionError as error:
            i = next(i for i, cell in enumerate(notebook.cells) if _failed(cell))
            raise source.error(i, f"the cell that begins here fails: {error.ename}: {error.evalue}") from None
        except (CellTimeoutError, DeadKernelError) as error:
            raise SourceError(f"{source.path} cannot be run to its end: {error}") from None
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            # What a clock says is different at every build.
            timing = cell.metadata.get("cmelab", {}).get("kind") == "timing"
            cell.outputs = [] if timing else [kept for output in cell.outputs if (kept := _without_view(output))]
    notebook.metadata = source.notebook.metadata
    return notebook


def _failed(cell: NotebookNode) -> bool:
    return any(output.output_type == "error" for output in cell.get("outputs", ()))


def _without_view(output: Any) -> Any:
    """An output with the parts every page can show, or None where nothing is left."""
    if "data" in output:
        output.data = {mime: output.data[mime] for mime in KEPT if mime in output.data}
        output.metadata = {mime: about for mime, about in output.metadata.items() if mime in output.data}
        return output if output.data else None
    return output


def write(notebook: NotebookNode, path: Path) -> Path:
    """Write a notebook that nbformat finds valid, readable in a diff."""
    nbformat.validate(notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path
