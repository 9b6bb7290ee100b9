"""Submissions of all kinds to the small unit, honest and hostile, each with the verdict that it should get.

A case that says nothing of flags, timeouts or beliefs must have none: nobody is suspected without a cause.
"""
from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hostile_answers import (
    ALWAYS_EQUAL,
    AT_THE_END,
    BOMB,
    CACHED,
    CAPTION,
    CLOSE,
    COMMS,
    DESTROY,
    DISPLAYED,
    ECHO_REPLACED,
    EXECUTED,
    FILES,
    FLOOD,
    GRANDPARENT,
    IMPORTED,
    INPUT_TRANSFORMER,
    KILL,
    LOOP,
    LOSS,
    MARKUP,
    MEMORISED,
    NETWORK,
    P1,
    PIECES,
    REFERENCES,
    REPLIED,
    SEARCH,
    SETSID,
    SHARED,
    STUBBORN,
    THREADS,
    TRANSFORMER,
    WATCHED,
)
from small_unit import RIGHT, before, code, find, notebook, own, solved, without, write

from cmelab.grading import Limits

# A time that nobody else sleeps: whoever of these is left can be told from all other processes.
SLEEP = str(10**6 + os.getpid())
LIMITS = Limits(cell=6.0, wall=200, memory=2_500_000_000, disk=100_000_000)

FULL = {"9.1": "3", "9.1b": "2", "9.2": "1", "9.3": "awaiting"}
NONE = {"9.1": "0", "9.1b": "0", "9.2": "0", "9.3": "0"}
TEXT = {**NONE, "9.3": "awaiting"}
BLANK = dict.fromkeys(NONE, "")
NOT_91, NOT_91B, NOT_92 = ({**FULL, id: "0"} for id in ("9.1", "9.1b", "9.2"))

Made = dict[str, Any] | bytes | Callable[[Path], None]


@dataclass(frozen=True, eq=False)
class Case:
    """One student: what is handed in, what it earns, what is noticed, and what the page says.

    made      a notebook, the bytes of a file, or a function that writes something else into the folder
    flags     exercise -> flags; beliefs: exercise -> misconception ids; timeouts: exercise -> how many
    said      a piece of the feedback page
    quick     graded in the normal suite too, not only in the long one
    """

    name: str
    made: Made
    points: Mapping[str, str]
    flags: Mapping[str, str] = field(default_factory=dict)
    said: str = ""
    beliefs: Mapping[str, str] = field(default_factory=dict)
    timeouts: Mapping[str, str] = field(default_factory=dict)
    quick: bool = False
    # Where nothing stands between a submission and the rest (no Landlock, no other user) some cases end otherwise.
    bare: bool = True
    # On a busy computer the time of the cell may be over before the other limit is reached: the points are the same.
    or_timeout: bool = False


def hand_in(case: Case, folder: Path) -> None:
    """Write what a case hands in."""
    path = folder / f"{case.name}.ipynb"
    if callable(case.made):
        case.made(folder)
    elif isinstance(case.made, bytes):
        path.write_bytes(case.made)
    else:
        path.write_text(json.dumps(case.made).replace("{SLEEP}", SLEEP), "utf-8")


# Notebooks that were changed -----------------------------------------------------------------------------


def answer(source: str, exercise: str = "9.1") -> dict[str, Any]:
    """The solutions with another answer."""
    return solved(**{exercise.replace(".", "_"): source})


def helped(source: str, reply: str | None = None) -> dict[str, Any]:
    """The solutions with a cell of the student's before the first answer, and that answer."""
    return before(solved() if reply is None else answer(reply), "answer", "9.1", own(source))


def repeated(made: dict, source: str) -> dict:
    """The notebook with a copy of the first answer cell, after it, that holds another source."""
    return before(made, "check", "9.1", {**find(made, "answer", "9.1"), "source": source})


def tagged(made: dict, *tags: str) -> dict:
    for kind in ("answer", "check"):
        find(made, kind, "9.1")["metadata"]["tags"] = list(tags)
    return made


def forged(made: dict) -> dict:
    """Outputs, counts, scores and grades that nobody earned."""
    for cell in made["cells"]:
        cell["execution_count"] = 1
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "PASSED 9.1: 3/3 points\n"}]
        cell["metadata"] = {**cell["metadata"], "score": 6}
    made["metadata"] = {"score": 6, "kernelspec": {"name": "fortran", "display_name": "F", "language": "fortran"}}
    return made


