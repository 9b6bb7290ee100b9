"""The master equation on a box of states that moves with the probability and leaves out next to nothing."""
from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .chunks import progress_bar
from .compiled import compile_network
from .errors import StateSpaceError
from .kernels.stencil import BROKEN, INSIDE, fill_rates, stencil_powers
from .lattice import Lattice
from .memory import available_memory, size_text
from .network import ReactionNetwork
from .state_space import invalid_propensity
from .uniformisation import jumps_of_a_step, no_more, poisson_weights

Floats, Ints = NDArray[np.float64], NDArray[np.int64]

# Share of ``tol`` that the edges of the window may take; the rest is room for rounding and for the user's bounds.
TRIMMED = 1e-3
# Loss of a step that may be rounding alone; less than that is never budgeted.
ROUNDING, LEAST = 1e-13, 1e-15
# Terms of a product up to which a step is as long as it can be; beyond, wide margins cost more than short steps.
NARROW, WIDE_JUMPS = 1e4, 64
# Bytes of a window from which it is asked how much memory there is.
LARGE = 1e7
# Refuse what would need more terms than this on the window there is: about a minute where nobody gave bounds, and
# hours, or a rate that is not finite, where the user did.
MAX_WORK, HOPELESS = 1e11, 1e13
# A window is kept while it is at most so much larger than needed.
ROOMY = 1.3


@dataclass(frozen=True)
class Limits:
    """How much a solution may take: probability cut off, states at once, terms still to be added."""

    tol: float
    max_states: float = math.inf
    max_work: float = HOPELESS


def transient(net: ReactionNetwork, lattice: Lattice, times: Floats, limits: Limits,
              progress: bool | None) -> Iterator[tuple[Ints, Floats]]:
    """P at each time as (lowest z (D,), P on a box of cells (n_1, ..., n_D)); zero outside the box.

    What leaves the lattice's ``upper`` is taken out. What the moving edges cut off is limited by ``limits.tol``.
    """
    follower = _Follower(net, lattice, float(times[-1]), limits)
    with progress_bar(100, "%", progress) as bar:
        for t in times:
            while follower.now < t:
                follower.advance(float(t))
                bar.update(int(100 * follower.now / times[-1]) - bar.n)
            yield follower.low, follower.p


@dataclass(frozen=True)
class Window:
    """A box of cells with the rates at each of them.

    low, shape : (D,); rates : (M, N) of the moving reactions, 1/time; kind : (N,) inside the bounds or not
    fastest : the largest total rate; source : (rows, M) and shift : (M,), where reactions lead from (`stencil_powers`)
    """

    low: Ints
    shape: Ints
    rates: Floats
    kind: NDArray[np.int8]
    fastest: float
    source: Ints
    shift: Ints

    @classmethod
    def open(cls, net: ReactionNetwork, lattice: Lattice, low: Ints, shape: Ints) -> Window:
        """The box of this shape whose lowest cell is ``low``."""
        compiled, cells = compile_network(net), int(np.prod(shape))
        rates, kind = np.empty((len(lattice.moving), cells)), np.empty(cells, np.int8)
        fastest = fill_rates(compiled, lattice.moving, lattice.origin, lattice.basis, low, shape, lattice.upper,
                             np.zeros(compiled.stack_size), np.zeros(len(net.reactions)), rates, kind)
        return cls(low, shape, rates, kind, fastest, _sources(shape[:-1], lattice.shifts[:, :-1]),
                   np.ascontiguousarray(lattice.shifts[:, -1]))

    def powers(self, p: Floats, mean: int, scale: float) -> Floats:
        """The law after ``mean`` expected jumps, each of which takes the time ``scale``."""
        start, scratch = p.ravel().copy(), np.empty((3, p.size))
        stencil_powers(self.rates, scale, self.source, self.shift, int(self.shape[-1]), poisson_weights(mean), start,
                       *scratch)
        return scratch[2].reshape(p.shape)


