"""Paths in step against the scalar kernel: bit for bit the same, and the scalar kernel where lanes do not work."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from cmelab import ReactionNetwork, models, simulate, solve, walkers
from cmelab.errors import SimulationError
from cmelab.kernels import jit, random, status

pytestmark = pytest.mark.skipif(not jit.is_compiled(), reason="numba is not installed or NUMBA_DISABLE_JIT is set")

GRID = np.linspace(0.0, 4.0, 9)
PLAIN = [m for m in models.MODELS if not m().has_delays]
# A chain of more reactions than the scalar kernel computes anew each time, and a formula that no table can hold.
CHAIN = ReactionNetwork.parse("0 -> X0 ; 9\n" + "\n".join(f"X{i} -> X{i + 1} ; 2" for i in range(30)))
BROAD = ReactionNetwork.parse("0 -> A ; 5\nA -> B ; a = A/(1 + B)\nB -> 0 ; 1")


def by_lanes(monkeypatch, lanes: int, net: ReactionNetwork, paths: int = 70, **options):
    monkeypatch.setattr(walkers, "LANES", lanes)
    given: dict[str, Any] = {"seed": 4, **options}
    return simulate(net, GRID, paths=paths, progress=False, **given)


def same(a, b) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("counts", "status", "events"))


@pytest.mark.parametrize("model", [*PLAIN, lambda: CHAIN], ids=[*(m.__name__ for m in PLAIN), "chain"])
def test_lanes_walk_the_paths_of_the_scalar_kernel(model, monkeypatch):
    """Every model, three seeds, 8, 16 and 24 lanes; the lanes really did run."""
    net, ran = model(), []
    monkeypatch.setattr(walkers.ExactWalker, "walk_in_step", _watch(ran))
    for seed in (0, 1, 2**40):
        alone = by_lanes(monkeypatch, 0, net, seed=seed)
        assert not any(ran)
        for lanes in (8, 16, 24):
            assert same(by_lanes(monkeypatch, lanes, net, seed=seed), alone), (seed, lanes)
        assert ran.count(True) == 3  # batches of 64 paths; the other 6 are too few for lanes
        ran.clear()


def _watch(ran: list[bool]):
    original = walkers.ExactWalker.walk_in_step

    def walk_in_step(self, *args):
        ran.append(original(self, *args))
        return ran[-1]
    return walk_in_step


def test_chunks_and_threads_and_slices_do_not_show(monkeypatch):
    net = models.toggle_switch()
    alone = by_lanes(monkeypatch, 0, net, paths=300)
    with ThreadPoolExecutor(3) as threads:
        assert same(by_lanes(monkeypatch, 16, net, paths=300, executor=threads), alone)
    monkeypatch.setattr(walkers, "WORK", 1)  # a pause after every thousand events
    assert same(by_lanes(monkeypatch, 16, net, paths=300), alone)


def test_what_no_table_holds_is_computed_and_never_read_outside(monkeypatch):
    """Counts beyond the 16 remembered values of a Hill propensity: the scalar kernel walks these events."""
    net = models.autoregulation(beta=200, half=50)
    alone = by_lanes(monkeypatch, 0, net)
    monkeypatch.setattr(walkers, "REMEMBERED_OF_ONE", 16)
    assert same(by_lanes(monkeypatch, 16, net), alone)
    assert alone.counts.max() > 16


def test_hill_propensities_in_lanes_follow_the_master_equation(monkeypatch):
    """Mean and variance of the toggle switch over 4000 paths, five standard errors."""
    net = models.toggle_switch()
    truth, found = solve(net, GRID[1:], tol=1e-8), by_lanes(monkeypatch, 16, net, paths=4000)
    assert (np.abs(found.mean()[1:] - truth.mean()) <= 5 * np.sqrt(truth.var() / 4000)).all()
    assert (np.abs(found.var()[1:] - truth.var()) <= 5 * truth.var() * np.sqrt(3 / 4000)).all()


@pytest.mark.parametrize("net", [
    BROAD, ReactionNetwork.parse("4A -> A ; 1e-3", initial={"A": 30}), ReactionNetwork.parse("")],
    ids=["a formula of two counts", "four that meet", "nothing"])
def test_networks_that_are_not_for_lanes_run_all_the_same(net, monkeypatch):
    assert same(by_lanes(monkeypatch, 16, net), by_lanes(monkeypatch, 0, net))


@pytest.mark.parametrize(("text", "start", "said"), [
    ("2X -> 3X ; 1", {"X": 3}, "Path 0 fired 1000 reactions"),
    ("A -> 0 ; a = 1 - A\n0 -> A ; 1e-9", {"A": 3}, "Path 0 met a propensity that is negative"),
    ("A -> 2A ; 1e300", {"A": 10**9}, "Path 0 reached a total propensity so large"),
])
def test_a_failing_path_is_named_as_by_the_scalar_kernel(text, start, said, monkeypatch):
    partials = []
    for lanes in (0, 16):
        with pytest.raises(SimulationError, match=said) as caught:
            by_lanes(monkeypatch, lanes, ReactionNetwork.parse(text, initial=start), max_events=1000)
        partials.append(caught.value.partial)
    assert same(*partials)
    assert partials[0].status[0] > status.ABSORBED


def test_the_events_of_a_path_are_limited_exactly(monkeypatch):
    """A limit that is just enough, and one that is too small by one."""
    net = models.birth_death()
    most = int(by_lanes(monkeypatch, 0, net).events.max())
    assert same(by_lanes(monkeypatch, 16, net, max_events=most), by_lanes(monkeypatch, 0, net))
    with pytest.raises(SimulationError, match=f"fired {most - 1} reactions"):
        by_lanes(monkeypatch, 16, net, max_events=most - 1)


def test_each_operation_in_lanes_is_that_of_one_path():
    """A draw of 80,000 bits patterns, extremes among them: the same exponentials and uniforms to the last bit."""
    from cmelab.kernels import lanes

    bits = np.random.default_rng(1).integers(0, 2**64, 80_000, dtype=np.uint64, endpoint=False)
    bits[:4] = 0, 2**64 - 1, 2**63, 2**12 - 1

    @jit.numba.njit
    def eight_at_a_time(bits, waits, shares):
        for at in range(0, bits.size, 8):
            lanes.store(waits, at, lanes.as_exponential(lanes.load(bits, at)))
            lanes.store(shares, at, lanes.as_uniform(lanes.load(bits, at)))

    waits, shares = np.zeros(bits.size), np.zeros(bits.size)
    eight_at_a_time(bits, waits, shares)
    assert np.array_equal(waits, [random.as_exponential(b) for b in bits])
    assert np.array_equal(shares, [random.as_uniform(b) for b in bits])


@pytest.mark.parametrize("how", ["missing", "broken", "refused"])
def test_the_scalar_kernel_steps_in_where_lanes_do_not_work(how, monkeypatch):
    """numba's internals move, the compiler fails, or the import itself does: the numbers are the same."""
    expected = by_lanes(monkeypatch, 0, models.birth_death())
    if how == "missing":
        monkeypatch.setitem(sys.modules, "cmelab.kernels.lanes", None)
        walkers.lane_kernel.cache_clear()
    else:
        def broken(*args):
            args[-3][:] = 99  # half done
            raise (NotImplementedError if how == "broken" else TypeError)("no such register")
        monkeypatch.setattr(walkers, "lane_kernel", lambda: broken)
    try:
        assert same(by_lanes(monkeypatch, 16, models.birth_death()), expected)
    finally:
        monkeypatch.undo()
        walkers.lane_kernel.cache_clear()


TARGETS = """
import hashlib
import numpy as np
from cmelab import models, simulate, walkers
for lanes in (0, 16):
    walkers.LANES, digest = lanes, hashlib.sha256()
    for model in (models.birth_death, models.schlogl, models.toggle_switch, models.michaelis_menten):
        digest.update(simulate(model(), np.linspace(0, 3, 5), paths=40, seed=2).counts.tobytes())
    print(digest.hexdigest())
"""


@pytest.mark.slow
def test_the_numbers_are_the_same_on_every_processor(tmp_path):
    """Compiled for this processor, for any with AVX2, and for any at all; with lanes and without."""
    said = set()
    for cpu in ("", "x86-64-v3", "generic"):
        environment = os.environ | ({"NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_CPU_NAME": cpu} if cpu else {})
        ran = subprocess.run([sys.executable, "-c", TARGETS], env=environment, capture_output=True, text=True,
                             check=True)
        said.update(ran.stdout.split())
    assert len(said) == 1, json.dumps(sorted(said))
