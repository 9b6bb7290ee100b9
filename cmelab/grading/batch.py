"""Grade a class: every submission in a process of its own, results kept as they come, one report at the end."""
from __future__ import annotations

import errno
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from ..exercises import UNITS, Unit
from ..exercises.exercise import digest
from ..exercises.finding import NOT_TRIED
from ..exercises.units import find_unit
from . import by_hand
from .guards import PACKAGE, Guards, guards, places_hidden
from .handout import Handout, handout
from .launch import Running, run_sealed
from .limits import Limits, guarded_parent
from .lots import FILE as SECRET
from .lots import Lots, kept_secret
from .marked import Marked
from .report import file_name
from .reseal import seal
from .roster import read_roster
from .score import Result, as_json, from_json, problem, score
from .snapshot import Snapshot
from .submissions import Submission, files, find_submissions, ignored_files
from .tables import write_text
from .whose import report_numbers
from .write_report import write_report

FINE, TROUBLE = 0, 1
# An answer's own calls end before nbval would end the cell: that costs no kernel.
SHARE = 0.75


class DiskFull(OSError):
    """Results can no longer be kept; those that were are safe."""


def grade_folder(
    folder: Path, report: Path, *, jobs: int = 2, unit: str | None = None, course: Path | None = None,
    units: Sequence[Unit] = UNITS, limits: Limits | None = None, sandbox: bool = False, roster: Path | None = None,
) -> int:
    """Grade all notebooks in a folder; write tables, index.html, class.html and feedback/ into the report's folder.

    Parameters
    ----------
    jobs : submissions graded at the same time.
    unit : number of the unit; read off each notebook where it is left out.
    course : folder of the pristine notebooks; the one of this clone where it is left out.
    sandbox : run each submission in bubblewrap: no network, a file system of its own.
    roster : who is in the class, as for `cmelab assign`; it names the students in canvas.csv and moodle.csv.

    Returns
    -------
    0, or 1 where a submission could not be graded (the report says why).

    Raises
    ------
    ValueError
        The report's folder is the submissions' folder.
    FileNotFoundError
        There is no notebook in the folder.
    RuntimeError
        `sandbox` is asked for and cannot be had.

    Notes
    -----
    A student is known by the name of the notebook (`ada.ipynb`), or of the folder that holds it directly below the
    graded one (`ada/exercises.ipynb`); between the two may stand a folder as `cmelab assign` makes it
    (`01_propensities/ada.ipynb`). A student whose marks are in the report, and whose notebook, exercises and
    secret are the same, is not run again. The same submission gets the same marks. Points in the report's
    `marks.csv` (student,exercise,points,comment) are merged into all tables and pages.
    """
    folder, report = Path(folder), Path(report)
    chosen = (find_unit(tuple(units), unit),) if unit is not None else tuple(units)
    handouts = {each.id: handout(each, course) for each in chosen}
    people = read_roster(roster) if roster is not None else ()
    if report.resolve() == folder.resolve():
        raise ValueError(f"The report cannot be in {folder}, beside what was handed in; give another folder with -o.")
    shelves = {each.path.parent.name for each in handouts.values()}
    submissions = find_submissions(folder, chosen, report=report, shelves=shelves)
    remarks = about_ignored(ignored_files(folder, report))
    if not any(each.path.is_file() for each in submissions):
        raise FileNotFoundError(" ".join([f"There is no .ipynb in {folder}.", *remarks]))
    remarks += [f"{each.student}: {each.note}" for each in submissions if each.note]
    for place in (report, report / "results", report / "feedback"):
        place.mkdir(parents=True, exist_ok=True)
    held = guards(sandbox=sandbox, hidden=[*places_hidden(folder, [each.path for each in submissions]), report])
    print(held.describe(), file=sys.stderr)
    lots = Lots(kept_secret(report))
    # Where guards hold, a file that changes is changed by somebody who may.
    ours = [] if held.hold else [
        report / SECRET, report / by_hand.FILE, *(each.path for each in handouts.values()),
        *files(folder, report, hidden=True), *PACKAGE.rglob("*.py"),
    ]  # fmt: skip
    snapshot = Snapshot(ours, report / "changed")
    grader = Grader(handouts, report, lots, limits or Limits(), held, snapshot)
    with guarded_parent():
        marked = grader.grade(submissions, jobs)
    remarks += grader.damage
    marked = report_numbers(marked, [each.path for each in submissions], people)
    marked, remarks = write_report(report, marked, people, remarks)
    problems = [each for each in marked if each.problem]
    for each in (*remarks, *(f"{each.student}: {each.problem}" for each in problems)):
        print(each, file=sys.stderr)
    print(f"{len(marked) - len(problems)} of {len(marked)} notebooks graded; see {report / 'index.html'}")
    return TROUBLE if problems or not marked else FINE


