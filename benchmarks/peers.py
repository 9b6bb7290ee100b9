"""Other simulators behind one small door, each in a process of its own: `python peers.py NAME` talks in JSON lines.

A peer is a function that imports its library and returns ``build``; build(network, times) returns ``run``;
run(paths, seed) returns the counts of the first species at the last time, one for each path.
"""
from __future__ import annotations

import json
import math
import resource
import sys
import time
from collections.abc import Callable
from importlib import import_module
from itertools import count
from typing import Any

import numpy as np

Run = Callable[[int, int], Any]


def formula(tree: tuple, power: str = "^") -> str:
    """A custom propensity as text; power is '^', '**', or 'pow' where neither is understood."""
    if tree[0] in ("number", "name"):
        return repr(tree[1]) if tree[0] == "number" else tree[1]
    parts = [formula(part, power) for part in tree[1:]]
    if tree[0] == "^":
        return f"pow({parts[0]}, {parts[1]})" if power == "pow" else f"({parts[0]}){power}({parts[1]})"
    return f"({parts[0]} {tree[0]} {parts[1]})"


def propensity(reaction: Any, power: str = "^") -> str:
    """The whole propensity as text."""
    if reaction.custom:
        return formula(reaction.formula, power)
    factors = [repr(constant(reaction))]
    for s, m in reaction.reactants.items():
        factors += [s if j == 0 else f"({s} - {j})" for j in range(m)]
    return "*".join(factors)


def constant(reaction: Any) -> float:
    """c / prod(m!), which times n(n-1)... is the propensity."""
    return reaction.rate / math.prod(math.factorial(m) for m in reaction.reactants.values())


def side(counts: Any) -> list[str]:
    return [s for s, m in counts.items() for _ in range(m)]


def sbml(net: Any) -> str:
    antimony = import_module("antimony")
    lines = [f"{s} = {n};" for s, n in zip(net.species, net.initial.tolist(), strict=True)]
    lines += [f"R{i}: {' + '.join(side(r.reactants))} -> {' + '.join(side(r.products))}; {propensity(r)};"
              for i, r in enumerate(net.reactions)]
    antimony.clearPreviousLoads()
    if antimony.loadAntimonyString("model m\n" + "\n".join(lines) + "\nend\n") < 0:
        raise ValueError(antimony.getLastError())
    return antimony.getSBMLString("m")


def cmelab(lanes: bool = True) -> Callable[..., Run]:
    from cmelab import simulate, walkers
    walkers.LANES = walkers.LANES if lanes else 0

    def build(net: Any, times: np.ndarray) -> Run:
        return lambda paths, seed: simulate(net, times, paths=paths, seed=seed,
                                            progress=False).counts[:, -1, 0]
    return build


def gillespy2() -> Callable[..., Run]:
    gp = import_module("gillespy2")

    def build(net: Any, times: np.ndarray) -> Run:
        model = gp.Model(name="m")
        model.add_species([gp.Species(name=s, initial_value=n)
                           for s, n in zip(net.species, net.initial.tolist(), strict=True)])
        model.add_reaction([gp.Reaction(name=f"R{i}", reactants=dict(r.reactants), products=dict(r.products),
                                        propensity_function=propensity(r, "pow")) for i, r in enumerate(net.reactions)])
        model.timespan(gp.TimeSpan(times))
        solver = gp.SSACSolver(model=model)
        first = net.species[0]
        return lambda paths, seed: [path[first][-1] for path in solver.run(number_of_trajectories=paths, seed=seed + 1)]
    return build


def rebop() -> Callable[..., Run]:
    library = import_module("rebop._lib")

    def build(net: Any, times: np.ndarray) -> Run:
        system = library.Gillespie()
        for r in net.reactions:
            rate = formula(r.formula) if r.custom else constant(r)
            system.add_reaction(rate, side(r.reactants), side(r.products), None)
        system.set_init(dict(zip(net.species, net.initial.tolist(), strict=True)))
        end, first = float(times[-1]), net.species[0]

        def run(paths: int, seed: int) -> list[float]:
            return [system.run(end, times.size - 1, params={}, seed=seed * 10**6 + i, sparse=None,
                               var_names=None)[1][first][-1] for i in range(paths)]
        return run
    return build


def bioscrape() -> Callable[..., Run]:
    types, simulator = import_module("bioscrape.types"), import_module("bioscrape.simulator")

    def build(net: Any, times: np.ndarray) -> Run:
        reactions = []
        for r in net.reactions:
            plain = not r.custom and max(r.reactants.values(), default=1) == 1
            law = ("massaction", {"k": r.rate}) if plain else ("general", {"rate": propensity(r)})
            reactions.append((side(r.reactants), side(r.products), *law))
        start = net.initial.astype(float)
        model = types.Model(species=list(net.species), reactions=reactions,
                            initial_condition_dict=dict(zip(net.species, start.tolist(), strict=True)))
        interface, walker = simulator.ModelCSimInterface(model), simulator.SSASimulator()
        interface.py_prep_deterministic_simulation()
        column = model.get_species_list().index(net.species[0])
        order = [net.species.index(s) for s in model.get_species_list()]

        def run(paths: int, seed: int) -> list[float]:
            last = []
            for _ in range(paths):
                interface.py_set_initial_time(0.0)
                interface.py_set_initial_state(start[order])
                last.append(walker.py_simulate(interface, times).py_get_result()[-1, column])
            return last
        return run
    return build


