"""Exact simulation, side by side with other simulators: 1,000 paths on 101 grid points, in processor seconds.

`pip install -e ".[bench]"` brings the others; what is missing is named, and the rest runs. Each simulator works in a
process of its own, all take turns in every round, and the best round counts. What is paid once (import, compiling, the
first call) stands apart. A simulator's time counts only where its mean is right. Names as arguments choose some.
"""
from __future__ import annotations

import ctypes
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from peers import PEERS
from systems import SYSTEMS, grid, network

from cmelab import exact, simulate, solve, walkers

HERE = Path(__file__).resolve().parent
PATHS, ROUNDS, LONGEST = 1000, 3, 3.0  # who would take longer than that many seconds a round walks fewer paths
Z = 5.0
BY_HAND = ("birth-death", "dimerisation", "50-species chain")  # the networks of direct.c, in its order


class Simulator:
    """One simulator in a process of its own."""

    def __init__(self, peer: str):
        self.title, package, _ = PEERS[peer]
        self.version, self.costs, self.times, self.missing = "", {}, {}, ""
        try:
            self.version = metadata.version(package)
        except metadata.PackageNotFoundError:
            self.missing = f"not installed (pip install {package})"
            return
        environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen([sys.executable, "-W", "ignore", str(HERE / "peers.py"), peer], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        env=environment, cwd=self.folder.name)
        self.costs["import"] = self.hear().get("import")
        if self.costs["import"] is None:
            self.missing = "does not start here"

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"error": "its process ended"}

    def ask(self, system: str, paths: int, seed: int) -> dict[str, Any]:
        assert self.process.stdin is not None
        if self.process.poll() is not None:
            return {"error": "its process ended"}
        self.process.stdin.write(json.dumps({"system": system, "paths": paths, "seed": seed}) + "\n")
        self.process.stdin.flush()
        return self.hear()

    def close(self) -> None:
        if not self.missing:
            assert self.process.stdin is not None
            self.process.stdin.close()
            self.process.wait()
            self.folder.cleanup()


def truth(system: str) -> tuple[float, float]:
    """Mean of the first species at the last time, and its own variance: a law where there is one, else our paths."""
    net, times = network(system), grid(system)
    if system == "birth-death":
        n = np.arange(400)
        return float(n @ exact.birth_death(n, times[-1], 10, 0.1, 0)), 0.0
    if system in ("dimerisation", "Schlogl"):
        law = solve(net, times[-1:], bounds=850 if system == "Schlogl" else None, tol=1e-6, progress=False)
        return float(law.mean()[0, 0]), 0.0
    moments = simulate(net, times[-1:], paths=4000, seed=10**6, record="moments", progress=False)
    return float(moments.mean()[0, 0]), float(moments.var()[0, 0]) / 4000


def timed(simulators: list[Simulator], system: str) -> dict[str, str]:
    """All simulators on one network, in turns; what went wrong with whom."""
    print(f"{system} ...", file=sys.stderr, flush=True)
    trouble, counts = {}, {}
    for s in simulators:
        first = s.ask(system, 1, 0)
        again = {} if "error" in first else s.ask(system, 10, 1)
        if "error" in first | again:
            trouble[s.title] = (first | again)["error"]
            continue
        s.costs.setdefault(system, (first.get("build", 0.0), first["seconds"]))
        counts[s.title] = min(PATHS, max(20, int(LONGEST / (again["seconds"] / 10))))
    seen: dict[str, list[dict[str, Any]]] = {s.title: [] for s in simulators}
    for turn in range(ROUNDS):
        for s in simulators:
            if s.title not in trouble:
                seen[s.title].append(s.ask(system, counts[s.title], 2 + turn))
    mean, own = truth(system)
    for s in simulators:
        if s.title in trouble:
            continue
        answers, n = seen[s.title], counts[s.title] * ROUNDS
        if any("error" in a for a in answers):
            trouble[s.title] = next(a["error"] for a in answers if "error" in a)
            continue
        found, error = np.mean([a["mean"] for a in answers]), np.sqrt(np.mean([a["var"] for a in answers]) / n + own)
        if abs(found - mean) > Z * error + 1e-9:
            off = f"{abs(found - mean) / error:.0f} standard errors"
            trouble[s.title] = f"WRONG: mean {found:.4g}, the truth is {mean:.4g}, {off} away"
            continue
        s.times[system] = min(a["seconds"] for a in answers) * PATHS / counts[s.title]
    return trouble


def table(title: str, head: list[str], rows: list[list[str]]) -> str:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
             for row in (head, ["-" * w for w in widths], *rows)]
    return "\n".join(["", title, *lines])


def side_by_side(simulators: list[Simulator]) -> str:
    """The three tables: what is paid once, times, ratios."""
    trouble = {system: timed(simulators, system) for system in SYSTEMS}
    once = [[s.title, s.version, f"{s.costs['import']:.2f}",
             *(f"{max(c[i] for k, c in s.costs.items() if k != 'import'):.2f}" for i in (0, 1))]
            for s in simulators if len(s.costs) > 1]
    titles = ["network", *(s.title for s in simulators)]
    shown = [[system, *(f"{s.times[system]:.3f}" if system in s.times else "-" for s in simulators)]
             for system in SYSTEMS]
    said = [f"{title} on {system}: {why}" for system, found in trouble.items() for title, why in found.items()]
    return "\n".join([
        table("Paid once, seconds; the dearest of the eight networks",
              ["simulator", "version", "import", "build, compile", "first call"], once),
        table(f"Processor seconds for {PATHS} paths on 101 times, best of {ROUNDS}; slow ones walk fewer, scaled up",
              titles, shown),
        *said, *(ratios(ours, simulators) for ours in simulators[:2])])


