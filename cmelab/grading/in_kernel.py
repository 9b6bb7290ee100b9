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


class Throat:
    """Cuts what one cell prints: a flood would bury the kernel's own messages."""

    def __init__(self, most: int):
        self.most, self.said = most, 0
        self.screen, self.errors = sys.stdout, sys.stderr
        self.write = self.screen.write

    def open(self, *_: Any) -> None:
        """Begin a cell. IPython puts a writer of its own on the streams for each cell, so this does too."""
        self.said = 0
        if self.screen.write.__name__ != "limited":
            self.write = self.screen.write
            self.screen.write, self.errors.write = self.limited(self.write), self.limited(self.errors.write)

    def limited(self, write: Any) -> Any:
        def limited(text: str) -> int:
            room = self.most - self.said
            self.said += len(text)
            if room > 0:
                write(text[:room])
            return len(text)

        return limited

    def say(self, text: str) -> None:
        """Print past the limit, and nothing else from here on in this cell."""
        self.said = self.most
        self.write(text)


def prepare(shell: Any, observe: str, given: dict[str, tuple[Any, ...]], most: int) -> None:
    """Set up the kernel of one student."""
    watcher: Any = types.ModuleType(ECHO)
    sys.modules[ECHO] = watcher
    exec(compile(observe, ECHO, "exec"), watcher.__dict__)
    names, throat = shell.user_ns, Throat(most)
    shell.events.register("pre_run_cell", throat.open)

    def tell(name: str, points: Any, **how: Any) -> None:
        # A handler that holds on to the stream prints past the sink; its words would spoil the echo.
        throat.said = most
        throat.say(watcher.echo(names, name, points, **how))

    watcher.tell = tell
    desk: Any = Quiet("cmelab.exercises")
    desk.given = lambda id: given[id]
    desk.__path__ = []
    sys.modules["cmelab.exercises"] = desk
    sys.modules["cmelab.widgets"] = Quiet("cmelab.widgets")
    sys.meta_path.insert(0, Closed())
