"""Without compiled kernels the package is slower and says the same numbers."""
from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

SCRIPT = """
import json, sys
if sys.argv[1] == "absent":
    sys.modules["numba"] = None
import numpy as np
from cmelab import ReactionNetwork, models, path, simulate, solve
from cmelab.kernels.jit import is_compiled
text = "0 -> A ; a = 9/(1 + (A/4)^2)\\nA -> 0 ; 1\\n2A -> B ; 0.1\\nA + B -> 0 ; 0.2"
net = ReactionNetwork.parse(text, initial={"A": 4})
ensemble = simulate(net, np.linspace(0, 2, 5), paths=4, seed=3)
one = path(models.birth_death(k=8), 2.0, seed=1)
chain = ReactionNetwork.parse("\\n".join(f"X{i} -> X{i + 1} ; 1" for i in range(15)) + "\\n0 -> Y ; a = 9/(1 + Y)",
                              initial={"X0": 9})
late = ReactionNetwork.parse("0 -> X ; 5 ; delay erlang(3, 0.4)\\nX -> 0 ; 1")
kernels = [simulate(which, [0.3, 1.5], paths=3, seed=5, method=method).counts.tolist() for which, method in (
    (models.schlogl(n0=20), "direct"), (models.toggle_switch(), "direct"), (chain, "direct"), (chain, "next_reaction"),
    (net, "next_reaction"), (late, "direct"), (models.birth_death(k=300), "tau"))]
law = solve(net, [0.5], bounds=14)
small = models.annihilation(n0=6)
plane = ReactionNetwork.parse("0 -> A ; 1\\n0 -> B ; a = 2/(1 + A)\\nA -> 0 ; 1\\nB -> 0 ; 1", initial={"A": 2})
moving = solve(plane, [0.05, 0.2], tol=1e-3)
chain = solve(models.receptor(copies=9), [0.1, 4.0], method="rational")
print(json.dumps({"compiled": is_compiled(), "counts": ensemble.counts.tolist(), "events": ensemble.events.tolist(),
                  "times": one.times.tolist(), "fired": one.fired.tolist(), "p": law.p.tolist(),
                  "states": law.states.tolist(), "small": solve(small, [0.3]).p.tolist(),
                  "moving": moving.p.tolist(), "moved": moving.states.tolist(), "chain": chain.p.tolist(),
                  "method": chain.method, "kernels": kernels}))
"""


def run(how: str, **environment: str) -> dict:
    done = subprocess.run([sys.executable, "-W", "error", "-c", SCRIPT, how], env=os.environ | environment, text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def compiled() -> dict:
    """The numbers of the compiled kernels."""
    return run("here", NUMBA_DISABLE_JIT="0")


@pytest.mark.parametrize(("how", "environment"), [("here", {"NUMBA_DISABLE_JIT": "1"}), ("absent", {})])
def test_the_interpreted_twin_walks_the_identical_path(compiled, how, environment):
    twin = run(how, **environment)
    assert compiled["compiled"]
    assert not twin["compiled"]
    for exactly in ("counts", "events", "times", "fired", "states", "kernels", "moved", "method"):
        assert twin[exactly] == compiled[exactly], exactly
    assert np.array(twin["p"]) == pytest.approx(np.array(compiled["p"]), rel=1e-12, abs=1e-300)
    assert twin["method"] == "rational"
    for law in ("moving", "chain"):
        assert np.array(twin[law]) == pytest.approx(np.array(compiled[law]), rel=1e-12, abs=1e-15)
    assert np.array(twin["small"]) == pytest.approx(np.array(compiled["small"]), rel=1e-12)
