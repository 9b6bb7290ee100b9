"""How fast the master equation is solved in time, side by side with what scipy offers, and how near to the machine.

Run: python benchmarks/bench_master_equation.py [--limit 60]     (make bench ARGS=benchmarks/bench_master_equation.py)

Ours is the whole of `solve`, states found anew each time; the peers get their matrix ready made, and are asked for
1e-10. Each answer is checked before its time counts. The ways take turns, so that a busy computer is equally busy for
each; a peer that needs longer than three seconds runs once, one that needs longer than the limit is stopped.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import resource
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
import numpy as np
from scipy.integrate import solve_ivp
from scipy.sparse.linalg import expm_multiply

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from cmelab import ReactionNetwork, enumerate_states, generator, models, solve  # noqa: E402
from cmelab.kernels.stencil import stencil_powers  # noqa: E402
from cmelab.lattice import lattice  # noqa: E402
from cmelab.moving_window import Window  # noqa: E402
from cmelab.uniformisation import poisson_weights  # noqa: E402

ROUNDS, SHORT = 5, 3.0
AGREE = 1e-6  # L1 distance of a peer's answer from ours beyond which its time does not count


@dataclass(frozen=True)
class Case:
    """One network, the time it is solved for, and the target: times faster than expm_multiply, or milliseconds."""

    name: str
    net: ReactionNetwork
    t: float
    bounds: Mapping[str, int] | None
    target: str = ""
    method: str = "uniformisation"


def toggle() -> ReactionNetwork:
    """Two species that destroy each other: mass action, from an empty cell."""
    text = "0 -> A ; 60\nA -> 0 ; 1\n0 -> B ; 60\nB -> 0 ; 1\nA + B -> A ; 0.1\nA + B -> B ; 0.1"
    return ReactionNetwork.parse(text)


def cases() -> tuple[Case, ...]:
    """The table of the numerical core."""
    dimer = ReactionNetwork.parse("2A <-> B ; 1e-3, 0.1", initial={"A": 1000})
    chain = ReactionNetwork.parse("0 -> A ; 20\nA -> B ; 1\nB -> C ; 1\nC -> 0 ; 1")
    box = {"A": 59, "B": 59, "C": 59}
    schlogl = models.schlogl()
    return (
        Case("birth-death", models.birth_death(1000, 1), 1.0, {"M": 1400}, "10 times"),
        Case("telegraph", models.telegraph(0.25, 0.15, 150, 1), 10.0, {"M": 500}, "10 times"),
        Case("dimer", dimer, 2.0, None, "10 times"),
        Case("Schlogl", schlogl, 2.0, {"X": 1500}),
        Case("Schlogl, rational", schlogl, 2.0, {"X": 1500}, "3 ms ours", "rational"),
        Case("toggle 200 x 200", toggle(), 1.0, {"A": 199, "B": 199}, "50 times"),
        Case("three species", chain, 1.0, box),
    )


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table with aligned columns."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    print(f"\n{title}")
    for row in (head, ["-" * w for w in widths], *rows):
        print("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip(), flush=True)


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds, which a busy computer stretches little, and what came out."""
    begin = time.process_time()
    result = act()
    return time.process_time() - begin, result


def capped(act: Callable[[], np.ndarray], limit: float) -> tuple[float, np.ndarray] | None:
    """The same in a process of its own, which the system stops after so many processor seconds."""
    receiver, sender = multiprocessing.Pipe(duplex=False)

    def answer() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit)))
        sender.send(timed(act))

    child = multiprocessing.get_context("fork").Process(target=answer)
    child.start()
    sender.close()
    try:
        return receiver.recv()
    except EOFError:  # stopped at the limit, or for lack of memory
        return None
    finally:
        child.join()


def peers(a: Any, start: np.ndarray, t: float) -> dict[str, Callable[[], np.ndarray]]:
    """Other ways to exp(A t) p."""
    by_columns = a.tocsc()
    trace = float(a.diagonal().sum()) * t

    def bdf() -> np.ndarray:
        found = solve_ivp(lambda _, p: a @ p, (0, t), start, method="BDF", jac=by_columns, rtol=1e-10, atol=1e-13,
                          t_eval=[t])
        return found.y[:, -1]

    return {"expm_multiply": lambda: expm_multiply(by_columns * t, start, traceA=trace), "BDF": bdf}


