"""When is a state first reached, how likely ever, how long on average: extinction, escape, completion."""
from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import breadth_first_order

from .arguments import as_times, share
from .chain import CONSERVED, Chain, Floats, jumps
from .errors import NetworkError, StateSpaceError
from .expression import Expression, evaluate, names, parse_expression
from .network import ReactionNetwork, as_network
from .state_space import MAX_STATES, Bounds, StateSpace, enumerate_states
from .structure import structure
from .uniformisation import MAX_WORK, uniformise

EXAMPLE = "A >= 30"
# States up to which an infinite network is followed: with narrow bands, and otherwise.
MAX_NARROW, MAX_WIDE = 300_000, 60_000
# Relative change of the mean at which a larger box is no longer worth while.
SETTLED = 1e-9
# Doublings of the box without any change of the probability after which the search ends: a factor of a thousand.
STILL = 10
_COMPARISON = re.compile(r"[<>=!]+")
_COMPARE = {">=": np.greater_equal, "<=": np.less_equal, "==": np.equal, ">": np.greater, "<": np.less}


@dataclass(frozen=True, repr=False)
class FirstPassage:
    """The first time at which ``target`` holds, from ``net.initial``.

    probability : of ever reaching it; a lower bound, short by at most ``lost``.
    lost : probability of leaving the states kept before; 0 where all that matter are kept. What happens beyond was not
        followed.
    mean : expected time, in 1/rate; inf where the target is not sure to be reached. Where ``lost`` is above 0 the
        expected time until the target or the edge, which is a lower bound.
    times, survival : (T,) and the probability that it has not been reached by then; an upper bound, too large by at
        most ``lost``. None where no times were given.
    kept : number of states followed.
    note : a sentence where something is not plain.
    """

    target: str
    probability: float
    lost: float
    mean: float
    times: Floats | None
    survival: Floats | None
    kept: int
    note: str

    def __repr__(self) -> str:
        return (f"FirstPassage to {self.target}: probability {self.probability:.6g}, mean time {self.mean:.6g} "
                f"({self.kept} states followed)" + (f". {self.note}" if self.note else ""))


@dataclass(frozen=True)
class _Target:
    text: str
    left: Expression
    compare: str
    right: Expression

    def holds(self, net: ReactionNetwork, states: NDArray[np.int64]) -> NDArray[np.bool_]:
        values = {**net.rates, **dict(zip(net.species, states.T.astype(float), strict=True))}
        return np.broadcast_to(_COMPARE[self.compare](evaluate(self.left, values), evaluate(self.right, values)),
                               len(states))


def first_passage(net: ReactionNetwork, target: str, *, times: ArrayLike | None = None, bounds: Bounds = None,
                  tol: float = 1e-10) -> FirstPassage:
    """First time at which a comparison of counts holds, such as extinction ``"I == 0"`` or escape ``"A >= 30"``.

    Parameters
    ----------
    target : two formulas of species and rate constants with >=, <=, ==, > or < between them: ``"A + B == 0"``.
    times : increasing times >= 0 at which to give the survival probability.
    bounds : largest counts followed; a path that leaves them counts as lost. None follows every state that can come
        before the target where these are finitely many, and otherwise doubles a box until no more than ``tol`` is lost
        and the mean has settled, or until ten doublings change nothing, or the states are too many.
    tol : see ``bounds``; a target missed with more than this probability has an infinite mean time.

    Raises
    ------
    NetworkError : a target that cannot be read, with its column. StateSpaceError : times too long to follow.

    Notes
    -----
    Expected times by an elimination that only adds positive numbers: for a birth-death chain it is the
    recursion r_n = (1 + b_n r_(n+1)) / d_n (C. R. Doering, K. V. Sargsyan, L. M. Sander, Multiscale Model. Simul. 3
    (2005) 283, doi:10.1137/030602800), and even a mean of 1e80 keeps its digits; see `cmelab.chain.Chain`.
    """
    tol = share("tol", tol)
    goal, grid = _read(as_network(net), target), None if times is None else as_times(times)
    if goal.holds(net, net.initial[None])[0]:
        return FirstPassage(goal.text, 1.0, 0.0, 0.0, grid, None if grid is None else np.zeros(grid.size), 1,
                            "It holds at the start.")
    followed = _follow_enough(net, goal, bounds, tol)
    return followed.answer(net, goal, grid, tol)


