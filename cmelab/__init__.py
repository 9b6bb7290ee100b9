"""Teach the Chemical Master Equation in Jupyter: compute it, see it, try it wrongly, check it."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # for editors and type checkers, which do not run __getattr__
    from . import exact, models, rates, widgets
    from .balance import Balance, detailed_balance
    from .closed_moments import ClosedMoments, close
    from .compare import Comparison, compare
    from .delays import delay_rate_equations, linear_chain
    from .errors import NetworkError
    from .exercises import check, given, hint, progress, start
    from .first_passage import FirstPassage, first_passage
    from .langevin import LangevinEnsemble, LangevinValidity, langevin, langevin_validity
    from .linear_noise import LinearNoise, linear_noise, stationary_linear_noise
    from .master_equation import Distribution, Flows, flows, generator, solve
    from .moments import MomentEquations, moment_equations
    from .network import Reaction, ReactionNetwork
    from .rate_equations import Curve, rate_equations
    from .ssa import path, simulate
    from .state_space import StateSpace, enumerate_states
    from .stationary import QuasiStationary, StationaryError, quasi_stationary, relaxation_time, stationary
    from .structure import Structure, communicating_classes, compatibility_classes, product_form, structure
    from .trajectories import Ensemble, Histograms, Moments, Path
    from .widgets import show

__all__ = [
    "Balance",
    "ClosedMoments",
    "Comparison",
    "Curve",
    "Distribution",
    "Ensemble",
    "FirstPassage",
    "Flows",
    "Histograms",
    "LangevinEnsemble",
    "LangevinValidity",
    "LinearNoise",
    "MomentEquations",
    "Moments",
    "NetworkError",
    "Path",
    "QuasiStationary",
    "Reaction",
    "ReactionNetwork",
    "StateSpace",
    "StationaryError",
    "Structure",
    "check",
    "close",
    "communicating_classes",
    "compare",
    "compatibility_classes",
    "delay_rate_equations",
    "detailed_balance",
    "enumerate_states",
    "exact",
    "first_passage",
    "flows",
    "generator",
    "given",
    "hint",
    "langevin",
    "langevin_validity",
    "linear_chain",
    "linear_noise",
    "models",
    "moment_equations",
    "path",
    "product_form",
    "progress",
    "quasi_stationary",
    "rate_equations",
    "rates",
    "relaxation_time",
    "show",
    "simulate",
    "solve",
    "start",
    "stationary",
    "stationary_linear_noise",
    "structure",
    "widgets",
]

# The module each name lives in; a module that is public itself lives in the package.
_MODULES = ("exact", "models", "rates", "widgets")
_HOME = {
    "balance": ("Balance", "detailed_balance"),
    "closed_moments": ("ClosedMoments", "close"),
    "compare": ("Comparison", "compare"),
    "delays": ("delay_rate_equations", "linear_chain"),
    "errors": ("NetworkError",),
    "exercises": ("check", "given", "hint", "progress", "start"),
    "first_passage": ("FirstPassage", "first_passage"),
    "langevin": ("LangevinEnsemble", "LangevinValidity", "langevin", "langevin_validity"),
    "linear_noise": ("LinearNoise", "linear_noise", "stationary_linear_noise"),
    "master_equation": ("Distribution", "Flows", "flows", "generator", "solve"),
    "moments": ("MomentEquations", "moment_equations"),
    "network": ("Reaction", "ReactionNetwork"),
    "rate_equations": ("Curve", "rate_equations"),
    "ssa": ("path", "simulate"),
    "state_space": ("StateSpace", "enumerate_states"),
    "stationary": ("QuasiStationary", "StationaryError", "quasi_stationary", "relaxation_time", "stationary"),
    "structure": ("Structure", "communicating_classes", "compatibility_classes", "product_form", "structure"),
    "trajectories": ("Ensemble", "Histograms", "Moments", "Path"),
    "widgets": ("show",),
}


class _Package(ModuleType):
    """A package whose functions win over modules of the same name, which the import system sets as attributes."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (isinstance(value, ModuleType) and name in _HOME.get(name, ())):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


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