def in_check_cell(made: dict, **answers: str) -> dict:
    """Answers above the check."""
    for id, source in answers.items():
        check = find(made, "check", id)
        check["source"] = f"{source}\n{check['source']}"
    return made


def edited(made: dict, id: str, source: str) -> dict:
    """The notebook with another source in one cell."""
    next(cell for cell in made["cells"] if cell["id"] == id)["source"] = source
    return made


def merged(made: dict) -> dict:
    """The first answer and its check in one cell, as Jupyter's "merge cells" leaves it: under the first one's id."""
    check = find(made, "check", "9.1")["source"]
    return without(edited(made, "answer-9-1", f"{RIGHT['9.1']}\n\n{check}"), "check-9-1")


def split(made: dict) -> dict:
    """The first answer in two cells: "split cell" keeps the id above and makes a new cell below."""
    head, tail = "def pairs(n):\n    return n * (n - 1) / 2", "propensity = lambda n, k, omega: k / omega * pairs(n)"
    return before(edited(made, "answer-9-1", head), "check", "9.1", code("new", tail))


def reordered(made: dict) -> dict:
    return {**made, "cells": made["cells"][::-1]}


def format_3(made: dict) -> dict:
    cells = [{**each, "input": each["source"], "language": "python"} for each in made["cells"]]
    for each in cells:
        del each["source"], each["id"]
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells, "metadata": {}}]}


def many_cells(number: int) -> dict:
    made = solved()
    return {**made, "cells": [*made["cells"], *(code(f"c{i}", "pass") for i in range(number))]}


def huge(folder: Path) -> None:
    """200 MB that take no room."""
    write(solved(), folder / "huge.ipynb")
    os.truncate(folder / "huge.ipynb", 200_000_000)


def folder_of_that_name(folder: Path) -> None:
    (folder / "folder.ipynb").mkdir()


def link(folder: Path) -> None:
    """Somebody else's notebook, under one's own name."""
    (folder / "link.ipynb").symlink_to(folder / "right.ipynb")


def pipe(folder: Path) -> None:
    """Whoever opens it waits for ever."""
    os.mkfifo(folder / "pipe.ipynb")


def two_files(folder: Path) -> None:
    write(solved(**{"9_1": P1}), folder / "double" / "old.ipynb")
    write(solved(), folder / "double" / "new.ipynb")
    os.utime(folder / "double" / "old.ipynb", (1e9, 1e9))


def large_metadata(made: dict) -> dict:
    """15 MB that no notebook needs."""
    for cell in made["cells"]:
        cell["metadata"] = {**cell["metadata"], "picture": "x" * 1_500_000}
    return made


