"""One network through every method on the same grid: distances to the exact law, and where each method holds."""
from __future__ import annotations

import csv
import html
import io
import textwrap
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from .arguments import as_times, positive, share, species_index, whole
from .chunks import progress_bar
from .errors import NetworkError
from .langevin import BOUNDARIES
from .methods import METHODS, Case, Method, run
from .network import ReactionNetwork, as_network
from .outcomes import Floats, Outcome, distances_between
from .state_space import Bounds, enumerate_states
from .verdicts import Yardstick, judge

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Seeds above this leave no room for the streams of the single methods.
LARGEST_SEED = 2**62
WIDTH = 110  # of the text that a comparison is shown as
COLUMNS: tuple[str, ...] = ("time", "species", "method", "mean", "var", "mean_error", "var_error", "tv", "w1")


@dataclass(frozen=True, repr=False)
class Comparison:
    """What every method says about one network, and how far it is from the yardstick.

    times : (T,) float64
    outcomes : one `Outcome` for each method, in the order asked for
    yardstick : 'cme', 'ssa' where the master equation is out of reach, or '' where neither could be computed
    note : the yardstick in one sentence, with its own error
    """

    net: ReactionNetwork
    times: Floats
    outcomes: tuple[Outcome, ...]
    yardstick: str
    note: str

    @property
    def methods(self) -> tuple[str, ...]:
        """Names of the methods."""
        return tuple(out.method for out in self.outcomes)

    def of(self, method: str) -> Outcome:
        """The outcome of one method."""
        for out in self.outcomes:
            if out.method == method:
                return out
        raise NetworkError(f"there is no method {method!r} here; there are {', '.join(map(repr, self.methods))}.")

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row for each method, time and species, as far as the method reached; None where it has no such number.

        Keys: time, species, method, mean, var, then the distances from the yardstick: mean_error, var_error, tv, w1.
        """
        for out in self.outcomes:
            d = out.distances
            for t, time in enumerate(out.times.tolist()):
                for s, name in enumerate(self.net.species):
                    columns = (out.mean, out.var, d.mean, d.var, d.tv, d.w1)
                    numbers = (float(x[t, s]) if t < len(x) else None for x in columns)
                    yield dict(zip(COLUMNS, (time, name, out.method, *numbers), strict=True))

    def to_csv(self) -> str:
        """The rows as CSV text with a header; an empty field where a method has no such number."""
        text = io.StringIO()
        table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(self.rows())
        return text.getvalue()

    def plot(self, axes: Axes | None = None, *, species: str | None = None, methods: Sequence[str] | None = None,
             at: float | None = None) -> Axes:
        """Draw one species: mean and standard deviation of each method in time, or with ``at`` its laws at that time.

        axes : where to draw; None makes a new figure. species : None takes the first. methods : None draws all.
        """
        from .plots import draw_bands, draw_laws

        if axes is None:
            from matplotlib.figure import Figure

            axes = Figure(figsize=(7, 4), layout="constrained").subplots()
        name = species if species is not None else next(iter(self.net.species), "")
        species_index(self.net.species, name)
        chosen = self.outcomes if methods is None else tuple(map(self.of, methods))
        if at is None:
            return draw_bands(axes, self.net, chosen, name)
        row = np.flatnonzero(self.times == at)
        if not row.size:
            raise NetworkError(f"at={at!r}; it must be one of the times compared, of which the nearest is "
                               f"{self.times[np.abs(self.times - at).argmin()]:g}.")
        return draw_laws(axes, chosen, name, int(row[0]))

    def _table(self) -> list[tuple[str, ...]]:
        head = ("method", "valid", "mean off by", "variance off by", "TV", "W1")
        return [head, *(_summary(out) for out in self.outcomes if out.ran)]

    def _not_run(self) -> dict[str, list[str]]:
        reasons: dict[str, list[str]] = {}
        for out in self.outcomes:
            if not out.ran:
                reasons.setdefault(out.why, []).append(out.method)
        return reasons

    def __repr__(self) -> str:
        table = self._table()
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in table]
        said = [f"{out.method}: {out.verdict}" for out in self.outcomes if out.ran and out.valid is False]
        said += [f"{', '.join(names)}: not run. {why}" for why, names in self._not_run().items()]
        head = f"Comparison at {self.times.size} times until t = {self.times[-1]:g}. {self.note}"
        return "\n".join([textwrap.fill(head, WIDTH), *lines, *(textwrap.fill(x, WIDTH, subsequent_indent="  ")
                                                               for x in said)])

    def _repr_html_(self) -> str:
        head, *body = self._table()
        verdicts = {out.method: out.verdict for out in self.outcomes}
        top = "".join(f"<th style='text-align:left'>{html.escape(cell)}</th>" for cell in (*head, "why"))
        rows = "".join("<tr>" + "".join(f"<td style='text-align:left'>{html.escape(cell)}</td>" for cell in (
            *row, verdicts[row[0]])) + "</tr>" for row in body)
        rest = "".join(f"<p>{html.escape(', '.join(names))}: not run. {html.escape(why)}</p>"
                       for why, names in self._not_run().items())
        return f"<p>{html.escape(self.note)}</p><table><tr>{top}</tr>{rows}</table>{rest}"


def _summary(out: Outcome) -> tuple[str, ...]:
    """One row of the table: the largest distances over times and species."""
    d = out.distances
    said = {True: "yes", False: "no", None: "-"}[out.valid]
    return (out.method, said, *(f"{float(x.flat[np.abs(x).argmax()]):.3g}" if x.size else "-"
                                for x in (d.mean, d.var, d.tv, d.w1)))


def compare(net: ReactionNetwork, times: ArrayLike, methods: Sequence[str] | None = None, *, paths: int = 2000,
            seed: int = 1, within: float = 0.05, boundary: str = "reflect", dt: float | None = None,
            tolerance: float = 0.03, stages: int = 20, bounds: Bounds = None, tol: float = 1e-10,
            max_states: int = 100_000, executor: Executor | None = None, progress: bool | None = None) -> Comparison:
    """Send one network through every method and measure each against the Chemical Master Equation.

    Parameters
    ----------
    net : the network; its ``initial`` is the state at t = 0.
    times : increasing times >= 0, in 1/rate; a single number is one time.
    methods : names from 'cme', 'ssa', 'tau', 'cle', 'lna', 'ode', the closures ('mean field', 'zero', 'normal',
        'poisson', 'log-normal', 'gamma', 'derivative matching', 'conditional') and, for delays, 'chain' and 'chain
        lna'. None takes all that are meant for this network. The yardstick is computed in any case.
    paths, seed : for everything that is sampled; each method has streams of its own.
    within : a method is valid where at all times, for every species, its mean is within this share of the root mean
        square count, its variance within this share of the variance (of at least 0.01), and the total variation of
        its law at most this. Where paths are sampled, four standard errors of means and variances are forgiven, and of
        the total variation what exact paths would show on average and 2/sqrt(paths) more, which they pass with a
        probability below exp(-8), by C. McDiarmid, Surveys in Combinatorics (1989) 148,
        doi:10.1017/CBO9781107359949.008. A method without a variance or a law is judged by what it has.
    boundary, dt : of 'cle'; dt None takes 2 % of the shortest time in which a count changes. tolerance : of 'tau'.
    stages : of the chains. bounds, tol, max_states : of the master equation.
    executor, progress : as in `simulate`.

    Returns
    -------
    A Comparison. A method that cannot run is in it with the sentence why, and never stops the others. Where the
    master equation is out of reach, exact paths are the yardstick, with their standard errors.

    Raises
    ------
    NetworkError : options that cannot be used. After Ctrl-C the KeyboardInterrupt has ``partial``, a Comparison of
        the methods finished by then.

    Notes
    -----
    Distances compare the laws of single counts, not of whole states. Total variation is half the sum of |P - Q|; W1
    is the sum of the differences of the distribution functions, in molecules: A. L. Gibbs, F. E. Su, Int. Stat. Rev.
    70 (2002) 419, doi:10.1111/j.1751-5823.2002.tb00178.x. A continuous law, of 'cle' or 'lna', is put on whole numbers
    by rounding to the nearest, n taking [n - 1/2, n + 1/2); what lies below -1/2 stays on negative numbers, where it
    counts in full, and is given by `Marginal.below`. Where the master equation has lost probability, its own error
    adds at most half of that to a total variation.
    """
    case = Case(as_network(net), as_times(times), whole("paths", paths, 2), whole("seed", seed, 0, LARGEST_SEED),
                boundary, dt, tolerance, whole("stages", stages, 1, 10_000), bounds, tol,
                whole("max_states", max_states, 1), executor, progress)
    chosen = _chosen(net, methods)
    _check(case, within)
    outcomes: dict[str, Outcome] = {}
    with progress_bar(len(chosen), "method", progress) as bar:
        try:
            for method in _in_order(chosen, outcomes, within):
                bar.set_description(method.name, refresh=False)
                outcomes[method.name] = run(method, case)
                bar.update()
        except KeyboardInterrupt as stop:
            done = tuple(m for m in chosen if m.name in outcomes)
            stop.partial = _judged(case, done, outcomes, within)  # pyright: ignore[reportAttributeAccessIssue]
            raise
    return _judged(case, chosen, outcomes, within)


def _in_order(chosen: tuple[Method, ...], outcomes: dict[str, Outcome], within: float) -> Iterator[Method]:
    """The yardstick first, then the rest; exact paths also where nobody asked and the master equation has failed."""
    cme, ssa = METHODS[:2]
    yield cme
    if ssa in chosen or not _measures(outcomes[cme.name], within):
        yield ssa
    yield from (m for m in chosen if m not in (cme, ssa))


def _measures(out: Outcome, within: float) -> bool:
    """True where a method can be the yardstick: a master equation that has lost too much of the law cannot."""
    return out.ran and (out.method != "cme" or float(out.result.lost.max()) <= within)


def _judged(case: Case, chosen: tuple[Method, ...], outcomes: dict[str, Outcome], within: float) -> Comparison:
    name = next((n for n in ("cme", "ssa") if n in outcomes and _measures(outcomes[n], within)), "")
    yard = Yardstick(case, outcomes[name]) if name else None
    measured = []
    for method in chosen:
        out = outcomes[method.name]
        if yard is not None:
            out = replace(out, distances=distances_between(out, yard.out, case.net.species))
        measured.append(judge(case, out, yard, within))
    return Comparison(case.net, case.grid, tuple(measured), name, _note(case, outcomes, name))


def _note(case: Case, outcomes: dict[str, Outcome], name: str) -> str:
    if name == "cme":
        law = outcomes["cme"].result
        return (f"Measured against the exact master equation, {len(law.states)} states, probability lost at most "
                f"{max(float(law.lost.max()), 1e-13):.1e}.")
    why = "it was interrupted."
    if "cme" in outcomes:
        cme = outcomes["cme"]
        why = cme.why or f"within the bounds given it loses {cme.result.lost.max():.2g} of the probability."
    if name == "ssa":
        largest = float(outcomes["ssa"].mean_error.max(initial=0.0))
        return (f"Measured against {case.paths} exact paths, whose means have standard errors up to {largest:.2g}, "
                f"because the master equation is out of reach: {why}")
    return f"Nothing to measure by: neither the master equation nor exact paths could be computed. {why}"


def _chosen(net: ReactionNetwork, methods: Sequence[str] | None) -> tuple[Method, ...]:
    if methods is None:
        return tuple(m for m in METHODS if not m.delayed or net.has_delays)
    known = {m.name: m for m in METHODS}
    if isinstance(methods, str) or not isinstance(methods, Sequence):
        raise NetworkError(f"methods={methods!r}; give a list of names, such as ['cme', 'ssa', 'ode'].")
    for name in methods:
        if not isinstance(name, str) or name not in known:
            raise NetworkError(f"methods has {name!r}; it may have {', '.join(map(repr, known))}.")
    if not methods:
        raise NetworkError(f"methods={methods!r} is empty; it may have {', '.join(map(repr, known))}.")
    return tuple(known[name] for name in dict.fromkeys(methods))


def _check(case: Case, within: float) -> None:
    """What no method may have to refuse, so that a mistyped option never ends as a row of the table."""
    for name, value in (("within", within), ("tolerance", case.tolerance), ("tol", case.tol)):
        share(name, value)
    if case.boundary not in BOUNDARIES:
        raise NetworkError(f"boundary={case.boundary!r}; it must be one of {', '.join(map(repr, BOUNDARIES))}.")
    if case.dt is not None:
        positive("dt", case.dt, "in 1/rate, or None")
    if case.executor is not None and not callable(getattr(case.executor, "submit", None)):
        raise NetworkError(f"executor={case.executor!r}; it must be None or an executor of concurrent.futures, such as "
                           "ThreadPoolExecutor(2).")
    # Bounds are looked at on the species alone: without reactions there is one state.
    enumerate_states(replace(case.net, written=()), bounds=case.bounds)
