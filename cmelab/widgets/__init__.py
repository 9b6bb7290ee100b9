"""The widgets: one file each, one line in WIDGETS. Only this folder knows ipywidgets."""

from __future__ import annotations

from typing import Any

from ..errors import NetworkError
from .all_methods import AllMethods
from .bathtub import Bathtub
from .closure_bench import ClosureBench
from .controls import Control
from .delay_clock import DelayClock
from .ensemble_grow import EnsembleGrow
from .explorer import Design, Explorer
from .flux_bars import FluxBars
from .frame import Bank, Mark, Panel
from .hazard_limit import HazardLimit
from .lattice import Lattice
from .moment_hierarchy import MomentHierarchy
from .noise_knob import NoiseKnob
from .omega_ladder import OmegaLadder
from .pair_jar import PairJar
from .pipeline import Pipeline
from .rate_translator import RateTranslator
from .sis_doom import SISDoom
from .ssa_stepper import SSAStepper
from .two_state import TwoState
from .validity_map import ValidityMap
from .wheel3 import Wheel3

# In the order of the course.
WIDGETS = (
    PairJar,
    RateTranslator,
    HazardLimit,
    SSAStepper,
    EnsembleGrow,
    FluxBars,
    Bathtub,
    TwoState,
    Wheel3,
    Lattice,
    OmegaLadder,
    SISDoom,
    ClosureBench,
    MomentHierarchy,
    NoiseKnob,
    ValidityMap,
    Pipeline,
    DelayClock,
    AllMethods,
)

__all__ = [
    "WIDGETS",
    "Bank",
    "Bathtub",
    "ClosureBench",
    "Control",
    "Design",
    "EnsembleGrow",
    "Explorer",
    "FluxBars",
    "HazardLimit",
    "Lattice",
    "Mark",
    "MomentHierarchy",
    "NoiseKnob",
    "OmegaLadder",
    "PairJar",
    "Panel",
    "Pipeline",
    "RateTranslator",
    "SISDoom",
    "SSAStepper",
    "TwoState",
    "ValidityMap",
    "Wheel3",
    "designed",
    "show",
]


def designed(name: str) -> Design:
    """The widget of that name; a sentence with those there are where there is none."""
    for design in WIDGETS:
        if design.name == name:
            return design
    raise NetworkError(f"there is no widget {name!r}; there are {', '.join(repr(d.name) for d in WIDGETS)}.")


def show(name: str, preset: str | None = None, **options: Any) -> Explorer:
    """Show a widget by name, such as ``cmelab.show("pair-jar", preset="start")``.

    Parameters
    ----------
    name : one of the names in `WIDGETS`.
    preset : a named start of that widget; the first one when left out.
    options : ``stage=True`` for a projector, ``guess=None`` to hide the answer until a guess is written, ``frame=`` and
        ``selected=`` for another moment or item to begin with, and the value of any control.

    Raises
    ------
    NetworkError : an unknown name, preset or option, with those there are.
    """
    return designed(name)(preset=preset, **options)
