"""SSAStepper: the stochastic simulation algorithm event by event: when, which, and the path they make."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..network import ReactionNetwork
from .controls import Control
from .explorer import Design, Values
from .frame import Bank, Mark, Panel, Reading, Scale, Selection, Text
from .started_network import adopt, network_controls, started
from .step_marks import COLOURS, SPECIES_COLOURS, Scene
from .step_rules import (
    ALIKE,
    EVENTS,
    EXACT,
    LARGEST,
    OVERDUE,
    OWN_CLOCK,
    READ_WRONG,
    RULES,
    SCALE,
    STRAIGHT,
    averages,
    believed,
    first_events,
    steps,
)
from .typed_network import refusal
from .words import number

EVENTS_SHOWN, LONG = 30, 20_000  # events of a film, and of the run that long averages come from
SPECIES, REACTIONS = 4, len(COLOURS)
BIRTH_DEATH = "0 -> M ; k\nM -> 0 ; gamma"
RACE = {"network": "0 -> A ; a1\n0 -> B ; a2\n0 -> C ; a3", "rate_a1": 3.0, "rate_a2": 1.0, "rate_a3": 0.5, "seed": 2}
GENE = {"network": "on -> off ; k_off\noff -> on ; k_on", "n_on": 0, "n_off": 1, "rate_k_on": 1.0, "rate_k_off": 9.0}

EXAMPLE = "0 -> M ; 4"  # a network that fits
PRESETS: dict[str, Values] = {
    "start": {"network": BIRTH_DEATH, "rate_k": 4.0, "rate_gamma": 1.0, "seed": 4, "first": 18},
    "race": {**RACE, "first": 8},
    "runs-dry": {"network": "M -> 0 ; k", "n_M": 8, "rate_k": 0.5, "first": 4},
    "pairs": {"network": "2A <-> D ; bind, part", "n_A": 20, "rate_bind": 0.05, "rate_part": 0.5, "first": 10},
    "wrong-scale": {**RACE, "rule": SCALE, "first": 3},
    "largest-wins": {**RACE, "rule": LARGEST, "first": 14},
    "all-alike": {**RACE, "rule": ALIKE, "first": 14},
    "slow-waits": {**RACE, "rule": OWN_CLOCK, "first": 8},
    "overdue": {**RACE, "rule": OVERDUE, "first": 10},
    "event-average": {**GENE, "rule": EVENTS, "seed": 5, "first": 20},
    "straight-lines": {
        "network": BIRTH_DEATH,
        "rate_k": 4.0,
        "rate_gamma": 1.0,
        "rule": STRAIGHT,
        "seed": 4,
        "first": 18,
    },
}
ABOUT = (
    "One event of the simulation a frame; step with ← and →. The propensities of the present state decide both draws.",
    "When? The curve is the chance that nothing has happened yet, exp(−a0 t), with a0 the sum of the propensities. A "
    "random level is read off the curve: the blue bar is the wait. With E = −ln(level) it is E/a0.",
    "Which? Every reaction has a sector of the wheel as large as its share a/a0, and the hand falls anywhere. The wait "
    "does not depend on where it falls.",
    "Below, the path: between two events nothing changes, so the counts are steps. It is the path that "
    "cmelab.path(network, ..., seed=seed) returns.",
    "Purple and dashed: what a wrong rule makes of the very same random numbers.",
)
NOTICES = {
    SCALE: "S1: the wait is E times a0. The busier the system, the longer it would sleep.",
    LARGEST: "S2: the largest propensity always fires. The small ones never have a turn.",
    ALIKE: "S2: all that can fire are equally likely. The propensities do not matter.",
    OWN_CLOCK: "S3: a reaction waits by its own rate. Slow ones hold up all the others.",
    OVERDUE: "S4: an event is due after 1/a0. The path ticks like a clock.",
    EVENTS: "S5: each event counts the same.",
    STRAIGHT: "S6: counts run straight between events. There are fractions of molecules.",
}


def controls(values: Values) -> tuple[Control, ...]:
    """The network and its numbers, the seed and the rule."""
    return (
        *network_controls(values, BIRTH_DEATH, f"up to {SPECIES} species and {REACTIONS} reactions, one a line"),
        Control("seed", "int", "seed", 1, 0, 99, tip="other random numbers, another path of the same law"),
        Control(
            "rule",
            "choice",
            "the rule is",
            EXACT,
            choices=RULES,
            belief="S1 S2 S3 S4 S5 S6",
            tip="wrong rules use the same random numbers",
        ),
        Control("first", "int", "event shown first", 1, 1, EVENTS_SHOWN, hidden=True),
    )


def takes(network: ReactionNetwork) -> str:
    """Why this network cannot be stepped through here; "" where it can."""
    if any(r.delay is not None for r in network.reactions):
        return "this network has a delay, so that its counts alone do not say what happens next"
    if not network.reactions:
        return "there is no reaction in it"
    species, reactions = len(network.species), len(network.reactions)
    if species > SPECIES or reactions > REACTIONS:
        return f"it draws up to {SPECIES} species and {REACTIONS} reactions; this network has {species} and {reactions}"
    return ""


def film(values: Values, reveal: bool = True) -> Bank:
    """Walk the path, and lay out one frame for each of its events."""
    net = started(values).net
    if reason := takes(net):
        raise refusal("ssa-stepper", net, reason, EXAMPLE)
    right = steps(net, values["seed"], EVENTS_SHOWN)
    if not len(right.fired):
        return _still_start(net)
    rule = values["rule"]
    scene = Scene(net, rule, right, None if rule in READ_WRONG else believed(net, rule, right))
    return _bank(scene, values) if reveal else _veiled(scene, values)


def _bank(scene: Scene, values: Values) -> Bank:
    start = min(values["first"], scene.events) - 1
    return Bank(
        scene.panels,
        tuple(scene.marks()),
        _caption(scene),
        _readings(scene),
        Text("event {e:d}", {"e": 1 + np.arange(scene.events)}),
        _selection(scene, values["seed"]),
        _notice(scene, values["seed"]),
        _question(scene, start),
        float(1 / scene.a0[start]),
        "of the unit of time",
        start=start,
        seconds=0.5 * scene.events,
        height=440,
    )


def _veiled(scene: Scene, values: Values) -> Bank:
    """The state before the event shown first, as columns, and nothing that tells a wait."""
    start, net = min(values["first"], scene.events) - 1, scene.net
    counts, place = scene.right.states[start], np.arange(len(net.species))
    ticks = tuple((float(i), s) for i, s in enumerate(net.species))
    most = max(1.0, float(counts.max()))
    panel = Panel("state", Scale(-0.8, len(place) - 0.2, "", ticks), Scale(0, 1.2 * most), title="The state now")
    bars = Mark("bars", "state", {"x": place, "y": counts}, "blue", 0.5)
    told = Mark("labels", "state", {"x": place, "y": counts + 0.08 * most, "value": counts}, size=1.1, form="d")
    said = Text(f"Before event {start + 1} there are {_counts(net, counts)}. The wait is hidden.")
    return Bank((panel,), (bars, told), said, question=_question(scene, start), height=260)


def _still_start(net: ReactionNetwork) -> Bank:
    """A network in which nothing can ever happen."""
    n = net.initial
    panel = Panel("path", Scale(0, 1, "time"), Scale(0, 1.2 * max(1, int(n.max()))), title="Path: nothing can happen")
    lines = [
        Mark("line", "path", {"x": [0, 1], "y": [c, c]}, SPECIES_COLOURS[s], width=1.7, legend=name if s == 0 else "")
        for s, (name, c) in enumerate(zip(net.species, n.tolist(), strict=True))
    ]
    said = f"With {_counts(net, n)} every propensity is zero: no reaction can fire, now or later."
    chosen = Selection(("path",), [0.5], ("the start",), Text(said), noun="state")
    return Bank((panel,), tuple(lines), Text(said), (Reading("a0", Text("0")),), selection=chosen, notice=said)


def _counts(net: ReactionNetwork, n: NDArray) -> str:
    return ", ".join(f"{s} = {c}" for s, c in zip(net.species, n.tolist(), strict=True))


def _question(scene: Scene, start: int) -> str:
    a = ", ".join(f"a{i} = {number(x)}" for i, x in enumerate(scene.right.a[start], 1))
    return f"In this state {a}. How long is the wait for the next event on average?"


def _caption(scene: Scene) -> Text:
    """The event in words: its wait, its reaction, the state after it."""
    right, names = scene.right, scene.net.species
    values = {"e": 1 + np.arange(scene.events), "tau": right.waits, "t": right.times[1:], "r": right.fired + 1}
    values |= {f"s{i}": right.states[1:, i] for i in range(len(names))}
    state = ", ".join(f"{name} = {{s{i}:d}}" for i, name in enumerate(names))
    said = f"Event {{e:d}}: after a wait of {{tau}}, at t = {{t}}, reaction {{r:d}} fires; now {state}."
    if scene.rule != EXACT:
        label, _, wrong, _ = _quantity(scene)
        said += f" {label}: the wrong rule says {{wrong}}."
        values |= {"wrong": wrong}
    return Text(said, values)


def _readings(scene: Scene) -> tuple[Reading, ...]:
    right = scene.right
    drawn = {"e": right.exponential, "a0": scene.a0, "tau": right.waits, "u": right.uniform, "r": right.fired + 1}
    label, true, wrong, formula = _quantity(scene)
    known = Reading(label, Text("{x}", {"x": true}), "", "right")
    if scene.rule != EXACT:
        return known, Reading("As believed", Text("{x}", {"x": wrong}), formula, "wrong")
    return (
        Reading("Wait E/a0", Text("{e:.2}/{a0} = {tau}", drawn)),
        Reading("Spin", Text("{u:.2}: reaction {r:d}", drawn)),
        known,
    )


def _quantity(scene: Scene) -> tuple[str, NDArray, NDArray, str]:
    """What the rule gets wrong: its name, its right and its wrong value at each event, how the wrong one comes."""
    a, a0, name = scene.right.a, scene.a0, scene.net.species[0]
    possible = np.where(a > 0, a, np.inf)
    slowest = possible.min(axis=1)
    if scene.rule in (LARGEST, ALIKE):
        share = 1 / (a > 0).sum(axis=1) if scene.rule == ALIKE else np.ones(len(a0))
        formula = "1 / (those that can fire)" if scene.rule == ALIKE else "always"
        return "Share of the largest", a.max(axis=1) / a0, share, formula
    if scene.rule == EVENTS:
        time, event = averages(scene.right)
        return f"Mean of {name} so far", time[:, 0], event[:, 0], "each event counted once"
    if scene.rule == STRAIGHT:
        _, n, between = scene.halfway()
        return f"{name} halfway", n, between, "the middle of a straight line"
    kinds = {
        OWN_CLOCK: ("Mean wait, slowest reaction", 1 / slowest, "1/a of that reaction"),
        OVERDUE: ("Mean wait left after 1/a0", np.zeros(len(a0)), "it is due"),
    }
    label, wrong, formula = kinds.get(scene.rule, ("Mean wait 1/a0", a0, "a0 in place of 1/a0"))
    return label, 1 / a0, wrong, formula


def _selection(scene: Scene, seed: int) -> Selection:
    """The reactions: what the wheel gives them, how often they fired, how long they waited in a long run."""
    long = first_run(scene.net, seed)
    waits, fired = np.diff(long.times), long.fired
    so_far = np.cumsum(scene.right.fired[:, None] == np.arange(len(scene.names)), axis=0)
    words = {
        "name": tuple(f"Reaction {i}, {name}" for i, name in enumerate(scene.names, 1)),
        "law": tuple(r.propensity_text for r in scene.net.reactions),
        "long": tuple(_waited(waits[fired == r], len(fired)) for r in range(len(scene.names))),
    }
    told = Text(
        "{name}: its propensity {law} is now {a}, a share {share} of the wheel. It fired {c:d} times in {e:d}. {long}",
        {"a": scene.right.a, "share": scene.shares, "c": so_far, "e": 1 + np.arange(scene.events)},
        words,
    )
    x, y = scene.places(0.62)
    return Selection(("wheel",), x, words["name"], told, y, noun="sector")


def first_run(net: ReactionNetwork, seed: int) -> Any:
    """A long path from the same seed: as many events as it has, up to `LONG`."""
    from ..errors import SimulationError

    try:
        return first_events(net, seed, LONG)
    except SimulationError as error:
        return error.partial


def _waited(waits: NDArray, events: int) -> str:
    if not waits.size:
        return f"In a run of {events} events it never fires."
    return f"In a run of {events} events the wait before it is {number(float(waits.mean()))} on average."


def _notice(scene: Scene, seed: int) -> str:
    said = [NOTICES[scene.rule]] if scene.rule != EXACT else []
    if scene.rule == EVENTS:
        long = first_run(scene.net, seed)
        time, event = (each[-1, 0] for each in averages(long))
        said.append(f"In {len(long.fired)} events: {number(time)} over time, {number(event)} over events.")
    if scene.right.absorbed:
        said.append(f"After event {scene.events} no reaction can fire any more.")
    return " ".join(said)


_adopt = partial(adopt, widget="ssa-stepper", takes=takes, example=EXAMPLE)
SSAStepper = Design(
    "ssa-stepper", "SSA stepper", ABOUT, controls, PRESETS, film, _adopt, ("network",), takes,
    summary="Exact simulation event by event: the wait, the wheel that picks the reaction, the path.",
)
