"""What holds after a long time: the stationary law, the quasi-stationary one, and how fast they are approached."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.linalg
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.sparse.linalg import ArpackError, eigs

from .arguments import share
from .chain import Chain, Floats, jumps
from .errors import StateSpaceError
from .master_equation import Distribution
from .network import ReactionNetwork, as_network
from .state_space import MAX_STATES, Bounds, StateSpace, enumerate_states
from .structure import classes_of, structure

# States up to which an infinite network is followed: with narrow bands, and otherwise.
MAX_NARROW, MAX_WIDE = 300_000, 60_000
# States up to which all eigenvalues are computed; against the fastest rate, a gap below RESOLVED is rounding.
MAX_DENSE, RESOLVED = 1200, 1e-11
MAX_ROUNDS, CONVERGED = 5000, 1e-14


class StationaryError(RuntimeError):
    """There is no single stationary law to give.

    reason : 'not unique', 'none', 'degenerate', or 'not resolved' where rounding hides the answer
    classes : the states (K, S) of each closed class, where there are several
    law : the law where it is degenerate: all probability in one state
    """

    def __init__(self, message: str, reason: str, classes: tuple[NDArray[np.int64], ...] = (),
                 law: Distribution | None = None):
        super().__init__(message)
        self.reason, self.classes, self.law = reason, classes, law


@dataclass(frozen=True)
class QuasiStationary:
    """The law that lasts while the network has not been absorbed, and the rate at which it is.

    distribution : P(n | not absorbed) after a long time, at t = inf; zero on absorbing states
    decay_rate : probability of being absorbed per unit time; the mean time until then, from this law, is its inverse
    """

    distribution: Distribution
    decay_rate: float


def stationary(net: ReactionNetwork, *, bounds: Bounds = None, tol: float = 1e-10) -> Distribution:
    """The law P(n) that no longer changes, on the states reached from ``net.initial``, as a Distribution at t = inf.

    Parameters
    ----------
    bounds : largest counts kept; reactions that would lead beyond are left out, so that P sums to one on the states
        kept. None keeps all states where they are finitely many, and otherwise doubles a box until no more than
        ``tol`` lies on its edge and doubling it once more moves no more than ``tol`` of the probability.
    tol : see ``bounds``.

    Returns
    -------
    A Distribution of one time. ``lost`` is 0 where all states are kept. Otherwise it is the probability of the edge,
    the states from which a reaction would lead beyond those kept. That is an estimate and no bound: what lies beyond
    is less where the law at least halves with every step outward; nobody has looked there.

    Raises
    ------
    StationaryError : two or more closed classes (not unique), one absorbing state that takes everything (degenerate),
        a law that runs to the edge of every box (none), or that needs more states than are followed (not resolved).
        The last two are decided by following the network through up to 300 000 states, and not proved.

    Notes
    -----
    Elimination without a subtraction, each entry right to about 5e-12 of itself over all decades that a float holds:
    W. K. Grassmann, M. I. Taksar, D. P. Heyman, Oper. Res. 33 (1985) 1107, doi:10.1287/opre.33.5.1107. Where the band
    of the states is too wide for it: sparse LU with one state fixed, refined; right to rounding of the largest entry.
    """
    return _in_enough_states(net, bounds, tol, _law)


def quasi_stationary(net: ReactionNetwork, *, bounds: Bounds = None, tol: float = 1e-10) -> QuasiStationary:
    """The law of a network that has not been absorbed for a long time, such as an epidemic that goes on.

    The dominant eigenvector of the generator among the states outside every closed class, from ``net.initial``;
    ``bounds``, ``tol`` and ``lost`` as in `stationary`.

    Raises
    ------
    StationaryError : nothing is absorbed (none), or the two slowest rates coincide (not unique).

    Notes
    -----
    Inverse iteration whose solver adds positive numbers only, so that even a decay rate of 1e-80 keeps its digits:
    A. S. Alfa, J. Xue, Q. Ye, Math. Comp. 71 (2002) 217, doi:10.1090/S0025-5718-01-01325-4.
    """
    law = _in_enough_states(net, bounds, tol, _lasting_law)
    rates, _ = jumps(net, StateSpace(net.species, law.states))
    inside, into = _transient(rates)
    return QuasiStationary(law, float(law.p[0, inside] @ into))


def relaxation_time(net: ReactionNetwork, *, bounds: Bounds = None, tol: float = 1e-10) -> float:
    """The time 1 / gap in which the slowest difference from the stationary law shrinks by a factor e.

    The gap is the smallest decay rate (minus real part) among the eigenvalues of the generator other than 0; beyond
    1200 states that are no birth-death chain, among the six eigenvalues nearest to 0. 0 where there is one state only.

    Raises
    ------
    StationaryError : there is no stationary law to approach (see `stationary`; the decay rate of `quasi_stationary`
        is the slowest rate of an absorbed network), or the gap is lost in rounding (not resolved).
    """
    law = stationary(net, bounds=bounds, tol=tol)
    rates, _ = jumps(net, StateSpace(net.species, law.states))
    label, closed = classes_of(rates)
    members = np.flatnonzero(closed[label])
    rates = rates[members][:, members]
    if len(members) == 1:
        return 0.0
    steps = rates.tocoo()
    if np.abs(steps.row - steps.col).max() == 1:
        return 1.0 / _birth_death_gap(rates.diagonal(1), rates.diagonal(-1))
    a = sparse.csc_array(rates.T - sparse.diags_array(np.asarray(rates.sum(axis=1)).ravel()))
    fastest = float(-a.diagonal().min())
    decay = np.sort(_eigenvalues(a, fastest))[1:]
    if decay[0] < RESOLVED * fastest:
        raise StationaryError(f"the slowest rate is below {RESOLVED * fastest:.1e}, where rounding hides it: the "
                              f"fastest is {fastest:.1e}. Use first_passage between the states of interest.",
                              "not resolved")
    return 1.0 / float(decay[0])


def _eigenvalues(a: sparse.csc_array, fastest: float) -> Floats:
    """Decay rates of all modes, or of those nearest to zero."""
    size = a.indptr.size - 1
    if size <= MAX_DENSE:
        return -np.real(scipy.linalg.eigvals(a.toarray()))
    try:
        return -np.real(np.asarray(eigs(sparse.csc_matrix(a), k=6, sigma=1e-6 * fastest, v0=np.ones(size),
                                        return_eigenvectors=False)))
    except (ArpackError, RuntimeError):
        raise StationaryError(f"the eigenvalues of these {size} states were not found; narrow the bounds.",
                              "not resolved") from None


def _birth_death_gap(up: Floats, down: Floats) -> float:
    """Gap of a chain of neighbours: the decay rate of its dual, which walks on the edges and leaves at both ends."""
    leave = np.zeros(up.size)
    leave[0] += up[0]
    leave[-1] += down[-1]
    edge = np.arange(up.size - 1)
    dual = sparse.csr_array((np.concatenate([up[1:], down[:-1]]),
                             (np.concatenate([edge + 1, edge]), np.concatenate([edge, edge + 1]))),
                            shape=(up.size, up.size))
    p = _lasting(Chain(dual, leave), np.ones(up.size))
    return float(p @ leave)


def _in_enough_states(net: ReactionNetwork, bounds: Bounds, tol: float,
                      law: Callable[[ReactionNetwork, StateSpace], Distribution]) -> Distribution:
    as_network(net)
    tol = share("tol", tol)
    if bounds is not None:
        found = law(net, enumerate_states(net, bounds=bounds))
        if found.lost[0] > 0.999:
            raise StationaryError(f"all probability sits on the edge of the {len(found.states)} states kept: within "
                                  "these bounds nothing holds the counts back. Raise the bounds; if that does not "
                                  "help, there is no stationary law.", "none")
        return found
    try:
        limit = MAX_STATES if structure(net).bounded else MAX_NARROW
        space = enumerate_states(net, max_states=limit)
    except StateSpaceError:
        if limit == MAX_STATES:
            raise
        return _growing(net, tol, law)
    return law(net, space)


def _growing(net: ReactionNetwork, tol: float,
             law: Callable[[ReactionNetwork, StateSpace], Distribution]) -> Distribution:
    """Double the box where the law reaches its edge; accept it when one more doubling has moved almost nothing."""
    upper, before = np.maximum(2 * net.initial, 15), None
    while True:
        box = dict(zip(net.species, upper.tolist(), strict=True))
        try:
            space = enumerate_states(net, bounds=box, max_states=MAX_NARROW)
        except StateSpaceError:
            space = None
        if space is None or (len(space) > MAX_WIDE and not Chain(jumps(net, space)[0]).by_bands):
            raise _not_found(box, before)
        found = law(net, space)
        if before is not None and max(before.lost[0], found.lost[0], _moved(before, found, space)) <= tol:
            return found
        # Steps of two may never stand on the edge itself: what counts is that a reaction leads beyond.
        reach = net.stoichiometry.max(axis=1, initial=0)
        grow = (space.states + reach > upper).any(axis=0)
        if found.lost[0] > tol:
            # Only where the probability presses against the edge, so that other species stay small.
            pressed = np.array([found.p[0, space.states[:, s] + reach[s] > upper[s]].sum() for s in range(upper.size)])
            grow &= pressed > tol / (2 * upper.size)
        upper, before = np.where(grow, 2 * upper + 1, upper), found


def _not_found(box: dict[str, int], last: Distribution | None) -> StationaryError:
    seen = "" if last is None else f"; the edge of {len(last.states)} states still holds {last.lost[0]:.1e} of the " \
                                   "probability"
    if last is not None and last.lost[0] < 1e-3:
        return StationaryError(f"the stationary law needs more states than are followed without bounds{seen}. Raise "
                               f"tol, or give bounds up to which to keep it, such as bounds={box}.", "not resolved")
    return StationaryError(f"no stationary law was found up to {box}{seen}. The counts may grow for ever (more "
                           "produced than consumed), or the law may be too wide: give bounds to see it cut off there.",
                           "none")


def _moved(before: Distribution, after: Distribution, space: StateSpace) -> float:
    """Total variation distance between the laws on two boxes, one inside the other."""
    inside = np.array([space.index(n) for n in before.states])
    difference = after.p[0].copy()
    difference[inside] -= before.p[0]
    return 0.5 * float(np.abs(difference).sum())


def _law(net: ReactionNetwork, space: StateSpace) -> Distribution:
    """The stationary law on a state space, whose edge reflects."""
    rates, cut = jumps(net, space)
    label, closed = classes_of(rates)
    ends = np.flatnonzero(closed)
    if len(ends) > 1:
        raise _not_unique(space, label, ends)
    members = np.flatnonzero(label == ends[0])
    p = np.zeros(len(space))
    p[members] = Chain(rates[members][:, members]).law()
    found = _distribution(space, p, cut)
    if len(members) == 1 and len(space) > 1 and not cut[members[0]]:
        raise StationaryError(f"the state {_named(space, members[0])} is absorbing and no other state lasts, so the "
                              "stationary law has all probability there. The law that holds until then is "
                              "quasi_stationary(net).", "degenerate", law=found)
    return found


def _lasting_law(net: ReactionNetwork, space: StateSpace) -> Distribution:
    """The quasi-stationary law on a state space, whose edge reflects."""
    rates, cut = jumps(net, space)
    inside, into = _transient(rates)
    if not len(inside):
        raise StationaryError("from every state that is reached all others can be reached again, so nothing is "
                              "absorbed; use stationary(net).", "none")
    start = (space.states[inside] == net.initial).all(axis=1).astype(float)
    if not start.any():
        raise StationaryError("it starts in a state that it never leaves for good, so nothing is absorbed; use "
                              "stationary(net), or start elsewhere.", "none")
    p = np.zeros(len(space))
    p[inside] = _lasting(Chain(rates[inside][:, inside], into), start)
    return _distribution(space, p, cut)


def _transient(rates: sparse.csr_array) -> tuple[NDArray[np.int64], Floats]:
    """(states outside every closed class, their rate into the closed ones)."""
    label, closed = classes_of(rates)
    inside = np.flatnonzero(~closed[label])
    into = rates[inside][:, np.flatnonzero(closed[label])].sum(axis=1)
    return inside, np.asarray(into, float).ravel()


def _lasting(chain: Chain, start: Floats) -> Floats:
    """The slowest mode of a chain that is left in the end: occupation times of occupation times, summing to one."""
    p = start / start.sum()
    for _ in range(MAX_ROUNDS):
        time = chain.occupation(p)
        time /= time.sum()
        if np.abs(time - p).sum() <= CONVERGED * 10:
            return time
        p = time
    raise StationaryError("the two slowest rates of this network coincide, or nearly, so that no single law lasts.",
                          "not unique")


def _distribution(space: StateSpace, p: Floats, cut: Floats) -> Distribution:
    lost = float(p[cut > 0].sum())
    return Distribution(space.species, np.array([np.inf]), space.states, p[None], np.array([lost]))


def _not_unique(space: StateSpace, label: NDArray[np.int64], ends: NDArray[np.int64]) -> StationaryError:
    classes = [np.flatnonzero(label == k) for k in ends]
    listed = "; ".join(f"{_named(space, c[0])} ({len(c)} state{'s' if len(c) > 1 else ''})" for c in classes[:5])
    more = f"; and {len(classes) - 5} more" if len(classes) > 5 else ""
    return StationaryError(f"the stationary law is not unique: {len(classes)} classes of states are never left "
                           f"again, with {listed}{more}. Start inside one of them with net.with_initial(...), or see "
                           "where the probability goes with solve(net, times).", "not unique",
                           tuple(space.states[c] for c in classes))


def _named(space: StateSpace, i: int) -> str:
    return ", ".join(f"{s} = {n}" for s, n in zip(space.species, space.states[i].tolist(), strict=True))