class _Follower:
    """P(n, t) at the time reached so far, on the box that holds all but a negligible part of it."""

    def __init__(self, net: ReactionNetwork, lattice: Lattice, end: float, limits: Limits):
        self.net, self.lattice, self.end, self.limits = net, lattice, end, limits
        self.low, self.p, self.now = np.zeros(len(lattice.low), np.int64), np.ones((1,) * len(lattice.low)), 0.0
        self.left = TRIMMED * limits.tol
        # Cells that one reaction can cross, (D, 2) for either side; the least margin; the margin of the next step.
        ends = lattice.shifts.min(axis=0, initial=0), lattice.shifts.max(axis=0, initial=0)
        self.reach = np.maximum(1, np.stack([-ends[0], ends[1]], axis=1))
        self.least = 6 * self.reach
        self.margin = self.least.copy()
        self.window: Window | None = None

    def advance(self, t: float) -> None:
        """One step towards t, or a wider window where too much would be lost."""
        window = self._window()
        start = np.zeros(window.shape)
        start[self._inside(window)] = self.p
        self._refuse_broken(window, start)
        if not (window.rates * start.ravel()).any():
            self.now = t
            return
        terms = window.rates.size + window.kind.size
        mean = jumps_of_a_step(terms) if terms < NARROW else min(WIDE_JUMPS, jumps_of_a_step(terms))
        step = min(t - self.now, mean / window.fastest)
        mean = max(1, min(mean, math.ceil(window.fastest * step)))
        law = window.powers(start, mean, step / mean)
        allowed = max(LEAST, self.left * step / (self.end - self.now) / 2)
        held, holds = float(start.sum()), float(law.sum())
        law *= no_more(held, holds)
        gone = held - holds
        if gone > allowed and self._widen(window, law, gone, allowed):
            return
        self.now = t if step == t - self.now else self.now + step
        self.left -= max(0.0, gone)
        self._keep(window, law, allowed / 2)

    def _window(self) -> Window:
        """The window in use where it fits, else a new one with the margins now wanted."""
        low = np.maximum(self.low - self.margin[:, 0], np.minimum(self.low, self.lattice.outer_low))
        top = self.low + self.p.shape
        high = np.minimum(top + self.margin[:, 1], np.maximum(top, self.lattice.outer_high + 1))
        now = self.window
        if now is not None and (now.low <= low).all() and (high <= now.low + now.shape).all() \
                and now.kind.size <= ROOMY * float(np.prod((high - low).astype(float))):
            return now
        self.window = None
        self.window = self._open(low, high - low)
        return self.window

    def _open(self, low: Ints, shape: Ints) -> Window:
        lattice, cells = self.lattice, float(np.prod(shape.astype(float)))
        needed = 8 * cells * (len(lattice.moving) + 6)
        free = available_memory() if needed > LARGE else math.inf
        if cells > self.limits.max_states or needed > free:
            raise StateSpaceError(
                f"the probability has spread over {cells:.3g} states by t = {self.now:g} (about {size_text(needed)}); "
                f"allowed are max_states={self.limits.max_states}, and {size_text(available_memory())} are free. The "
                "network may be explosive; give bounds, shorten times, or raise tol or max_states.")
        window = Window.open(self.net, lattice, low, shape)
        terms = 2 * window.fastest * (self.end - self.now) * cells * (len(lattice.moving) + 1)
        if terms > self.limits.max_work:
            raise StateSpaceError(f"{cells:.3g} states until t = {self.end:g} would need {terms:.0e} multiplications, "
                                  "and that may not be the end. The network may be explosive; give bounds, shorten "
                                  "times, or raise tol.")
        return window

    def _inside(self, window: Window) -> tuple[slice, ...]:
        return tuple(slice(a, a + n) for a, n in zip((self.low - window.low).tolist(), self.p.shape, strict=True))

    def _widen(self, window: Window, law: Floats, gone: float, allowed: float) -> bool:
        """Double the margins on the sides where probability has arrived; False where it was rounding, or none can."""
        top = window.low + window.shape
        closed = np.stack([window.low <= self.lattice.outer_low, top > self.lattice.outer_high], axis=1)
        arrived = np.zeros_like(closed)
        for d, side in itertools.product(range(law.ndim), (0, 1)):
            layers = self.reach[d, side]
            edge = np.moveaxis(law, d, 0)
            arrived[d, side] = (edge[-layers:] if side else edge[:layers]).sum() > allowed / 1000
        if not (arrived & ~closed).any() and gone > ROUNDING:
            arrived[:] = True
        arrived &= ~closed
        self.margin[arrived] = 2 * self.margin[arrived] + self.reach[arrived]
        self.least[arrived] += self.reach[arrived]
        return bool(arrived.any())

    def _refuse_broken(self, window: Window, law: Floats) -> None:
        """Raise where there is probability at a cell whose propensities cannot be used."""
        broken = np.flatnonzero((window.kind == BROKEN) & (law.ravel() > 0))
        if broken.size:
            z = window.low + np.stack(np.unravel_index(broken[:1], law.shape), axis=1)
            raise invalid_propensity(self.net, self.lattice.states(z)[0])

    def _keep(self, window: Window, law: Floats, allowed: float) -> None:
        """Take out what has left the bounds, cut off empty edges, and see how far each side has moved."""
        flat = law.ravel()
        self._refuse_broken(window, law)
        flat[window.kind != INSIDE] = 0.0
        box = tuple(_extent(law, d, allowed / (2 * law.ndim)) for d in range(law.ndim))
        kept = law[box].copy()
        self.left -= float(flat.sum() - kept.sum())
        low = window.low + [cut.start for cut in box]
        moved = np.stack([self.low - low, low + kept.shape - self.low - self.p.shape], axis=1)
        self.margin = self.least + np.ceil(1.15 * np.maximum(moved, 0)).astype(np.int64)
        self.low, self.p = low, kept


def _extent(p: Floats, axis: int, allowed: float) -> slice:
    """The layers along an axis without those at either end that together hold no more than allowed."""
    layers = p.sum(axis=tuple(d for d in range(p.ndim) if d != axis))
    first = int(np.searchsorted(np.cumsum(layers), allowed, side="right"))
    last = layers.size - int(np.searchsorted(np.cumsum(layers[::-1]), allowed, side="right"))
    return slice(first, last) if first < last else slice(0, 1)


def _sources(outer: Ints, shifts: Ints) -> Ints:
    """Row that each reaction leads from to each row, -1 outside: (rows, M), from the shape and shifts of the rows."""
    rows = int(np.prod(outer))
    place = np.stack(np.unravel_index(np.arange(rows), tuple(outer)), axis=1) if outer.size else \
        np.zeros((1, 0), np.int64)
    before = place[:, None, :] - shifts[None]
    inside = ((before >= 0) & (before < outer)).all(axis=2)
    strides = np.cumprod(np.concatenate([[1], outer[:0:-1]]))[::-1] if outer.size else np.zeros(0, np.int64)
    return np.ascontiguousarray(np.where(inside, before @ strides, -1), np.int64)