def side_by_side(case: Case, limit: float) -> list[str]:
    """One row: ours and the peers' milliseconds, and how many times faster ours is."""

    def ours() -> np.ndarray:
        return solve(case.net, case.t, bounds=case.bounds, method=case.method, progress=False).p[0]

    first, p = timed(ours)
    space = enumerate_states(case.net, bounds=case.bounds)
    building, a = timed(lambda: generator(case.net, space))
    finding = min(timed(lambda: enumerate_states(case.net, bounds=case.bounds))[0] for _ in range(3))
    start = np.zeros(len(space))
    start[space.index(case.net.initial)] = 1.0
    cells, ways = {}, peers(a, start, case.t)
    repeated = {"ours": ours}
    for name, act in ways.items():
        once = capped(act, limit)
        if once is None:
            cells[name] = [f"over {limit:g} s", ""]
        elif not np.abs(once[1] - p).sum() < AGREE:
            cells[name] = [f"wrong by {np.abs(once[1] - p).sum():.0e}", ""]
        elif once[0] < SHORT:
            repeated[name] = act
        else:
            cells[name] = [f"{once[0] * 1e3:.0f} (once)", once[0]]
    rounds: dict[str, list[float]] = {name: [] for name in repeated}
    for _ in range(ROUNDS):
        for name, act in repeated.items():
            rounds[name].append(timed(act)[0])
    mine = statistics.median(rounds["ours"])
    for name in ways:
        if name in repeated:
            ratio = statistics.median(b / m for m, b in zip(rounds["ours"], rounds[name], strict=True))
            cells[name] = [f"{statistics.median(rounds[name]) * 1e3:.1f}", f"{ratio:.0f}"]
        elif cells[name][1]:
            cells[name][1] = f"{cells[name][1] / mine:.0f}"
        elif cells[name][0].startswith("over"):
            cells[name][1] = f"> {limit / mine:.0f}"
    lost = solve(case.net, case.t, bounds=case.bounds, method=case.method, progress=False).lost[0]
    return [case.name, str(len(space)), f"{mine * 1e3:.2f}", f"{min(rounds['ours']) * 1e3:.2f}", f"{lost:.0e}",
            *cells["expm_multiply"], *cells["BDF"], case.target, f"{finding * 1e3:.1f}", f"{building * 1e3:.1f}",
            f"{first * 1e3:.0f}"]


@numba.njit
def triad(a: np.ndarray, b: np.ndarray, c: np.ndarray, times: int) -> None:
    """The usual measure of memory: two arrays are read, one is written (and fetched before)."""
    for _ in range(times):
        for i in range(a.size):
            c[i] = a[i] + 0.5 * b[i]


def bandwidth(size: float) -> float:
    """Bytes per second that go to and from three arrays of ``size`` bytes together."""
    arrays = np.ones((3, int(size / 24)))
    triad(*arrays, 1)
    times = max(1, int(1e9 / size))
    return 4 / 3 * arrays.nbytes * times / min(timed(lambda: triad(*arrays, times))[0] for _ in range(5))


def product_kernel(name: str, net: ReactionNetwork, sides: tuple[int, ...]) -> list[str]:
    """One row: states per second of the product of the stencil, and the most that memory would allow."""
    box = lattice(net, np.array(sides) - 1)
    window = Window.open(net, box, box.low, box.high - box.low + 1)
    weights, p = poisson_weights(64), np.full(window.kind.size, 1 / window.kind.size)
    scratch = np.empty((3, p.size))

    def powers() -> None:
        stencil_powers(window.rates, 1 / window.fastest, window.source, window.shift, int(window.shape[-1]), weights, p,
                       *scratch)

    powers()
    states = p.size * (weights.size - 1) / min(timed(powers)[0] for _ in range(5))
    # Read: every rate, what stays, p, the total; written: q and the total, q being fetched before.
    each = 8 * (len(box.moving) + 6)
    size = each * p.size
    bound = bandwidth(size) / each
    return [name, str(p.size), f"{states / 1e6:.0f}", f"{size / 1e6:.1f}", f"{bound / 1e6:.0f}",
            f"{bandwidth(4e8) / each / 1e6:.0f}"]


def peak(act: Callable[[], Any]) -> str:
    """Megabytes of arrays that were held at once."""
    tracemalloc.start()
    act()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return f"{most / 1e6:.1f}"


def memory(case: Case) -> list[str]:
    """One row: peak memory of ours and of a single product with the matrix that the peers need."""
    space = enumerate_states(case.net, bounds=case.bounds)
    matrix = peak(lambda: generator(case.net, space))
    whole = peak(lambda: solve(case.net, case.t, bounds=case.bounds, method=case.method, progress=False))
    return [case.name, str(len(space)), whole, matrix]


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=float, default=60.0, help="processor seconds after which a peer is stopped")
    limit = parser.parse_args().limit
    cpu = os.environ.get("NUMBA_CPU_NAME") or llvmlite.binding.get_host_cpu_name()
    print(f"Python {platform.python_version()}, compiled for {cpu}, one thread each; load {os.getloadavg()[0]:.1f}")
    head = ["network", "states", "ours ms", "least", "lost", "expm_multiply ms", "ours faster by", "BDF ms",
            "ours faster by", "target", "once: states ms", "matrix ms", "first call ms"]
    table("exp(A t) p, processor time: medians of interleaved rounds; the first call loads compiled kernels", head,
          [side_by_side(case, limit) for case in cases()])
    chain = cases()[-1].net
    head = ["box", "states", "million states/s", "MB in use", "bound there", "bound from main memory"]
    table("The product kernel on one core, target 150 or the bound", head, [
        product_kernel("birth-death", models.birth_death(1000, 1), (1401,)),
        product_kernel("toggle 200 x 200", toggle(), (200, 200)),
        product_kernel("three species", chain, (60, 60, 60)),
        product_kernel("three species, large", chain, (128, 128, 128))])
    table("Peak memory, MB", ["network", "states", "ours", "the matrix alone, as the peers need it"],
          [memory(case) for case in cases()])


if __name__ == "__main__":
    main()
