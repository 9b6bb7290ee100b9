"""Teach the Chemical Master Equation in Jupyter: compute it, see it, try it wrongly, check it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # for editors and type checkers, which do not run __getattr__
    from . import exact, models, rates, widgets
    from .delays import linear_chain
    from .errors import NetworkError
    from .exercises import check, given, hint, start
    from .master_equation import Distribution, Flows, flows, generator, solve
    from .network import Reaction, ReactionNetwork
    from .ssa import path, simulate
    from .state_space import StateSpace, enumerate_states
    from .trajectories import Ensemble, Histograms, Moments, Path
    from .widgets import show

__all__ = [
    "Distribution",
    "Ensemble",
    "Flows",
    "Histograms",
    "Moments",
    "NetworkError",
    "Path",
    "Reaction",
    "ReactionNetwork",
    "StateSpace",
    "check",
    "enumerate_states",
    "exact",
    "flows",
    "generator",
    "given",
    "hint",
    "linear_chain",
    "models",
    "path",
    "rates",
    "show",
    "simulate",
    "solve",
    "start",
    "widgets",
]

# The module each name lives in; a module that is public itself lives in the package.
_MODULES = ("exact", "models", "rates", "widgets")
_HOME = {
    "errors": ("NetworkError",),
    "delays": ("linear_chain",),
    "exercises": ("check", "given", "hint", "start"),
    "master_equation": ("Distribution", "Flows", "flows", "generator", "solve"),
    "network": ("Reaction", "ReactionNetwork"),
    "ssa": ("path", "simulate"),
    "state_space": ("StateSpace", "enumerate_states"),
    "trajectories": ("Ensemble", "Histograms", "Moments", "Path"),
    "widgets": ("show",),
}


def __getattr__(name: str) -> Any:
    """Import the module of a public name when the name is first used: `import cmelab` stays light."""
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    for module, names in _HOME.items():
        if name in names:
            value = getattr(import_module(f"{__name__}.{module}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it offers {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