def _read(net: ReactionNetwork, text: str) -> _Target:
    """Text -> target; every fault with its column."""
    if not isinstance(text, str):
        raise NetworkError(f"the target is {text!r}; it must be text, such as {EXAMPLE!r}.")
    found = list(_COMPARISON.finditer(text))
    column = found[-1].start() + 1 if found else len(text.rstrip()) + 1
    allowed = f"A target is one comparison with >=, <=, ==, > or <, such as {EXAMPLE!r}."
    for sign in found:
        if sign.group() not in _COMPARE:
            raise NetworkError(f"line 1, column {sign.start() + 1}: {sign.group()!r} is no comparison"
                               + ("; write ==" if sign.group() == "=" else "") + f". {allowed}", line=1,
                               column=sign.start() + 1)
    if len(found) != 1:
        what = "a second comparison" if found else "a comparison is missing"
        raise NetworkError(f"line 1, column {column}: {what}. {allowed}", line=1, column=column)
    left = parse_expression(text[:found[0].start()])
    right = parse_expression(text[found[0].end():], column=found[0].end() + 1)
    named = [*names(left), *names(right)]
    for name, column in named:
        if name not in net.species and name not in net.rates:
            raise NetworkError(f"line 1, column {column}: {name!r} is no species and no rate constant of this network; "
                               f"it has {', '.join(map(repr, (*net.species, *net.rates))) or 'none'}.", line=1,
                               column=column)
    if not any(name in net.species for name, _ in named):
        raise NetworkError(f"line 1, column 1: the target {text!r} names no species. {allowed}", line=1, column=1)
    for side, column in ((left, 1), (right, found[0].end() + 1)):
        constant = not any(name in net.species for name, _ in names(side))
        if constant and not np.isfinite(evaluate(side, net.rates)):
            raise NetworkError(f"line 1, column {column}: one side of the target {text!r} is no finite number, so that "
                               f"it never holds. {allowed}", line=1, column=column)
    return _Target(text.strip(), left, found[0].group(), right)


@dataclass(frozen=True)
class _Followed:
    """The states before the target, as a chain that is left to the target, to a trap, or over the edge."""

    space: StateSpace
    before: NDArray[np.int64]  # states from which the target or the edge can still be reached
    rates: sparse.csr_array
    to_target: Floats
    to_trap: Floats
    cut: Floats
    hits: bool                 # some state kept satisfies the target
    mean: float                # expected time until one of these ends
    probability: float         # of each end: the target, a trap, the edge
    trapped: float
    lost: float

    def answer(self, net: ReactionNetwork, goal: _Target, grid: Floats | None, tol: float) -> FirstPassage:
        mean, lost, note = self.mean, self.lost, ""
        sure = self.hits and not self.to_trap.any() and lost <= tol
        probability = self.probability if not sure or lost > 0 else 1.0
        if not self.hits and not self.cut.any():
            note = f"No state with {goal.text} can be reached."
        elif lost > tol:
            note = (f"With probability {lost:.3g} it leaves the {len(self.space)} states kept before, and may never "
                    "return.")
        elif not sure:
            note = "It may end where the target can no longer be reached" + (
                f", with probability {self.trapped:.3g}." if len(self.before) else ".")
        elif not np.isfinite(mean):
            note = "It is sure to be reached, but the mean time is longer than 1e308."
        survival = None if grid is None else self._survival(net, grid)
        return FirstPassage(goal.text, probability, lost, mean if sure else np.inf, grid, survival, len(self.before),
                            note)

    def _survival(self, net: ReactionNetwork, grid: Floats) -> Floats:
        """Probability of not having reached the target: in these states, or gone elsewhere."""
        if not len(self.before):
            return np.ones(grid.size)
        elsewhere = self.to_trap + self.cut
        out = np.asarray(self.rates.sum(axis=1)).ravel() + self.to_target + elsewhere
        a = sparse.csr_array(sparse.block_array([[sparse.csr_array(self.rates.T) - sparse.diags_array(out), None],
                                                 [sparse.csr_array(elsewhere[None]), sparse.csr_array((1, 1))]]))
        work = out.max() * grid[-1] * a.nnz
        if work > MAX_WORK:
            raise StateSpaceError(f"the survival until t = {grid[-1]:g} would need {work:.0e} multiplications; shorten "
                                  "times, or leave them out: the mean does not need them.")
        start = np.zeros(len(self.before) + 1)
        start[:-1] = (self.space.states[self.before] == net.initial).all(axis=1)
        return np.minimum(1.0, uniformise(a, start, grid, progress=False).sum(axis=1))


