"""What a student's kernel is given before anything of theirs runs: echo, stand-ins, an end to floods of output.

Only the text of this file goes there, beside the text of cmelab/exercises/observe.py; it is executed in a namespace
of its own, so that a student's `list = ...` or `print = ...` cannot break it.
"""
from __future__ import annotations

import functools
import importlib.abc
import subprocess
import sys
import types
from typing import Any

ECHO = "cmelab_echo"
ECHOES = "# NBVAL_CHECK_OUTPUT"  # how an echo cell begins: nbval compares what it prints
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
        self.screen = sys.stdout
        stream: Any = type(self.screen)
        self.write = stream.write
        # A property, because IPython would put writers of its own on the streams for each cell.
        stream.write = property(lambda this: functools.partial(self.limited, this), lambda *_: None)

    def limited(self, stream: Any, text: str) -> int:
        """Write as far as there is room."""
        room = self.most - self.said
        self.said += len(text)
        if room > 0:
            self.write(stream, text[:room])
        return len(text)

    def open(self, info: Any) -> None:
        """Begin a cell. In an echo nobody else may speak: a thread that an answer left would spoil it."""
        self.said = self.most if info.raw_cell.startswith(ECHOES) else 0

    def close(self, *_: Any) -> None:
        """End a cell: what a thread says from here on would come out with the next one."""
        self.said = self.most

    def say(self, text: str) -> None:
        """Print past the limit."""
        self.write(self.screen, text)


def shell_output(command: str, most: int) -> str:
    """What a shell command says, as far as there is room for it; a flood ends when nobody reads on.

    IPython would open a terminal for it, and a submission that may open terminals may open its reader's too.
    """
    with subprocess.Popen(
        command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:  # fmt: skip
        assert process.stdout is not None
        return process.stdout.read(most)


def prepare(shell: Any, observe: str, given: dict[str, tuple[Any, ...]], most: int) -> None:
    """Set up the kernel of one student."""
    watcher: Any = types.ModuleType(ECHO)
    sys.modules[ECHO] = watcher
    exec(compile(observe, ECHO, "exec"), watcher.__dict__)
    names, throat = shell.user_ns, Throat(most)
    shell.system = lambda command: print(shell_output(shell.var_expand(command, depth=1), most), end="")
    shell.getoutput = lambda command, *_, **__: shell_output(shell.var_expand(command, depth=1), most).splitlines()
    shell.events.register("pre_run_cell", throat.open)
    shell.events.register("post_run_cell", throat.close)

    def tell(name: str, points: Any, **how: Any) -> None:
        throat.say(watcher.echo(names, name, points, **how))

    watcher.tell = tell
    desk: Any = Quiet("cmelab.exercises")
    desk.given = lambda id: given[id]
    desk.__path__ = []
    sys.modules["cmelab.exercises"] = desk
    sys.modules["cmelab.widgets"] = Quiet("cmelab.widgets")
    sys.meta_path.insert(0, Closed())
