"""PairJar: molecules in a jar, every pair that can react drawn as a line and counted."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import NetworkError
from ..network import ReactionNetwork
from .controls import Control
from .explorer import Design, Values
from .frame import Bank, Mark, Panel, Reading, Scale, Selection, Text
from .jar_marks import MOST, Pairs, glass, lines, spread, table
from .typed_network import refusal
from .words import number

HOMO, HETERO = "2A → products", "A + B → products"
OMEGA = (1.0, 12.0)
LAW = {HOMO: "d[A]/dt = −k[A]²", HETERO: "d[A]/dt = −k[A][B]"}

CONTROLS = (
    Control("reaction", "choice", "Reaction", HOMO, choices=(HOMO, HETERO), tip="which molecules meet"),
    Control("n_A", "int", "molecules of A", 5, 0, MOST),
    Control("n_B", "int", "molecules of B", 6, 0, MOST, when=("reaction", (HETERO,))),
    Control("omega", "float", "volume Ω", 3.0, *OMEGA, 0.5, tip="a count divided by Ω is a concentration"),
    Control("k", "float", "constant k", 0.6, 0.0, 2.0, 0.1, unit="Ω/s", tip="k of the rate equation below"),
    Control("seed", "int", "seed (places)", 1, 0, 99, tip="where the molecules happen to be; the count does not care"),
    Control(
        "self_pairs",
        "switch",
        "a molecule can meet itself: count it with itself",
        False,
        belief="P1",
        tip="belief P1: n² in place of n(n−1)",
        when=("reaction", (HOMO,)),
    ),
    Control(
        "twice",
        "switch",
        "1 with 2 and 2 with 1 are two pairs: count each pair twice",
        False,
        belief="P2",
        tip="belief P2: the factor ½ left out",
        when=("reaction", (HOMO,)),
    ),
    Control(
        "pooled",
        "switch",
        "a pair is a pair, whatever its colours: count all molecules as one kind",
        False,
        belief="P4",
        tip="belief P4: n(n−1)/2 of all molecules",
        when=("reaction", (HETERO,)),
    ),
)
PRESETS: dict[str, Values] = {
    "start": {},
    "one-molecule": {"n_A": 1},
    "self-pairs": {"n_A": 1, "self_pairs": True},
    "count-twice": {"twice": True},
    "two-colours": {"reaction": HETERO, "n_A": 4, "n_B": 6},
    "pooled-colours": {"reaction": HETERO, "n_A": 4, "n_B": 6, "pooled": True},
    "big-jar": {"omega": OMEGA[1]},
    "empty": {"n_A": 0},
}
SUMMARY = "Which molecules can react: every pair in a jar is drawn and counted, and the propensity with it."
ABOUT = (
    "Left, a jar: each disc is a molecule, and each green line joins two that could meet and react now. Right, the "
    "same pairs as squares of a table: a molecule for each row, its partner for each column.",
    "A propensity counts the pairs, times the chance per second that one given pair reacts, k/Ω. In a larger jar a "
    "pair meets less often; the number of pairs stays.",
    "The mixture is well stirred: where the molecules are does not matter. The seed moves them, and the count stays.",
    "Purple, dashed, crossed: what a wrong rule counts although it is no pair. Click a molecule to see its own lines.",
    "Convention: k belongs to d[A]/dt = −k[A]² for 2A → products, and to d[A]/dt = −k[A][B] for A + B → products.",
)


def counted(values: Values) -> tuple[float, float]:
    """(pairs there are, pairs counted with the beliefs switched on)."""
    a, b = values["n_A"], values["n_B"]
    if values["reaction"] == HETERO:
        return float(a * b), float((a + b) * (a + b - 1) // 2 if values["pooled"] else a * b)
    itself = a / 2 if values["self_pairs"] else 0.0
    right = float(a * (a - 1) // 2)
    return right, (right + itself) * (2 if values["twice"] else 1)


def jar(values: Values, reveal: bool = True) -> Bank:
    """One frame: the jar with its lines, the table of pairs, and the formula with the numbers filled in."""
    right, wrong = counted(values)
    hetero = values["reaction"] == HETERO
    n_a, n_b = values["n_A"], values["n_B"] if hetero else 0
    half = (values["omega"] / OMEGA[1]) ** (1 / 3)
    where = spread(values["seed"], half)
    spots = np.vstack([where[:n_a], where[MOST : MOST + n_b]])
    # Molecules are as large in every jar, and shrink only where they would not find room.
    size = 0.95 * min(1.0, 2 * half / np.sqrt(max(len(spots), 1)) / 0.5)
    title, cell = f"Jar of volume Ω = {number(values['omega'])}", (0, 0, 0.5 if reveal else 1, 1)
    panel = Panel("jar", Scale(-1.1, 1.1), Scale(-1.1, 1.1), cell, title, equal=True, bare=True)
    numbers = [tuple(str(i + 1) for i in range(n)) for n in (n_a, n_b)]
    a, b = ({"x": part[:, 0], "y": part[:, 1]} for part in (spots[:n_a], spots[n_a:]))
    molecules = [
        Mark("dots", "jar", a, "red", size, texts=numbers[0], legend="molecule of A"),
        Mark(
            "dots", "jar", b, "blue", size, shape="square", texts=numbers[1], legend="molecule of B" if hetero else ""
        ),
    ]
    each = number(values["k"] / values["omega"])
    question = f"Each pair reacts k/Ω = {each} times per second. How many reactions per second are there?"
    if not reveal:
        marks = (*glass(half), *molecules)
        return Bank((panel,), marks, Text(f"{_seen(values)} The pairs are hidden."), question=question)
    pairs = _pairs(values, n_a, n_b)
    letters = [*(f"A{i}" for i in numbers[0]), *(f"B{i}" for i in numbers[1])] if hetero else [*numbers[0]]
    counts = f"Pairs: {right:g}" + (f", and {number(wrong - right)} that are none" if wrong != right else "")
    pooled = hetero and values["pooled"]
    rows = letters if pooled else letters[:n_a]
    columns = letters[n_a:] if hetero and not pooled else letters
    grid, squares = table(pairs, rows, columns, not values["twice"], counts)
    names = tuple(letters) if hetero else tuple(f"Molecule {i}" for i in letters)
    chosen = Selection(("jar",), spots[:, 0], names, _told(values, names), spots[:, 1], noun="molecule")
    return Bank(
        (panel, grid),
        (*glass(half), *lines(pairs, spots, size), *molecules, *squares),
        Text(_caption(values, right, wrong)),
        _readings(values, right, wrong),
        selection=chosen,
        notice=_notice(right, wrong),
        question=question,
        answer=values["k"] / values["omega"] * right,
        unit="per second",
    )


def _pairs(values: Values, n_a: int, n_b: int) -> Pairs:
    """Positions that are joined: rightly, once too often, with themselves, or across the wrong colours."""
    one = list(itertools.combinations(range(n_a), 2))
    if values["reaction"] == HETERO:
        other = list(itertools.combinations(range(n_a, n_a + n_b), 2))
        right = list(itertools.product(range(n_a), range(n_a, n_a + n_b)))
        return {"right": right, "again": [], "self": [], "same": [*one, *other] if values["pooled"] else []}
    alone = [(i, i) for i in range(n_a)] if values["self_pairs"] else []
    return {"right": one, "again": one if values["twice"] else [], "self": alone, "same": []}


def _rate(a: float) -> str:
    """A rate with a decimal: 2.0, not 2, which would look like a count."""
    text = number(a)
    return text if "." in text or a >= 100 else f"{text}.0"


def _readings(values: Values, right: float, wrong: float) -> tuple[Reading, ...]:
    n, m, k, omega = values["n_A"], values["n_B"], values["k"], values["omega"]
    c, each = k / omega, f"{number(k)}/{number(omega)}"
    hetero = values["reaction"] == HETERO
    pairs, filled = ("n_A · n_B", f"{n} · {m}") if hetero else ("n(n−1)/2", f"{n} · {max(n - 1, 0)} / 2")
    law = f"Reactions per second: {values['reaction']}, {LAW[values['reaction']]}"
    readings = [
        Reading(
            law,
            Text(_rate(c * right)),
            f"a = (k/Ω) · {pairs} = {each} · {filled} = {number(c)} · {right:g} pairs",
            "right",
        )
    ]
    if wrong != right:
        total = n + m
        rule = (
            f"{total} · {total - 1} / 2"
            if hetero
            else f"{n} · {n}"
            if values["self_pairs"] and values["twice"]
            else f"{n} · {n} / 2"
            if values["self_pairs"]
            else f"{n} · {n - 1}"
        )
        readings.append(
            Reading(
                "With this belief",
                Text(_rate(c * wrong)),
                f"{each} · {rule} = {number(c)} · {number(wrong, '4')} “pairs”",
                "wrong",
            )
        )
    return tuple(readings)


def _notice(right: float, wrong: float) -> str:
    if wrong == right:
        return ""
    return f"A wrong rule is switched on: it counts {number(wrong, '4')} where there {_are(right)}."


def _are(pairs: float) -> str:
    return "is 1 pair" if pairs == 1 else f"are {pairs:g} pairs"


def _seen(values: Values) -> str:
    n, m = values["n_A"], values["n_B"]
    what = f"{n or 'no'} molecule{'' if n == 1 else 's'} of A"
    if values["reaction"] == HETERO:
        what += f" and {m or 'no'} molecule{'' if m == 1 else 's'} of B"
    return f"A jar of volume {number(values['omega'])} holds {what}."


def _caption(values: Values, right: float, wrong: float) -> str:
    c = values["k"] / values["omega"]
    if right:
        text = f"There {_are(right)} that can react, each {number(c)} times per second: "
        text += f"{_rate(c * right)} reactions per second."
    else:
        text = "No pair can react: 0 reactions per second."
    if wrong != right:
        text += f" The wrong rule counts {number(wrong, '4')} and says {_rate(c * wrong)}."
    return f"{_seen(values)} {text}"


def _told(values: Values, names: tuple[str, ...]) -> Text:
    """What is said of the molecule chosen."""
    n, m = values["n_A"], values["n_B"]
    if values["reaction"] == HETERO:
        partners = tuple(f"{m} of B" if name[0] == "A" else f"{n} of A" for name in names)
        return Text(
            f"{{name}} can meet {{partners}}. Every pair has one end of each kind, so none is counted twice: "
            f"{n} · {m} = {n * m}.",
            words={"name": names, "partners": partners},
        )
    if n == 1:
        return Text("{name} has nobody to meet.", words={"name": ("The molecule",)})
    return Text(
        f"{{name}} can meet {n - 1} other{'s' * (n > 2)}. {n} · {n - 1} = {n * (n - 1)} ends of lines, two to a "
        f"line: {n * (n - 1) // 2} pair{'s' * (n > 2)}.",
        words={"name": names},
    )


def takes(network: ReactionNetwork) -> str:
    """Why this network does not fit into the jar; "" where it does."""
    fits = len(network.reactions) == 1 and network.reactions[0].order == 2 and not network.reactions[0].custom
    return "" if fits else "it takes one reaction of two molecules"


def _constant(k: float, network: ReactionNetwork) -> float:
    """k = c Ω, where the slider has room for it."""
    most = next(c.high for c in CONTROLS if c.name == "k")
    if k > most:
        raise NetworkError(
            f"pair-jar: {network.reactions[0].text} has c = {network.reactions[0].rate:g}, so k = c Ω = "
            f"{k:g}; the jar goes to k = {most:g}. Give a smaller rate, or omega=."
        )
    return round(k, 12)


def adjust(options: Mapping[str, Any]) -> Values:
    """``network=`` gives the counts, the reaction and k; counts of B alone choose A + B."""
    values = dict(options)
    if (network := values.pop("network", None)) is not None:
        network = network if isinstance(network, ReactionNetwork) else ReactionNetwork.parse(network)
        if reason := takes(network):
            raise refusal("pair-jar", network, reason, "2A -> B ; 0.2")
        reaction = network.reactions[0]
        counts = [int(network.counts.get(name, 0)) for name in reaction.reactants]
        omega = float(values.get("omega", network.volume or 3.0))
        values = {
            "reaction": HOMO if len(counts) == 1 else HETERO,
            "omega": omega,
            "k": _constant(reaction.rate * omega, network),
            "n_A": counts[0],
            "n_B": counts[-1],
        } | values
    elif values.get("n_B", 0) and "reaction" not in values:
        values["reaction"] = HETERO
    return values


PairJar = Design(
    "pair-jar", "Pair jar", ABOUT, lambda values: CONTROLS, PRESETS, jar, adjust, takes=takes, summary=SUMMARY
)