def _follow(net: ReactionNetwork, goal: _Target, space: StateSpace) -> _Followed:
    rates, cut = jumps(net, space)
    hit, start = goal.holds(net, space.states), space.index(net.initial)
    # A path ends at its target: nothing leads out of it.
    rates = sparse.csr_array(sparse.diags_array((~hit).astype(float)) @ rates)
    rates.eliminate_zeros()
    cut = np.where(hit, 0.0, cut)
    reached = np.zeros(len(space), bool)
    reached[breadth_first_order(rates, start, return_predecessors=False)] = True
    hopeful = _leading_to(rates, reached & (hit | (cut > 0)))
    before = np.flatnonzero(reached & hopeful & ~hit)
    inside = sparse.csr_array(rates[before])
    to_target, to_trap = _into(inside, hit), _into(inside, reached & ~hopeful)
    if not hopeful[start]:
        none = np.zeros(0)
        return _Followed(space, np.zeros(0, np.int64), sparse.csr_array((0, 0)), none, none, none, False, np.inf, 0.0,
                         1.0, 0.0)
    among, over = sparse.csr_array(inside[:, before]), cut[before]
    chain, here = Chain(among, to_target + to_trap + over), int(np.searchsorted(before, start))
    leaving = (to_target, to_trap, over)
    with np.errstate(over="ignore", divide="ignore"):
        mean = float(chain.expectations(np.ones(len(before)))[here])
        # One way out is taken for sure, also where its rate is smaller than any float.
        ends = [float(rate.any()) for rate in leaving]
        if sum(ends) > 1:
            ends = [float(chain.expectations(rate)[here]) for rate in leaving]
    if abs(sum(ends) - 1) > CONSERVED:
        raise StateSpaceError("the rates of this network span so many powers of ten that the probabilities of its ends "
                              f"add up to {sum(ends):g}; narrow the bounds.")
    probability, trapped, lost = (min(1.0, x) for x in ends)
    return _Followed(space, before, among, to_target, to_trap, over, bool((hit & reached).any()), mean, probability,
                     trapped, lost)


def _into(rates: sparse.csr_array, members: NDArray[np.bool_]) -> Floats:
    return np.asarray(rates @ members.astype(float), float)


def _leading_to(rates: sparse.csr_array, ends: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """States from which one of the ends can be reached, the ends among them: a search backward from one common root."""
    size = len(ends)
    backward = sparse.block_array([[rates.T, None], [sparse.csr_array(ends[None].astype(float)),
                                                     sparse.csr_array((1, 1))]], format="csr")
    found = np.zeros(size + 1, bool)
    found[breadth_first_order(backward, size, return_predecessors=False)] = True
    return found[:size]


def _follow_enough(net: ReactionNetwork, goal: _Target, bounds: Bounds, tol: float) -> _Followed:
    if bounds is not None:
        return _follow(net, goal, enumerate_states(net, bounds=bounds))
    if structure(net).bounded:
        return _follow(net, goal, enumerate_states(net, max_states=MAX_STATES))
    upper, found, still = np.maximum(2 * net.initial, 15), None, 0
    while True:
        box = dict(zip(net.species, upper.tolist(), strict=True))
        try:
            space = enumerate_states(net, bounds=box, max_states=MAX_NARROW)
        except StateSpaceError:
            if found is None:
                raise
            return found
        if found is not None and len(space) > MAX_WIDE and not Chain(jumps(net, space)[0]).by_bands:
            return found
        now = _follow(net, goal, space)
        if not now.cut.any():
            return now
        if found is not None and found.hits:
            settled = now.mean == found.mean or abs(now.mean - found.mean) <= SETTLED * now.mean
            still = still + 1 if abs(now.probability - found.probability) <= tol / 10 else 0
            if (now.lost <= tol and settled) or still == STILL:
                return now
        # Only where states before the target press against the edge: what lies behind it need not grow.
        edge = space.states[now.before[now.cut > 0]] + net.stoichiometry.max(axis=1, initial=0)
        upper, found = np.where((edge > upper).any(axis=0), 2 * upper + 1, upper), now
