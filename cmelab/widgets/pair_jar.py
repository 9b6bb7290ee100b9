"""PairJar: molecules in a jar, every pair that can react drawn as a line and counted."""
from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .explorer import NO_GUESS, Control, Design, Explorer, Values
from .frame import Bank, Mark, Panel, rows

HOMO, HETERO = "2A → products", "A + B → products"
MOST, OMEGA = 12, (1.0, 10.0)
DISC = 0.055  # radius of a molecule in jar units; the largest jar has radius 1
JAR = Panel((0.01, 0.02, 0.49, 0.96), (-1.065, 1.065), (-1.065, 1.065), bare=True)

CONTROLS = (
    Control("reaction", "choice", "reaction", HOMO, choices=(HOMO, HETERO), tip="which molecules meet"),
    Control("n_A", "int", "molecules of A", 5, 0, MOST),
    Control("n_B", "int", "molecules of B", 0, 0, MOST),
    Control("omega", "float", "volume Ω", 3.0, *OMEGA, 0.5, tip="volume, in units of 1/concentration"),
    Control("k", "float", "rate constant k (Ω/time)", 0.6, 0.0, 2.0, 0.1, tip="d[A]/dt = -k[A]² for 2A → products"),
    Control("self_pairs", "switch", "count a molecule with itself", False, tip="belief P1: n² in place of n(n-1)"),
    Control("twice", "switch", "count each pair twice", False, tip="belief P2: the factor 1/2 left out"),
    Control("seed", "int", "seed of the positions", 1, 0, 99, tip="where the molecules happen to be; counts do not care"),
)
PRESETS: dict[str, Values] = {
    "start": {},
    "one-molecule": {"n_A": 1},
    "self-pairs": {"n_A": 1, "self_pairs": True},
    "count-twice": {"twice": True},
    "two-colours": {"reaction": HETERO, "n_A": 4, "n_B": 6},
    "big-jar": {"omega": 10.0},
    "empty": {"n_A": 0},
}
ABOUT = (
    "Each disc is a molecule. Each line is one pair that could meet and react now: that is all a propensity counts.",
    "Well mixed means that where the discs are does not matter. The seed moves them; the count stays.",
    "c = k/Ω is the chance per unit time that one given pair reacts: in a bigger jar a pair meets less often.",
    "Convention: the macroscopic k of d[A]/dt = -k[A]² (for A + B: -k[A][B]).",
)


