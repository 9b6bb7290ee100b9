"""Do once what would keep a lesson waiting, above all compile every kernel; numba keeps the result on disk."""
from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module

import numpy as np
from tqdm import tqdm

NETWORK = """
    0 -> M     ; 1
    M -> 0     ; 1
    2M -> 0    ; 1
"""
FORMULA = "0 -> M ; a = 1 / (1 + M^2) \n M -> 0 ; 1"
MANY = "\n".join(f"X{i} -> X{i + 1} ; 1" for i in range(20))  # more reactions than are all computed after each event


def steps() -> dict[str, Callable[[], object]]:
    """One tiny call of each public function that runs a kernel; all lessons use the same argument types."""
    from cmelab import (
        ReactionNetwork,
        enumerate_states,
        first_passage,
        flows,
        langevin,
        models,
        path,
        quasi_stationary,
        simulate,
        solve,
        stationary,
    )
    from cmelab.kernels.random import draw_events

    plain, formula = ReactionNetwork.parse(NETWORK), ReactionNetwork.parse(FORMULA)
    chain, chain_formula = ReactionNetwork.parse(MANY), ReactionNetwork.parse(f"{MANY}\n{FORMULA}")
    delayed = ReactionNetwork.parse("0 -> M ; 1 ; delay 1")
    times = [0.0, 0.1]
    few = partial(simulate, times=times, paths=2, seed=1, progress=False)
    return {
        "one path": lambda: path(plain, 0.1, seed=1),
        "many paths": lambda: few(plain),
        "draws of a path": lambda: draw_events(np.ones(4, np.uint64), np.empty((2, 2))),
        "custom propensities": lambda: few(formula),
        "paths in step": lambda: (few(plain, paths=9), few(formula, paths=9)),
        "many reactions": lambda: (few(chain), few(chain_formula)),
        "next reactions": lambda: few(plain, method="next_reaction"),
        "delays": lambda: few(delayed),
        "leaps": lambda: few(plain, method="tau"),
        "state space": lambda: enumerate_states(plain, bounds=5),
        "Langevin paths": lambda: langevin(plain, times, paths=2, dt=0.05, seed=1, progress=False),
        "stationary laws": lambda: (stationary(plain), quasi_stationary(models.mrna_degradation())),
        "first passage": lambda: first_passage(models.mrna_degradation(), "M == 0", times=times),
        "master equation": lambda: flows(plain, solve(plain, times)),
        "master equation of chains": lambda: solve(models.receptor(), times, method="rational"),
        # matplotlib looks through all fonts of a computer when it is first imported there.
        "fonts of pictures": lambda: import_module("matplotlib.font_manager"),
    }


def warm(progress: bool = True) -> None:
    """Run each kernel once; quick where all are compiled already.

    progress : show a bar while it works, which leaves no trace.
    """
    calls = steps()
    layout = "{desc:<34}{bar:20} {n}/{total}"
    with tqdm(total=len(calls), disable=not progress, leave=False, bar_format=layout) as bar:
        for what, call in calls.items():
            bar.set_description_str(f"Preparing: {what}")
            call()
            bar.update()


if __name__ == "__main__":
    warm()