def ratios(ours: Simulator, simulators: list[Simulator]) -> str:
    """How many times longer the others take than one of our kernels, and its time for one event."""
    rows = []
    for system in SYSTEMS:
        events = simulate(network(system), grid(system), paths=100, seed=0, progress=False).events.mean()
        rows.append([system, *(f"{s.times[system] / ours.times[system]:.1f}" if system in s.times else "-"
                               for s in simulators[2:]),
                     f"{events:.0f}", f"{ours.times[system] / PATHS / events * 1e9:.1f}"])
    return table(f"Times longer than {ours.title}, one thread; its events", [
        "network", *(s.title for s in simulators[2:]), "events a path", "ns an event"], rows)


def by_hand() -> str:
    """The same paths by C written by hand for one network each, where gcc is; every count is compared."""
    if shutil.which("gcc") is None:
        return "No gcc: nothing to compare with C written by hand."
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        library = str(Path(folder) / "direct.so")
        subprocess.run(["gcc", "-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC", "-o", library,
                        str(HERE / "direct.c")], check=True)
        walk = ctypes.CDLL(library).walk
        walk.restype = ctypes.c_int64
        for i, system in enumerate(BY_HAND):
            net, times = network(system), grid(system)
            start, counts = net.initial.astype(float), np.zeros((PATHS, times.size, len(net.species)), np.int64)
            given = (i, ctypes.c_int64(PATHS), ctypes.c_int64(times.size), *(
                a.ctypes.data_as(ctypes.c_void_p) for a in (times, start)), ctypes.c_uint64(1),
                counts.ctypes.data_as(ctypes.c_void_p))
            best = [np.inf, np.inf]
            for _ in range(ROUNDS):
                begin = time.perf_counter()
                walk(*given)
                between = time.perf_counter()
                last = simulate(net, times, paths=PATHS, seed=1, progress=False)
                best = [min(best[0], between - begin), min(best[1], time.perf_counter() - between)]
            same = "all equal" if np.array_equal(last.counts, counts) else "DIFFERENT"
            events = last.events.sum()
            rows.append([system, *(f"{b / events * 1e9:.1f}" for b in best), f"{best[1] / best[0]:.2f}", same])
    return table("C written by hand for one network each (direct.c), ns an event", [
        "network", "C", "cmelab", "ratio", "counts"], rows)


def two_threads() -> str:
    """One thread and two, in turns, on enough paths to be worth it."""
    rows = []
    for lanes, paths in ((0, 1000), (walkers.LANES, 4000)):
        for system in ("birth-death", "toggle"):
            net, times, best = network(system), grid(system), [np.inf, np.inf]
            walkers.LANES = lanes
            with ThreadPoolExecutor(2) as pool:
                for _ in range(2 * ROUNDS):
                    for k, executor in enumerate((None, pool)):
                        begin = time.perf_counter()
                        simulate(net, times, paths=paths, seed=1, executor=executor, progress=False)
                        best[k] = min(best[k], time.perf_counter() - begin)
            rows.append([system, "lanes" if lanes else "scalar", str(paths), *(f"{b:.3f}" for b in best),
                         f"{best[0] / best[1]:.2f}"])
    return table("Two threads", ["network", "kernel", "paths", "one thread, s", "two, s", "times faster"], rows)


MEMORY = """
import resource, sys, time
from cmelab import models, simulate
record, paths = sys.argv[1], int(sys.argv[2])
net = models.toggle_switch()
simulate(net, [1.0], paths=2, seed=0, record=record, progress=False)
begin = time.perf_counter()
simulate(net, [1.0, 2.0, 5.0, 10.0], paths=paths, seed=1, record=record, progress=False)
print(time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def sums_only() -> str:
    """A million paths of the toggle switch of which only sums are kept."""
    rows = []
    for record in ("moments", "histogram"):
        for paths in (10_000, 100_000, 1_000_000):
            ran = subprocess.run([sys.executable, "-c", MEMORY, record, str(paths)], capture_output=True, text=True,
                                 check=True)
            seconds, peak = map(float, ran.stdout.split())
            rows.append([record, str(paths), f"{seconds:.2f}", f"{peak:.0f}"])
    head = ["record", "paths", "seconds", "peak MB"]
    return table("Toggle switch at four times, one thread, only sums kept", head, rows)


def first_result() -> str:
    """A new process whose kernels are on disk: until numba is imported, and until the first ensemble is there."""
    commands = {"import numba": "import numba", "first ensemble":
                "from cmelab import models, simulate; simulate(models.birth_death(), [0, 1], paths=1000, seed=1)"}
    best = dict.fromkeys(commands, np.inf)
    for _ in range(5):
        for name, command in commands.items():
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", command], check=True)
            best[name] = min(best[name], time.perf_counter() - begin)
    more = best["first ensemble"] - best["import numba"]
    return table("A new process, seconds, best of 5", ["until", "s"],
                 [*([k, f"{v:.2f}"] for k, v in best.items()), ["difference", f"{more:.2f}"]])


def main() -> None:
    """Print all tables, and keep them in results/simulation.txt."""
    import llvmlite.binding as llvm

    simulators = [Simulator(peer) for peer in sys.argv[1:] or PEERS]
    present = [s for s in simulators if not s.missing]
    cpu = os.environ.get("NUMBA_CPU_NAME") or llvm.get_host_cpu_name()
    head = f"Exact simulation. {platform.machine()}, compiled for {cpu}, Python {platform.python_version()}"
    absent = [f"{s.title}: {s.missing}" for s in simulators if s.missing]
    try:
        text = "\n".join([head, *absent, side_by_side(present), by_hand(), two_threads(), first_result(), sums_only()])
    finally:
        for s in present:
            s.close()
    print(text)
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "simulation.txt").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