def counted(values: Values) -> tuple[float, float]:
    """(pairs there are, pairs counted with the beliefs switched on): n(n-1)/2 against n²/2, n(n-1) or n²."""
    a, b = values["n_A"], values["n_B"]
    right = float(a * b if values["reaction"] == HETERO else a * (a - 1) // 2)
    itself = a / 2 if values["self_pairs"] and values["reaction"] == HOMO else 0.0
    return right, (right + itself) * (2 if values["twice"] else 1)


def jar(values: Values, guess: Any = NO_GUESS) -> Bank:
    """One frame: discs, pair lines, loops, and the count with the formula filled in."""
    right, wrong = counted(values)
    hidden = guess is None
    hetero = values["reaction"] == HETERO
    radius = (values["omega"] / OMEGA[1])**(1 / 3)
    places = _places(values["seed"]) * (radius - 1.4 * DISC)
    a, b = places[0:2 * values["n_A"]:2], places[1:2 * values["n_B"] + 1:2]
    turn = np.linspace(0, 2 * np.pi, 121)
    marks = [Mark("line", rows(radius * np.cos(turn), radius * np.sin(turn))[0], "faint", width=2.5)]
    if not hidden:
        marks += _pairs(a, b, hetero, values)
    point = DISC * 0.49 * 648 / (JAR.x[1] - JAR.x[0])
    marks += [Mark("dots", a, "blue", size=point, texts=("A",) * len(a), legend="Blue discs marked A: molecules of A."),
              Mark("dots", b, "orange", size=point, texts=("B",) * len(b),
                   legend="Orange discs marked B: molecules of B." if len(b) else "")]
    return Bank((JAR,), tuple(marks), (_caption(values, right, wrong, hidden),),
                tuple(_readout(values, right, wrong, guess)), warning=_belief(values, right, wrong) if not hidden else "")


def _pairs(a: NDArray, b: NDArray, hetero: bool, values: Values) -> list[Mark]:
    """A line for every pair, two where pairs are counted twice, a loop for a molecule with itself."""
    pairs = itertools.product(a, b) if hetero else itertools.combinations(a, 2)
    lines = np.array([[*p, *q] for p, q in pairs], float).reshape(-1, 4)
    if values["twice"]:
        along = lines[:, 2:] - lines[:, :2]
        side = np.stack([-along[:, 1], along[:, 0]], 1) / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
        shift = 0.012 * np.hstack([side, side])
        lines = np.vstack([lines + shift, lines - shift])
    marks = [Mark("segments", lines, "sky" if not values["twice"] else "red", width=1.2,
                  legend="Lines: pairs that can react." + (" Each is drawn twice." if values["twice"] else ""))]
    if values["self_pairs"] and not hetero:
        marks.append(Mark("dots", a + [0, 1.5 * DISC], "red", size=DISC * 90, hollow=True, width=2,
                          legend="Red rings: a molecule counted with itself, half a pair each in n²/2."))
    return marks


def _readout(values: Values, right: float, wrong: float, guess: Any) -> list[str]:
    n, m, k, omega = values["n_A"], values["n_B"], values["k"], values["omega"]
    c = k / omega
    lines = [f"*{values['reaction']}", f"one pair reacts at rate c = k/Ω = {k:g}/{omega:g} = {c:.3g}"]
    if guess is None:
        return [*lines, "", "How many pairs are there? How large is a?", "Write your guess in the cell: guess = ...",
                "Run it again, and the lines appear."]
    count = f"{n} × {m} = {right:g} pairs" if values["reaction"] == HETERO else         f"n(n-1)/2 = {n} × {n - 1} / 2 = {right:g} pair{'s' * (right != 1)}" if n else "no molecules, no pairs"
    lines += [count, f"*a = {c:.3g} × {right:g} = {c * right:.4g} per time"]
    if not isinstance(guess, str):
        lines += ["", f"your guess: {guess:g}" + ("   ✓" if abs(guess - c * right) <= 5e-3 * abs(c * right) else "")]
    if wrong != right:
        lines += ["", f"with the belief: {wrong:g} pair{'s' * (wrong != 1)} counted",
                  f"*a = {c:.3g} × {wrong:g} = {c * wrong:.4g}   ✗"]
    return lines


def _belief(values: Values, right: float, wrong: float) -> str:
    said = []
    if values["reaction"] == HETERO and values["self_pairs"]:
        said.append("A molecule of A never meets itself in A + B, so this switch changes nothing here.")
    elif values["self_pairs"]:
        said.append("Belief P1 is on: each molecule is also counted with itself.")
    if values["twice"]:
        said.append("Belief P2 is on: the pair (first, second) and the pair (second, first) are counted as two.")
    if wrong != right:
        said.append(f"That gives {wrong:g} pairs instead of {right:g}.")
    return " ".join(said)


def _caption(values: Values, right: float, wrong: float, hidden: bool) -> str:
    n, m = values["n_A"], values["n_B"]
    seen = f"A jar of volume {values['omega']:g} with {n} molecule{'s' * (n != 1)} of A"
    if m or values["reaction"] == HETERO:
        seen += f" and {m} of B"
    if hidden:
        return seen + "; the pairs are hidden until you write a guess."
    a = values["k"] / values["omega"] * right
    text = f"{seen}. {right:g} pair{'s' * (right != 1)} can react, so the propensity is {a:.4g} per unit time."
    if wrong != right:
        text += f" With the belief switched on, {wrong:g} pairs would be counted and the propensity would be "                 f"{values['k'] / values['omega'] * wrong:.4g}."
    return text


@lru_cache(maxsize=128)
def _places(seed: int) -> NDArray[np.float64]:
    """24 places in the unit disc, each new one the farthest of 40 tries from those before."""
    rng = np.random.default_rng(seed)
    places = np.zeros((2 * MOST, 2))
    for i in range(len(places)):
        angle, r = rng.uniform(0, 2 * np.pi, 40), np.sqrt(rng.uniform(0, 1, 40))
        tries = np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1)
        far = np.linalg.norm(tries[:, None] - places[None, :i], axis=2).min(axis=1) if i else np.zeros(40)
        places[i] = tries[far.argmax()]
    return places


PAIR_JAR = Design("pair-jar", "Pair jar", ABOUT, lambda values: CONTROLS, PRESETS, jar)


def PairJar(**options: Any) -> Explorer:
    """Molecules in a jar; the pairs that can react are drawn and counted.

    Options: preset, stage, guess, and any control: reaction, n_A, n_B, omega, k, self_pairs, twice, seed.
    """
    return Explorer(PAIR_JAR, **options)
