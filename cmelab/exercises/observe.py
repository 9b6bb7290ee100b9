"""Look at an answer without trusting it: call it, time it, swallow what it prints, and say what came back.

This file stands alone (standard library only): the grader also runs its text inside the student's kernel.
What was seen is a pair (tag, value) that JSON can carry:

number     a float                        numbers    a list of floats
matrix     [rows, columns, entry, ...]    sample     one list per round: [mean, its standard error] of each number
                                                     drawn and of its square
none       nothing was returned           untried    a stub, or ...
raised     "ZeroDivisionError: ..."       arguments  "2 positional arguments" it does not take
endless    seconds waited                 function   no function, but this type
bool, text, complex, type                 how the value looks
shape      of an array that has too many  element    [index, tag, value] of the first that is no number
"""

from __future__ import annotations

import contextlib
import decimal
import dis
import inspect
import io
import json
import numbers
import signal
import sys
import threading

LONGEST = 1000  # components of an answer that are still looked at
KEPT = 200  # characters of a student's own output that are shown
# What a function that only returns None is made of.
EMPTY = ("RESUME", "NOP", "CACHE", "LOAD_CONST", "LOAD_COMMON_CONSTANT", "RETURN_", "NOT_TAKEN")


class OutOfTime(BaseException):
    """The time for one answer is over; no `except Exception` of a student swallows it."""


class Sink(io.TextIOBase):
    """Takes what an answer prints: the beginning is kept, the rest is counted."""

    def __init__(self):
        self.kept, self.total = "", 0

    def writable(self):
        return True

    def write(self, text):
        if len(self.kept) < KEPT:
            self.kept += text[: KEPT - len(self.kept)]
        self.total += len(text)
        return len(text)


def rounded(value, digits, zero=0.0):
    """The number with so many significant digits, as text; zero has no sign, and swallows what is below `zero`."""
    return f"{0.0 if abs(value) <= zero else value + 0.0:.{digits}g}"


def shown(value):
    """How a value looks, cut short."""
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def seen(value):
    """What a value is: a number, several, or which trouble."""
    try:
        return _seen(value)
    except Exception:
        # An object that fails when it is looked at is known by its type only.
        return "type", type(value).__name__


def _seen(value):
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    shape = getattr(value, "shape", None)
    if value is None:
        return "none", ""
    if value is Ellipsis:
        return "untried", ""
    if isinstance(value, (str, bytes)):
        return "text", shown(value)
    if kind and shape == ():
        value = value.item()
    if isinstance(value, bool):
        return "bool", str(value)
    if isinstance(value, numbers.Complex) and not isinstance(value, numbers.Real):
        # An eigenvector from numpy is complex as soon as one eigenvalue is, its own entries real or not.
        return _number(value.real) if value.imag == 0 else ("complex", shown(value))
    if isinstance(value, (numbers.Real, decimal.Decimal)) or (hasattr(value, "__float__") and not shape):
        return _number(value)
    if isinstance(value, (list, tuple)) or (shape is not None and len(shape) == 1):
        return _several(value)
    if shape is not None and len(shape) == 2:
        return _rows(value.tolist())
    if shape is not None:
        return "shape", str(tuple(shape))
    if isinstance(value, (set, frozenset, dict)):
        return "type", f"{type(value).__name__}, which has no order of its own (sorted(...) makes a list)"
    return "type", type(value).__name__


def _number(value):
    try:
        return "number", float(value)
    except OverflowError:
        return "number", float("inf") if value > 0 else float("-inf")


def _several(value):
    if len(value) > LONGEST:
        return "shape", f"({len(value)},)"
    if len(value) and all(isinstance(row, (list, tuple)) or len(getattr(row, "shape", ())) == 1 for row in value):
        return _rows(value)
    found = []
    for index, each in enumerate(list(value)):
        tag, inner = seen(each)
        if tag != "number":
            return "element", [index, tag, inner]
        found.append(inner)
    return "numbers", found


def _rows(rows):
    """A table of numbers, its shape first: a table and its transpose are not the same."""
    lengths = [len(row) for row in rows]
    if sum(lengths) > LONGEST:
        return "shape", f"({len(rows)}, {lengths[0]})"
    if len(set(lengths)) > 1:
        return "type", f"table whose rows have {min(lengths)} to {max(lengths)} entries"
    found = [float(len(rows)), float(lengths[0]) if lengths else 0.0]
    for index, row in enumerate(rows):
        for place, each in enumerate(list(row)):
            tag, inner = seen(each)
            if tag != "number":
                return "element", [f"[{index}, {place}]", tag, inner]
            found.append(inner)
    return "matrix", found


def alive(arguments):
    """The arguments of one call: a text that is a lambda, or a def, becomes the function it says."""
    made = []
    for each in arguments:
        if isinstance(each, str) and each.startswith("lambda "):
            each = eval(each, _scope())
        elif isinstance(each, str) and "def " in each:
            scope = _scope()
            before = set(scope)
            exec(each, scope)
            each = next(scope[name] for name in reversed(list(scope)) if name not in before and callable(scope[name]))
        made.append(each)
    return tuple(made)


def _scope():
    import math

    import numpy as np

    return {"np": np, "math": math}


def is_stub(function):
    """True for a function whose body is still empty (`...`, `pass`, a docstring)."""
    code = getattr(function, "__code__", None)
    return code is not None and all(each.opname.startswith(EMPTY) for each in dis.get_instructions(code))


