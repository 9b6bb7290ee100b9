"""The command `cmelab`: open the course, show a widget, check, grade, build, look for trouble."""
from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

FINE, WRONG, USAGE = 0, 1, 2
INTERRUPTED = 130


def _course(options: argparse.Namespace) -> int:
    from cmelab.course import open_course

    return open_course(port=options.port, browser=options.browser)


def _demo(options: argparse.Namespace) -> int:
    from cmelab.demo import open_demo

    return open_demo(options.name, preset=options.preset, port=options.port, browser=options.browser)


def _check(options: argparse.Namespace) -> int:
    from cmelab.grading import check_notebook

    return check_notebook(_existing_notebook(options.notebook))


def _grade(options: argparse.Namespace) -> int:
    from cmelab.grading import grade_folder

    if not options.folder.is_dir():
        raise FileNotFoundError(
            f"{options.folder} is not a folder; give the folder with the students' notebooks. Unpack a zip file first."
        )
    where = {"jobs": options.jobs, "unit": options.unit, "roster": options.roster, "sandbox": options.sandbox}
    return grade_folder(options.folder, options.output, **where)


def _build(options: argparse.Namespace) -> int:
    from cmelab.grading import build, release

    if options.release is None:
        written = build(options.units or None, execute=options.execute)
    else:
        written = release(options.units or None, options.release, execute=options.execute)
    for path in written:
        print(path)
    return FINE


def _assign(options: argparse.Namespace) -> int:
    from cmelab.grading import assign

    return assign(options.students, options.output, salt=options.salt, units=options.unit)


def _progress(options: argparse.Namespace) -> int:
    from cmelab.exercises import progress
    from cmelab.exercises.page import page

    found = progress(options.folder)
    target = options.output or options.folder / "progress.html"
    target.write_text(page(found.heading, found.body() + found.table()), "utf-8")
    print(f"{found!r}\n\nThe page: {target}")
    return FINE


def _doctor(options: argparse.Namespace) -> int:
    from cmelab.doctor import examine

    return examine()


def _existing_notebook(path: Path) -> Path:
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; give one notebook, or use `cmelab grade {path} -o report`.")
    if not path.is_file():
        raise FileNotFoundError(f"There is no notebook {path}; give the path of an .ipynb file.")
    if path.suffix != ".ipynb":
        raise ValueError(f"{path} is not a notebook; give a file whose name ends in .ipynb.")
    return path


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """The whole command line, with its examples."""
    top = argparse.ArgumentParser(
        prog="cmelab", description="The Chemical Master Equation in Jupyter.",
        epilog="Exit codes: 0 fine, 1 something is not right, 2 the command was not understood.",
    )
    top.add_argument("--traceback", action="store_true", help="show where in the code an error arose")
    commands = top.add_subparsers(title="commands", dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], what: str, *examples: str):
        text = "examples:\n" + "\n".join(f"  cmelab {name} {example}".rstrip() for example in examples)
        sub = commands.add_parser(
            name, help=what[0].lower() + what[1:], description=what + ".", epilog=text,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.set_defaults(run=run)
        return sub

    sub = command("course", _course, "Open the course in JupyterLab", "", "--port 8899 --no-browser")
    sub.add_argument("--port", type=int, help="the port to use (default: 8888, or the next free one)")
    sub.add_argument("--no-browser", dest="browser", action="store_false", help="print the address, open no browser")

    examples = ("", "flux-bars", "flux-bars --preset swapped --port 8899 --no-browser")
    sub = command("demo", _demo, "Show one widget on stage, or the gallery of all, with Voila", *examples)
    sub.add_argument("name", nargs="?", metavar="WIDGET", help="such as flux-bars (default: the gallery)")
    sub.add_argument("--preset", help="a named start of the widget (default: its first)")
    sub.add_argument("--port", type=int, help="the port to use (default: 8866); where it is taken, the next free one")
    sub.add_argument("--no-browser", dest="browser", action="store_false", help="print the address, open no browser")

    notebook = "course/01_propensities/exercises.ipynb"
    sub = command("check", _check, "Check your own notebook before you hand it in", notebook)
    sub.add_argument("notebook", type=Path)

    examples = ("submissions -o report", "submissions -o report --jobs 4 --unit 01", "submissions -o report --sandbox")
    sub = command("grade", _grade, "Grade a folder of students' notebooks", *examples)
    sub.add_argument("folder", type=Path)
    sub.add_argument("-o", "--output", type=Path, required=True, metavar="REPORT", help="folder for marks and feedback")
    sub.add_argument("--jobs", type=_positive, default=2, help="notebooks graded at the same time (default: 2)")
    sub.add_argument("--unit", help="the unit, such as 01 (default: read off each notebook)")
    sub.add_argument("--sandbox", action="store_true", help="run each notebook in bubblewrap, with no network (Linux)")
    sub.add_argument("--roster", type=Path, help="who is in the class, as for assign: names for canvas.csv, moodle.csv")

    examples = ("", "01", "--no-execute", "--release class2026")
    sub = command("build", _build, "Make the course notebooks from their sources", *examples)
    sub.add_argument("units", nargs="*", metavar="UNIT", help="units to build, such as 01 (default: all)")
    sub.add_argument("--no-execute", dest="execute", action="store_false", help="do not run them: no outputs")
    sub.add_argument("--release", type=Path, metavar="FOLDER", help="write what students get, without solutions, to "
                     "FOLDER/handout, and the same for nbgrader to FOLDER/source")

    examples = ("--students roster.csv --salt 2026 -o handout", "--students names.txt --salt 2026 -o handout --unit 01")
    sub = command("assign", _assign, "Write a notebook with numbers of their own for every student", *examples)
    sub.add_argument("--students", type=Path, required=True, metavar="ROSTER",
                     help="an export of Canvas or Moodle, a table with a column `student`, or one student a line")
    sub.add_argument("--salt", required=True, help="any text; another one next year gives other numbers")
    sub.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER", help="folder for the notebooks")
    sub.add_argument("--unit", action="append", help="a unit, such as 01 (default: all; may be given again)")

    examples = ("", "course -o page.html")
    sub = command("progress", _progress, "Show how far you are, and the beliefs still open", *examples)
    sub.add_argument("folder", type=Path, nargs="?", default=Path(), help="the course's folder (default: this one)")
    sub.add_argument("-o", "--output", type=Path, metavar="PAGE",
                     help="where to write it (default: progress.html in it)")

    command("doctor", _doctor, "Look at this installation and say what to mend", "")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; an error is one sentence on stderr, and its exit code is 1."""
    options = parser().parse_args(arguments)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        print("\ncmelab: stopped.", file=sys.stderr)
        return INTERRUPTED
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        if options.traceback:
            raise
        print(f"cmelab: {error}", file=sys.stderr)
        return WRONG
