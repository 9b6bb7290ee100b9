"""Grade notebooks with nbval: reseal, run, score, report; and build the notebooks that are handed out."""
from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # for editors and type checkers, which do not run __getattr__
    from .assigning import assign
    from .batch import grade_folder
    from .check import check_notebook
    from .limits import Limits
    from .make_notebooks import build
    from .make_release import release

__all__ = ["Limits", "assign", "build", "check_notebook", "grade_folder", "release"]

_HOME = {
    "Limits": "limits", "assign": "assigning", "build": "make_notebooks", "check_notebook": "check",
    "grade_folder": "batch", "release": "make_release",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import what is asked for only: the process of each submission imports this package too."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it offers {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