def see_call(function, arguments, look=""):
    """What one call of the function gives."""
    try:
        if look and is_stub(function) and function(*arguments) is None:
            return "untried", ""
        value = LOOKS[look](function, *alive(arguments))
        if value is None and is_stub(function):
            return "untried", ""
        return seen(value)
    except NotImplementedError:
        # The gap that other courses, and nbgrader, leave for an answer.
        return "untried", ""
    except (OutOfTime, KeyboardInterrupt):
        raise
    except BaseException as error:
        return "raised", f"{type(error).__name__}: {error}"[:KEPT].removesuffix(": ")


def call(function, *arguments):
    """The usual look: what the function returns."""
    return function(*arguments)


def row_space(function, *arguments):
    """The space that the returned rows span, whatever basis was chosen: its projector, as a table."""
    import numpy as np

    value = function(*arguments)
    if hasattr(value, "__len__") and np.size(value) == 0:
        return [[0.0]]
    if seen(value)[0] not in ("numbers", "matrix"):
        return value
    rows = np.atleast_2d(np.asarray(value, dtype=float))
    if not np.isfinite(rows).all():
        return value
    _, sizes, directions = np.linalg.svd(rows)
    basis = directions[: int(np.sum(sizes > 1e-9 * max(sizes.max(), 1e-300)))]
    # Adding 0 turns -0 into 0, and rounding keeps an error of arithmetic from becoming an entry.
    return np.round(basis.T @ basis, 9) + 0.0


def catches(function, suspect):
    """1 where a test that somebody wrote fails for the suspect, 0 where it passes."""
    try:
        said = function(suspect)
    except AssertionError:
        return 1.0
    # What numpy calls its own truth value depends on its version; 1 and 0 are yes and no as well.
    if said is not None and type(said).__name__ not in ("bool", "bool_") and seen(said) not in _YES_OR_NO:
        return said
    return 1.0 if said is not None and not said else 0.0


_YES_OR_NO = (("number", 0.0), ("number", 1.0))


LOOKS = {"": call, "row_space": row_space, "catches": catches}


def see_sample(function, arguments, repeats, seeds):
    """What many calls with random numbers give: for each seed the means of what is drawn and of its squares."""
    import numpy as np

    rounds = []
    for seed in seeds:
        rng, drawn = np.random.default_rng(seed), []
        for _ in range(repeats):
            tag, value = see_call(function, (*arguments, rng))
            if tag not in ("number", "numbers"):
                return tag, value
            drawn.append([value] if tag == "number" else value)
        if len({len(row) for row in drawn}) > 1:
            return "type", "row whose length changes from call to call"
        x = np.asarray(drawn)
        both = np.stack([x, x**2], axis=2).reshape(repeats, -1)
        errors = both.std(axis=0) / repeats**0.5
        rounds.append([[float(mean), float(error)] for mean, error in zip(both.mean(axis=0), errors, strict=True)])
    return "sample", rounds


def see_function(function, points, seconds, look="", repeats=0, seeds=(1, 2)):
    """What the function gives at each point, and a Sink with what it printed; `seconds` are for all points together.

    With `repeats` the function takes a random generator as its last argument, and is called so often for each seed.
    """
    sink = Sink()
    if not callable(function):
        tag = "untried" if function is None or function is Ellipsis else "function"
        return [(tag, type(function).__name__)] * len(points), sink
    if trouble := _arguments_trouble(function, [(*point, None) if repeats else point for point in points]):
        return [("arguments", trouble)] * len(points), sink
    found = []

    def call_all():
        for point in points:
            found.append(see_sample(function, point, repeats, seeds) if repeats else see_call(function, point, look))

    if not within(seconds, call_all, sink):
        found.append(("endless", seconds))
    # After a loop that never ends the later points are not worth the same wait again.
    return found + [("endless", seconds)] * (len(points) - len(found)), sink


def _arguments_trouble(function, points):
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return ""
    for point in points:
        try:
            signature.bind(*point)
        except TypeError:
            return f"({', '.join(signature.parameters)})"
    return ""


def within(seconds, run, sink):
    """Run with a time limit and with output going to the sink; False where the time was over."""
    with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink), no_display():
        if threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
            return _with_alarm(seconds, run)
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(seconds)
        return not thread.is_alive()


def no_display():
    """Swallow rich output (IPython's `display`) too, where there is IPython."""
    if "IPython" not in sys.modules:
        return contextlib.nullcontext()
    from IPython.utils.capture import capture_output

    return capture_output(stdout=False, stderr=False)


def _with_alarm(seconds, run):
    running = [True]

    def over(*_):
        if running:
            raise OutOfTime

    before = signal.signal(signal.SIGALRM, over)
    try:
        # Again and again: a loop with a bare `except` swallows the first one.
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.05)
        run()
        running.clear()
        return True
    except OutOfTime:
        return False
    finally:
        running.clear()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def as_line(sighting, digits, zero):
    """One sighting as a line of JSON, numbers rounded: what an echo cell prints."""
    tag, value = sighting
    if tag == "number":
        value = rounded(value, digits, zero)
    elif tag in ("numbers", "matrix"):
        value = [rounded(each, digits, zero) for each in value]
    return json.dumps([tag, value])


def echo(namespace, name, points, *, digits, zero, seconds, **how):
    """One line per point for a function, or one line for a number (points is None)."""
    if name not in namespace:
        lines = [("undefined", "")] * len(points or [()])
    elif points is None:
        lines = [seen(namespace[name])]
    else:
        lines, _ = see_function(namespace[name], points, seconds, **how)
    return "".join(as_line(each, digits, zero) + "\n" for each in lines)
