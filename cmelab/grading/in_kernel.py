"""What a student's kernel is given before anything of theirs runs: echo, stand-ins, an end to floods of output.

Only the text of this file goes there, beside the text of cmelab/exercises/observe.py; it is executed in a namespace
of its own, so that a student's `list = ...` or `print = ...` cannot break it.
"""
from __future__ import annotations

import importlib.abc
import sys
import types
from typing import Any

ECHO = "cmelab_echo"
# What holds references or verdicts is not for a graded kernel.
CLOSED = ("cmelab.exercises", "cmelab.grading")


class Closed(importlib.abc.MetaPathFinder):
    """Refuses to import what a graded answer has no business with."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name.startswith(CLOSED):
            raise ModuleNotFoundError(f"{name} is not there while a notebook is graded", name=name)


class Quiet(types.ModuleType):
    """A module whose every function does nothing: pictures, checks and hints have no reader here."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: None


def limit_output(shell: Any, most: int) -> dict[str, int]:
    """Cut what one cell prints: a flood would bury the kernel's own messages. Returns the count, to be set."""
    said = {"now": 0}

    def bound(write: Any) -> Any:
        def limited(text: str) -> int:
            room = most - said["now"]
            said["now"] += len(text)
            if room > 0:
                write(text[:room])
            return len(text)

        return limited

    for stream in (sys.stdout, sys.stderr):
        stream.write = bound(stream.write)
    shell.events.register("pre_run_cell", lambda *_: said.update(now=0))
    return said


def prepare(shell: Any, observe: str, given: dict[str, tuple[Any, ...]], most: int) -> None:
    """Set up the kernel of one student."""
    watcher: Any = types.ModuleType(ECHO)
    sys.modules[ECHO] = watcher
    exec(compile(observe, ECHO, "exec"), watcher.__dict__)
    names, say = shell.user_ns, sys.stdout.write
    said = limit_output(shell, most)

    def tell(name: str, points: Any, **how: Any) -> None:
        # A handler that holds on to the stream prints past the sink; its words would spoil the echo.
        said["now"] = most
        say(watcher.echo(names, name, points, **how))

    watcher.tell = tell
    desk: Any = Quiet("cmelab.exercises")
    desk.given = lambda id: given[id]
    sys.modules["cmelab.exercises"] = desk
    sys.modules["cmelab.widgets"] = Quiet("cmelab.widgets")
    sys.meta_path.insert(0, Closed())
