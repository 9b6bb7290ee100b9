"""The marks as JUnit XML, which continuous-integration servers and their dashboards read."""
from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from ..exercises.finding import AWAITING, NOT_TRIED
from .marked import Marked
from .score import Result

# What XML 1.0 cannot hold, however it is written.
UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(marked: Sequence[Marked]) -> str:
    """A suite per notebook, a case per exercise: full points pass, fewer fail, words that wait are skipped.

    A notebook that could not be graded is an error in each of its cases.
    """
    top = ElementTree.Element("testsuites", _counts(marked))
    for each in marked:
        name = fit(f"{each.student} · unit {each.unit.id}")
        suite = ElementTree.SubElement(top, "testsuite", {"name": name} | _counts([each]))
        for one in each.results:
            about = {"classname": name, "name": fit(f"{one.exercise} {one.title}"), "time": f"{one.seconds:g}"}
            case = ElementTree.SubElement(suite, "testcase", about)
            if kind := outcome(each, one):
                says = each.problem or (one.lines[0][1] if one.lines else one.state)
                told = ElementTree.SubElement(case, kind, {"message": fit(says)})
                if kind == "failure":
                    told.set("type", " ".join(one.misconceptions) or one.state)
                    told.text = fit("\n".join(f"{label}: {text}" if label else text for label, text in one.lines))
    ElementTree.indent(top)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(top, "unicode")}\n'


def outcome(marked: Marked, result: Result) -> str:
    """The element that a case holds; nothing where all points are there."""
    if marked.problem and result.points is None:
        return "error"
    if result.state in (AWAITING, NOT_TRIED):
        return "skipped"
    return "" if result.points is not None and result.points >= result.max else "failure"


def _counts(marked: Sequence[Marked]) -> dict[str, str]:
    kinds = [outcome(each, one) for each in marked for one in each.results]
    seconds = sum(one.seconds for each in marked for one in each.results)
    numbers = {f"{kind}s": kinds.count(kind) for kind in ("failure", "error")}
    counted = {"tests": len(kinds), **numbers, "skipped": kinds.count("skipped")}
    return {**{name: str(count) for name, count in counted.items()}, "time": f"{seconds:g}"}


def fit(text: str) -> str:
    """Text that XML can hold."""
    return UNFIT.sub("?", text)