def about_ignored(names: Sequence[str]) -> list[str]:
    """A sentence on the files that are no notebooks; nothing where there are none."""
    return [f"Ignored, because they are no .ipynb files: {', '.join(names)}."] if names else []


@dataclass
class Grader:
    """Grades submissions of some units into one report."""

    handouts: dict[str, Handout]
    report: Path
    lots: Lots
    limits: Limits
    held: Guards
    snapshot: Snapshot

    def __post_init__(self) -> None:
        self.running = Running()
        self.damage: list[str] = []

    def grade(self, submissions: Sequence[Submission], jobs: int) -> list[Marked]:
        """The marks of all submissions, in their order."""
        marked: dict[int, Marked] = {}
        with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
            waiting = {pool.submit(self.mark, each): i for i, each in enumerate(submissions)}
            try:
                finished = as_completed(waiting)
                for done in tqdm(finished, total=len(waiting), desc="Grading", unit="notebook", disable=None):
                    marked[waiting[done]] = done.result()
            except BaseException:
                # Ctrl-C, or a full disk: what is finished is kept in results/; what runs is ended, with all it started.
                kept = sum(each.done() and each.exception() is None for each in waiting)
                pool.shutdown(wait=False, cancel_futures=True)
                self.running.stop()
                print(f"\nStopped: {kept} of {len(waiting)} notebooks are graded and kept in {self.report}. "
                      "The same command continues with the others.", file=sys.stderr)  # fmt: skip
                raise
            finally:
                pool.shutdown(wait=True)
                self.damage += self.snapshot.repair()
        return [marked[i] for i in sorted(marked)]

    def mark(self, submission: Submission) -> Marked:
        """The marks of one submission; whatever is wrong with it stays with it."""
        unit = submission.unit or next(iter(self.handouts.values())).unit
        if submission.problem:
            return unmarked(submission, unit, submission.problem)
        try:
            return self._mark(submission, self.handouts[unit.id])
        except OSError as error:
            if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", 0)):
                raise DiskFull(f"there is no room left on the disk ({error.filename or self.report}).") from None
            return unmarked(submission, unit, f"the grader failed on it ({type(error).__name__}: {error}).")
        except Exception as error:
            return unmarked(submission, unit, f"the grader failed on it ({type(error).__name__}: {error}).")

    def _mark(self, submission: Submission, handed_out: Handout) -> Marked:
        unit = handed_out.unit
        sealed = seal(handed_out, submission.cells, self.lots, seconds=SHARE * self.limits.cell)
        path = self.report / "results" / f"{file_name(submission.student, unit)}.json"
        key = {"fingerprint": sealed.fingerprint, "exercises": digest(unit), "limits": self.limits.as_dict()}
        results = kept_results(path, key)
        if results is None:
            outcome = run_sealed(sealed, self.limits, held=self.held, running=self.running)
            self.damage += self.snapshot.repair()
            if trouble := problem(sealed, outcome):
                return unmarked(submission, unit, trouble)
            results = score(unit, sealed, outcome, self.limits.cell)
            content = {**key, "student": submission.student, "unit": unit.id, "results": [as_json(r) for r in results]}
            write_text(path, json.dumps(content, indent=1))
        if not self.held.hold:
            self.snapshot.keep(path)
        about = {"flags": sealed.flags, "note": submission.note, "numbers_of": sealed.student}
        return Marked(submission.student, unit, tuple(results), **about)


def kept_results(path: Path, key: dict[str, object]) -> list[Result] | None:
    """The results of an earlier run of the same sealed notebook under the same limits, if there are any."""
    try:
        kept = json.loads(path.read_text("utf-8"))
        if {name: kept[name] for name in key} == key:
            return [from_json(each) for each in kept["results"]]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def unmarked(submission: Submission, unit: Unit, problem: str) -> Marked:
    """No points, and the reason, for a notebook that could not be graded."""
    results = tuple(
        Result(each.id, each.title, NOT_TRIED, None, each.points, (), flags=("not graded",)) for each in unit.exercises
    )
    return Marked(submission.student, unit, results, problem, note=submission.note)