def corpus(*tops: Path, port: int = 0) -> tuple[Case, ...]:
    """All cases; `tops` are the folders that a hostile one searches and destroys, `port` is where one calls out."""
    where = {"tops": "".join(f"{str(top)!r}, " for top in tops)}
    return (
        # Right, in the many ways of students.
        Case("right", solved(), FULL, said="Pairs are counted.", quick=True),
        Case("right-numpy", solved(**{
            "9_1": "def propensity(n, k, omega):\n    pairs = np.arange(n).sum()\n    print('pairs', pairs)\n"
                   "    return np.array(k / omega * pairs)",
            "9_1b": "loss_rate = np.float64(k) * math.perm(n, 2)", "9_2": "factors = np.array([2.0, 4.0])",
        }), FULL),
        Case("right-typed", answer("loss_rate = 4.00", "9.1b"), FULL),
        Case("right-own-cell", before(
            notebook(), "check", "9.1",
            own("import fractions\ndef pairs(n): return fractions.Fraction(n * (n - 1), 2)"),
            own("def propensity(n, k, omega): return float(pairs(n)) * k / omega"),
        ), {**NONE, "9.1": "3"}),
        Case("right-class", answer(
            "class Jar:\n    def __call__(self, n, k, omega=1.0, *, cache={}):\n"
            "        return cache.setdefault((n, k, omega), sum(k / omega for i in range(n) for j in range(i)))\n"
            "propensity = Jar()"), FULL),
        Case("right-shadows", helped(
            "print = list = str = float = len = globals = sorted = 3\nnp = json = sys = 4"), FULL, quick=True),
        Case("right-loud", answer(
            "import logging, sys\nlogging.basicConfig(stream=sys.stderr)\nprint('x' * 10**7)\n"
            "from IPython.display import display\ndef propensity(n, k, omega):\n    logging.warning('called')\n"
            "    display('hello')\n    print('y' * 10**6)\n    return k / omega * n * (n - 1) / 2"), FULL, quick=True),
        Case("right-setup", edited(solved(), "small-001",
                                   notebook()["cells"][0]["source"] + "\nimport statistics as s"), FULL),
        Case("right-magic", helped("%matplotlib inline\n!echo hello\nfiles = !ls\n%timeit -n1 -r1 pass"), FULL,
             quick=True),
        Case("right-pool", helped(
            "from multiprocessing import get_context\nwith get_context('fork').Pool(2) as pool:\n"
            "    assert pool.map(abs, [-1, 2]) == [1, 2]"), FULL),
        Case("right-figure", helped(
            "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.savefig('mine.png')\nopen('mine.csv', 'w')"), FULL),
        Case("right-numba", helped(
            "import numba\n@numba.njit(cache=True)\ndef two(): return 2\nassert two() == 2"), FULL),
        # Wrong beliefs.
        Case("wrong-P1", answer(P1), NOT_91, beliefs={"9.1": "P1"}, said="The belief behind it"),
        Case("wrong-all", solved(**{
            "9_1": "def propensity(n, k, omega):\n    return k * n * (n - 1) / 2",
            "9_1b": "loss_rate = 2 * k * n * (n - 1)", "9_2": "factors = (0.5, 0.25)",
        }), TEXT, beliefs={"9.1": "P3", "9.1b": "P7", "9.2": "P3"}, said="You give 8 for n = 5, k = 0.2.", quick=True),
        Case("wrong-P2", solved(**{
            "9_1": "def propensity(n, k, omega):\n    return k / omega * n * (n - 1)", "9_1b": "loss_rate = k * n**2",
        }), {**NOT_91, "9.1b": "0"}, beliefs={"9.1": "P2", "9.1b": "P1"}),
        Case("wrong-pair", answer("def propensity(n, k, omega):\n    return k / omega * n**2"), NOT_91,
             beliefs={"9.1": "P1 P2"}),
        Case("wrong-nan", solved(**{"9_1b": "loss_rate = float('nan')", "9_2": "factors = float('inf'), 4"}),
             {**NOT_91B, "9.2": "0"}),
        Case("wrong-text", solved(**{"9_1b": "loss_rate = '4.0'", "9_2": "factors = '2, 4'"}), {**NOT_91B, "9.2": "0"}),
        # Nothing, and nearly nothing.
        Case("stub", notebook(), NONE, quick=True),
        Case("syntax", answer("def propensity(n, k, omega)\n    return 1"), NOT_91,
             said="Your cell stops with SyntaxError"),
        Case("missing-import", answer("factors = scipy.special.comb(2, 1), 4", "9.2"), NOT_92,
             said="Your cell stops with NameError: name &#x27;scipy&#x27; is not defined", quick=True),
        Case("no-module", answer("import nowhere_to_be_found\nfactors = 2, 4", "9.2"), NOT_92,
             said="Your cell stops with ModuleNotFoundError"),
        Case("input", answer("loss_rate = float(input('n? '))", "9.1b"), NOT_91B, said="StdinNotImplementedError"),
        Case("recursion", answer("def propensity(n, k, omega):\n    return propensity(n, k, omega)"), NOT_91,
             said="RecursionError"),
        # No end, and a sudden one.
        Case("loop-function", answer(LOOP), NOT_91, timeouts={"9.1": "1"}, said="no answer after 4.5 seconds",
             quick=True),
        Case("loop-cell", answer("while True:\n    pass", "9.1b"), NOT_91B, timeouts={"9.1b": "1"},
             said="had not ended after 6 seconds", quick=True),
        Case("loop-stubborn", answer(STUBBORN), NOT_91, timeouts={"9.1": "1"}, quick=True),
        Case("loop-own-cell", helped("while True: pass"), FULL, {"9.1": "own cell before it: timeout"},
             timeouts={"9.1": "1"}),
        Case("sleep", answer("import time\ntime.sleep({SLEEP})", "9.1b"), NOT_91B, timeouts={"9.1b": "1"}),
        Case("loops", solved(**{"9_1": STUBBORN, "9_1b": "while True: pass", "9_2": "while True: pass"}), TEXT,
             timeouts={"9.1": "1", "9.1b": "1", "9.2": "1"}),
        Case("exit", answer("import os\nos._exit(0)", "9.1b"), NOT_91B, {"9.1b": "kernel died"},
             said="ended Python itself", quick=True),
        Case("exit-function", answer("import os\ndef propensity(n, k, omega):\n    os._exit(0)"), NOT_91,
             {"9.1": "kernel died"}),
        Case("exit-later", answer("import os, threading\nthreading.Timer(0.0, os._exit, [0]).start()\n"
                                  "import time\ntime.sleep(3)", "9.2"), NOT_92, {"9.2": "kernel died"}),
        Case("sys-exit", answer("import sys\nsys.exit(0)", "9.2"), NOT_92, said="SystemExit"),
        Case("restart", answer("get_ipython().kernel.do_shutdown(True)" + LOSS + "\nimport time\ntime.sleep({SLEEP})",
                               "9.1b"), NOT_91B, timeouts={"9.1b": "1"}),
        Case("segfault", answer("import ctypes\nctypes.string_at(0)", "9.1b"), NOT_91B, {"9.1b": "kernel died"}),
        Case("memory", answer("hog = bytearray(10**10)" + LOSS, "9.1b"), NOT_91B, said="MemoryError", quick=True),
        Case("memory-in-pieces", answer(PIECES, "9.1b"), NOT_91B, {"9.1b": "too much memory"},
             or_timeout=True),
        Case("memory-shared", answer(SHARED, "9.1b"), NOT_91B, {"9.1b": "too much memory"}, or_timeout=True),
        Case("deep-folders", helped("import os\nfor _ in range(1500):\n    os.mkdir('d')\n    os.chdir('d')"), FULL),
        Case("files-in-tmp", answer("open('/tmp/mine', 'w')\nfactors = 2, 4", "9.2"), NOT_92, said="Error", bare=False),
        Case("disk", answer(FILES + "import time\ntime.sleep({SLEEP})", "9.1b"), NOT_91B, {"9.1b": "too much disk"},
             or_timeout=True),
        Case("one-large-file", answer("open('big', 'wb').write(bytes(60_000_000))", "9.2"), NOT_92,
             said="OSError"),
        Case("flood", answer(FLOOD), FULL),
        Case("flood-shell", answer("!yes", "9.1b"), NOT_91B, said="does not define"),
        Case("right-shell", answer("name = 'numbers'\n!echo 2 > {name}.txt\nlines = !cat {name}.txt\n"
                                   "factors = int(lines[0]), 4", "9.2"), FULL),
        Case("fork-bomb", answer(BOMB, "9.1b"), NOT_91B, {"9.1b": "too many processes"},
             or_timeout=True, quick=True),
        Case("orphans", answer(SETSID + RIGHT["9.1b"], "9.1b"), FULL, quick=True),
        Case("threads", answer(THREADS), FULL),
        Case("child-outlives", helped("!(sleep {SLEEP}; echo late) > /dev/null 2>&1 &"), FULL),
        # Cells that are not as they were handed out.
        Case("deleted", without(solved(), "answer-9-1", "check-9-1"), NOT_91,
             {"9.1": "answer cell missing; check cell missing"}, said="There is no answer in <code>propensity</code>",
             quick=True),
        Case("twice", repeated(answer(P1), RIGHT["9.1"]), FULL, {"9.1": "2 answer cells"}),
        Case("twice-wrong-last", repeated(solved(), P1), NOT_91, {"9.1": "2 answer cells"}, beliefs={"9.1": "P1"}),
        Case("twice-stub-last", repeated(solved(), notebook()["cells"][1]["source"]), FULL, {"9.1": "2 answer cells"}),
        Case("reordered", reordered(solved()), FULL),
        Case("split", split(solved()), FULL),
        Case("merged", merged(solved()), FULL, {"9.1": "check cell missing"}),
        Case("check-cell", in_check_cell(notebook(), **{id: RIGHT[id] for id in ("9.1", "9.1b", "9.3")}), NOT_92,
             dict.fromkeys(("9.1", "9.1b", "9.3"), "check cell edited; answer in the check cell"),
             said="This answer was taken from the check cell", quick=True),
        Case("check-cell-wrong", in_check_cell(without(solved(), "answer-9-1"), **{"9.1": P1}), NOT_91,
             {"9.1": "answer cell missing; check cell edited; answer in the check cell"}, beliefs={"9.1": "P1"}),
        Case("edited-given", edited(solved(), "given-9.1b", "n, k = 50, 0.7"), FULL,
             {"9.1b": "given numbers edited"},
             said="The given numbers were edited; the answer was marked for n = 5, k = 0.2, as they were"),
        Case("printed-given", edited(solved(), "given-9.1b", 'n, k = given("9.1b")  # mine\nprint(n, k)'), FULL),
        Case("no-checks", without(solved(), *(f"check-{id}" for id in ("9-1", "9-1b", "9-2", "9-3"))), FULL,
             dict.fromkeys(FULL, "check cell missing")),
        Case("edited-check", edited(answer(P1), "check-9-1", "print('all fine')"), NOT_91,
             {"9.1": "check cell edited"}, beliefs={"9.1": "P1"}, quick=True),
        Case("skip-marker", answer("# NBVAL_SKIP\n" + P1), NOT_91, beliefs={"9.1": "P1"}),
        Case("skip-tag", tagged(answer("# NBVAL_RAISES_EXCEPTION\n" + P1), "nbval-skip", "raises-exception"), NOT_91,
             beliefs={"9.1": "P1"}),
        # Tools that were tampered with.
        Case("patched-isclose", helped("import numpy\nnumpy.isclose = lambda *a, **k: True", P1), TEXT,
             dict.fromkeys(("9.1", "9.1b", "9.2"), "canary passed"),
             said="changes <code>assert</code> or numpy itself", quick=True),
        Case("patched-assert", helped(TRANSFORMER, P1), TEXT,
             dict.fromkeys(("9.1", "9.1b", "9.2"), "canary passed")),
        Case("patched-input", helped(INPUT_TRANSFORMER, P1), TEXT,
             dict.fromkeys(("9.1", "9.1b", "9.2"), "canary passed")),
        Case("patched-json", helped(
            "import builtins, json\njson.dumps = lambda *a, **k: '[\"number\", \"0\"]'\n"
            "builtins.abs = lambda x: 0", P1),
            TEXT, dict.fromkeys(("9.1", "9.1b", "9.2"), "canary passed")),
        Case("patched-echo", helped(ECHO_REPLACED, P1), TEXT),
        Case("always-equal", answer(ALWAYS_EQUAL), NOT_91, quick=True),
        Case("forged", forged(answer(P1)), NOT_91, beliefs={"9.1": "P1"}),
        Case("printed-pass", answer("print('9.1 PASSED 3/3')\nprint('[\"number\", \"2\"]')\n" + P1), NOT_91,
             beliefs={"9.1": "P1"}),
        # Hooks of Python and of the kernel.
        Case("watched", helped(WATCHED, P1), NOT_91, beliefs={"9.1": "P1"}, quick=True),
        Case("right-watched", helped(WATCHED), FULL),
        Case("at-the-end", helped(AT_THE_END), FULL),
        Case("displayed", helped(DISPLAYED, P1), TEXT, dict.fromkeys(("9.1", "9.1b", "9.2"), "canary passed")),
        Case("executed", helped(EXECUTED, P1), TEXT),
        Case("replied", helped(REPLIED, P1), TEXT, dict.fromkeys(("9.1", "9.1b", "9.2"), "canary passed")),
        Case("comms", helped(COMMS), FULL),
        Case("imported", helped(IMPORTED, P1), TEXT, dict.fromkeys(("9.1", "9.1b", "9.2"), "canary passed"),
             quick=True),
        Case("cached", answer(CACHED + RIGHT["9.1b"], "9.1b"), FULL, bare=False, quick=True),
        # Answers from elsewhere.
        Case("memorised", answer(MEMORISED), NOT_91, said="right where your own check tries it, and wrong elsewhere",
             quick=True),
        Case("references", answer(REFERENCES), NOT_91, bare=False, quick=True),
        Case("references-asked", answer("import cmelab.exercises.unit01"), NOT_91,
             said="not there while a notebook is graded"),
        Case("library", answer("import cmelab\ndef propensity(n, k, omega):\n    net = cmelab.ReactionNetwork.parse("
                               "'2A -> 0; k', rates={'k': k / omega}, initial={'A': n})\n"
                               "    return net.propensities([n])[0]"), NOT_91, {"9.1": "uses cmelab.ReactionNetwork"},
             said="The exercise asks you to write it yourself", quick=True),
        Case("library-renamed", answer("import cmelab\nc = cmelab\ndef propensity(n, k, omega):\n"
                                       "    net = c.ReactionNetwork.parse('2A -> 0; k', rates={'k': k / omega}, "
                                       "initial={'A': n})\n"
                                       "    return net.propensities([n])[0]"), NOT_91,
             {"9.1": "uses cmelab.ReactionNetwork"}, said="The exercise asks you to write it yourself"),
        Case("name-no-file-takes", edited(solved(), "small-001", 'import cmelab\ncmelab.start("09", "\\ud800")'), FULL),
        Case("caption", answer(CAPTION), NOT_91, bare=False),
        Case("searcher", answer(SEARCH.format(**where)), NOT_91, said="RuntimeError: found []", bare=False, quick=True),
        Case("copier", answer(
            f"import json, pathlib\nmade = json.loads(pathlib.Path({str(tops[0] / 'right.ipynb')!r}).read_text())\n"
            "exec(next(c['source'] for c in made['cells'] if c['id'] == 'answer-9-1'))"), NOT_91,
            said="Error", bare=False, quick=True),
        Case("destroyer", answer(DESTROY.format(**where), "9.1b"), FULL, quick=True),
        Case("closer", answer(CLOSE.format(**where), "9.1b"), FULL, bare=False, quick=True),
        Case("killer", answer(KILL.format(grandparent=GRANDPARENT), "9.1b"), FULL, bare=False, quick=True),
        Case("network", answer(NETWORK.format(port=port), "9.2"), NOT_92, said="no network", bare=False, quick=True),
        # Files.
        Case("markup", solved(**{"9_1": MARKUP, "9_3": "words = '</textarea><script>alert(3)</script>'"}), NOT_91,
             said="Your cell stops with RuntimeError: &lt;/pre&gt;&lt;script&gt;", quick=True),
        Case("metadata", large_metadata(solved()), FULL),
        Case("Zoë Groß 2", solved(), FULL),
        Case("=cmd|calc", solved(), FULL),
        Case("a'b\"c;$(d)&<e>", solved(), FULL, quick=True),
        Case("not-json", b"%PDF-1.4", BLANK, said="not JSON", quick=True),
        Case("empty", b"", BLANK, said="empty", quick=True),
        Case("utf-16", json.dumps(solved()).encode("utf-16"), BLANK, said="not a notebook", quick=True),
        Case("truncated", json.dumps(solved()).encode()[:900], BLANK, said="cut off", quick=True),
        Case("no-cells", b'{"nbformat": 4}', BLANK, said="no cells", quick=True),
        Case("deep", b"[" * 100_000, BLANK, said="not JSON", quick=True),
        Case("other-notebook", {"cells": [code("x", "1")]}, BLANK, said="none of the exercises", quick=True),
        Case("format-3", format_3(solved()), FULL),
        Case("no-kernelspec", {**solved(), "metadata": {}}, FULL),
        Case("foreign-kernel", {**solved(), "metadata": {"kernelspec": {"name": "ir", "language": "R"}}}, FULL),
        Case("many-cells", many_cells(5000), BLANK, said="5010 cells", quick=True),
        Case("huge", huge, BLANK, said="the file has 200 MB", quick=True),
        Case("long-cell", answer("x = 1\n" * 200_000), BLANK, said="1000000 are allowed", quick=True),
        Case("endless-name", answer("import " + "a." * 2000 + "a"), BLANK, said="more than 1000 dots", quick=True),
        Case("half-characters", solved(**{
            "9_1": RIGHT["9.1"] + "  # \ud800", "9_1b": "raise RuntimeError('\\ud800')",
        }), NOT_91B, said="does not define", quick=True),
        Case("link", link, BLANK, said="link", quick=True),
        Case("pipe", pipe, BLANK, said="no file", quick=True),
        Case("folder.ipynb", folder_of_that_name, BLANK, said="no notebook", quick=True),
        Case("double", two_files, FULL, said="2 notebooks were handed in"),
    )  # fmt: skip