def libroadrunner() -> Callable[..., Run]:
    roadrunner = import_module("roadrunner")

    def build(net: Any, times: np.ndarray) -> Run:
        runner = roadrunner.RoadRunner(sbml(net))
        runner.setIntegrator("gillespie")
        runner.getIntegrator().setValue("variable_step_size", False)
        runner.timeCourseSelections = ["time", net.species[0]]

        def run(paths: int, seed: int) -> list[float]:
            runner.getIntegrator().setValue("seed", seed + 1)
            last = []
            for _ in range(paths):
                runner.reset()
                last.append(runner.simulate(0.0, float(times[-1]), times.size)[-1, 1])
            return last
        return run
    return build


def basico() -> Callable[..., Run]:
    copasi, fresh = import_module("basico"), count()

    def build(net: Any, times: np.ndarray) -> Run:
        copasi.new_model(name="m", quantity_unit="#", volume_unit="1", time_unit="1")
        for s, n in zip(net.species, net.initial.tolist(), strict=True):
            copasi.add_species(s, initial_particle_number=n)
        for i, r in enumerate(net.reactions):
            text = f"{' + '.join(side(r.reactants))} -> {' + '.join(side(r.products))}"
            if r.custom:
                read = [s for s in net.species if s in formula(r.formula)]
                name = f"f{next(fresh)}"  # COPASI keeps functions from one model to the next
                copasi.add_function(name, formula(r.formula), "irreversible",
                                    mapping=dict.fromkeys(read, "modifier"))
                copasi.add_reaction(f"R{i}", f"{text}; {' '.join(read)}", function=name)
            else:
                copasi.add_reaction(f"R{i}", text)
                name = "k1" if r.reactants else "v"
                copasi.set_reaction_parameters(f"(R{i}).{name}", value=constant(r))

        def run(paths: int, seed: int) -> list[float]:
            return [copasi.run_time_course(duration=float(times[-1]), intervals=times.size - 1, method="directMethod",
                                           use_numbers=True, use_seed=True, seed=seed * 10**6 + i + 1, start_time=0.0,
                                           update_model=False)[net.species[0]].iloc[-1] for i in range(paths)]
        return run
    return build


def biocircuits() -> Callable[..., Run]:
    library, numba = import_module("biocircuits"), import_module("numba")

    def build(net: Any, times: np.ndarray) -> Run:
        lines = [f"    {s} = n[{i}]" for i, s in enumerate(net.species)]
        lines += [f"    a[{i}] = {propensity(r, '**')}" for i, r in enumerate(net.reactions)]
        names: dict[str, Any] = {}
        exec("def propensities(a, n, t):\n" + "\n".join(lines), names)
        compiled, changes = numba.njit(names["propensities"]), np.ascontiguousarray(net.stoichiometry.T)

        def run(paths: int, seed: int) -> np.ndarray:
            return library.gillespie_ssa(compiled, changes, net.initial, times, size=paths)[:, -1, 0]
        return run
    return build


# name, what is printed, the package it needs, how it is built
PEERS = {
    "cmelab": ("cmelab", "cmelab", cmelab),
    "scalar": ("cmelab, scalar kernel", "cmelab", lambda: cmelab(lanes=False)),
    "gillespy2": ("GillesPy2 C++", "gillespy2", gillespy2),
    "rebop": ("rebop", "rebop", rebop),
    "bioscrape": ("bioscrape", "bioscrape", bioscrape),
    "libroadrunner": ("libRoadRunner", "libroadrunner", libroadrunner),
    "basico": ("COPASI (basico)", "copasi-basico", basico),
    "biocircuits": ("biocircuits", "biocircuits", biocircuits),
}


def processor_seconds() -> float:
    """Of this process and of those it started: what other work on the computer does not stretch."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def serve(peer: str) -> None:
    """Answer requests {system, paths, seed} until the input ends; the first of a system also builds it."""
    begin = time.perf_counter()
    build = PEERS[peer][2]()
    say = sys.stdout
    sys.stdout = sys.stderr  # libraries that print do not disturb the lines
    print(json.dumps({"import": time.perf_counter() - begin}), file=say, flush=True)
    from systems import grid, network

    built: dict[str, Run] = {}
    for line in sys.stdin:
        asked, answer = json.loads(line), {}
        name = asked["system"]
        try:
            if name not in built:
                begin = time.perf_counter()
                built[name] = build(network(name), grid(name))
                answer["build"] = time.perf_counter() - begin
            begin = processor_seconds()
            last = np.asarray(built[name](asked["paths"], asked["seed"]), float)
            answer |= {"seconds": processor_seconds() - begin, "mean": last.mean(), "var": last.var()}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0][:150]}
        print(json.dumps(answer), file=say, flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
