"""Kernels are compiled once, by `make course`: after that, nothing a lesson calls compiles anything."""
from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from cmelab.kernels import jit

pytestmark = pytest.mark.skipif(not jit.is_compiled(), reason="numba is not installed or NUMBA_DISABLE_JIT is set")

# Dispatchers are what numba makes of kernels; those that ordinary modules hold are called from Python.
REPORT = """
import importlib, json, pkgutil, sys
import cmelab
report = {}
for name in [name for name in sys.modules if name.startswith("cmelab.")]:
    for kernel in vars(sys.modules[name]).values():
        if hasattr(kernel, "py_func") and hasattr(kernel, "stats"):
            entry = not name.startswith("cmelab.kernels")
            path = kernel.py_func.__module__ + "." + kernel.py_func.__name__
            report[path] = {
                "entry": entry or report.get(path, {}).get("entry", False),
                "signatures": sorted(map(str, kernel.signatures)),
                "hits": sum(kernel.stats.cache_hits.values()),
                "misses": sum(kernel.stats.cache_misses.values()),
            }
print(json.dumps(report))
"""
WARM = "from cmelab.warm import warm; warm(progress=False)"
# As lessons and students call: lists, whole numbers, every second time, arrays that cannot be written.
LESSON = """
import numpy as np
from cmelab import ReactionNetwork, enumerate_states, flows, path, simulate, solve
net = ReactionNetwork.parse("0 -> A ; 5 \\n A -> 0 ; 1 \\n A + B -> C ; 2", initial={"B": 3})
gene = ReactionNetwork.parse("0 -> A ; a = 8 / (1 + A) \\n A -> 0 ; 1")
fixed = np.linspace(0, 1, 5)
fixed.flags.writeable = False
path(net, 1, seed=1)
for times in ([0, 1], np.linspace(0, 1, 21)[::2], np.arange(3), fixed):
    simulate(net, times, paths=3, seed=1)
    solve(gene, times)
    solve(net, times, bounds=9)
    solve(gene, times, bounds=30, method="rational")
simulate(gene, 1.0, paths=1, seed=np.int64(1))
simulate(net, fixed, paths=20, seed=1)
simulate(gene, [1, 2], paths=20, seed=1)
enumerate_states(net, bounds={"A": 9}).index([0, 3, 0])
flows(gene, solve(gene, [0.5], bounds=40))
"""


def run(code: str, **environment: str) -> dict[str, dict]:
    ran = subprocess.run([sys.executable, "-c", code + REPORT], env=os.environ | environment, capture_output=True,
                         text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def warmed() -> dict[str, dict]:
    return run(WARM)


def test_warming_calls_every_kernel_that_python_calls(warmed):
    entries = {name: kernel["signatures"] for name, kernel in warmed.items() if kernel["entry"]}
    assert len(entries) > 3
    assert [name for name, signatures in entries.items() if not signatures] == []


def test_a_first_simulate_in_a_new_process_compiles_nothing(warmed):
    report = run("from cmelab import models, simulate; simulate(models.birth_death(), [0.0, 1.0], paths=5, seed=1)")
    assert sum(kernel["hits"] for kernel in report.values()) > 0
    assert {name: kernel["misses"] for name, kernel in report.items() if kernel["misses"]} == {}


def test_what_lessons_and_students_call_compiles_nothing(warmed):
    """Every argument type was met while warming; the cache on disk may know more than a new clone's does."""
    report = run(LESSON)
    assert sum(kernel["hits"] for kernel in report.values()) > 0
    new = {name: set(kernel["signatures"]) - set(warmed[name]["signatures"]) for name, kernel in report.items()}
    assert {name: signatures for name, signatures in new.items() if signatures} == {}


def test_the_report_sees_compilation(tmp_path):
    """The oracle itself: with an empty cache the same statistics count misses."""
    report = run("import cmelab; cmelab.simulate; from cmelab.kernels.random import seed_stream\nimport numpy as np\n"
                 "seed_stream(np.uint64(1), np.uint64(0), np.zeros(4, np.uint64))\n", NUMBA_CACHE_DIR=str(tmp_path))
    assert sum(kernel["misses"] for kernel in report.values()) > 0


@pytest.mark.slow
def test_binder_finds_what_its_build_compiled(root, tmp_path):
    """What is compiled for any processor is found by a later process that binder/start began, and by no other."""
    cache = {"NUMBA_CACHE_DIR": str(tmp_path)}
    run(WARM, NUMBA_CPU_NAME="generic", **cache)
    simulate = "from cmelab import models, simulate; simulate(models.birth_death(), [0.0, 1.0], paths=5, seed=1)"
    command = ["bash", str(root / "binder" / "start"), sys.executable, "-c", simulate + REPORT]
    ran = subprocess.run(command, env=os.environ | cache, capture_output=True, text=True, timeout=300, check=True)
    report = json.loads(ran.stdout.splitlines()[-1])
    assert sum(kernel["hits"] for kernel in report.values()) > 0
    assert sum(kernel["misses"] for kernel in report.values()) == 0
    assert sum(kernel["misses"] for kernel in run(simulate, **cache).values()) > 0
