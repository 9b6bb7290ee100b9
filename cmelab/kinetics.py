"""Kinetic laws as formulas: recognise mass action in them, put counts for amounts, and write them as text again."""
from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .expression import Expression, names

Factors = list[tuple[Expression, int]]  # what is multiplied, each with its whole power
_RANK = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": 3, "^": 4}


@dataclass(frozen=True)
class MassAction:
    """A law that is a constant times the number of reactant sets.

    constant : the stochastic constant c of a = c prod C(n_s, m_s)
    catalysts : species that the law needs beside the reactants, one molecule of each
    """

    constant: Expression
    catalysts: tuple[str, ...]


def factors(tree: Expression, power: int = 1) -> Iterator[tuple[Expression, int]]:
    """What is multiplied (power > 0) and divided by (power < 0) in a formula."""
    op = tree[0]
    if op in ("*", "/"):
        yield from factors(tree[1], power)
        yield from factors(tree[2], power if op == "*" else -power)
    elif op == "neg":
        yield ("number", -1.0), 1
        yield from factors(tree[1], power)
    elif op == "^" and tree[2][0] == "number" and tree[2][1] == int(tree[2][1]):
        yield from factors(tree[1], power * int(tree[2][1]))
    else:
        yield tree, power


def difference(tree: Expression) -> tuple[Expression, Expression] | None:
    """The two terms of x - y, or of a product with one such factor multiplied out; None for other formulas."""
    parts = list(factors(tree))
    for i, (part, power) in enumerate(parts):
        if part[0] == "-" and power == 1:
            rest = parts[:i] + parts[i + 1:]
            return product([*rest, (part[1], 1)]), product([*rest, (part[2], 1)])
    return None


def mass_action(tree: Expression, reactants: Mapping[str, int], scale: Mapping[str, Factors]) -> MassAction | None:
    """The law as mass action of its reactants, or None where it is none.

    Both k A A and k A (A - 1) are a pair of A: a law of concentrations is that of large numbers, in which they agree.

    scale : for each species whose count changes, the factors that make an amount or concentration of its count.
    """
    constant: Factors = []
    powers: Counter[str] = Counter()
    lowered: dict[str, list[float]] = {}
    for part, power in factors(tree):
        inside = {name for name, _ in names(part)} & scale.keys()
        if not inside:
            constant.append((part, power))
        elif part[0] == "name" and power > 0:
            powers[part[1]] += power
            constant += [(factor, p * power) for factor, p in scale[part[1]]]
        elif part[0] == "-" and part[1][0] == "name" and part[2][0] == "number" and power == 1 \
                and not scale[part[1][1]]:
            lowered.setdefault(part[1][1], []).append(part[2][1])
        else:
            return None
    for name, steps in lowered.items():
        if powers[name] != 1 or sorted(steps) != list(range(1, len(steps) + 1)):
            return None
        powers[name] += len(steps)
    catalysts = tuple(name for name in powers if name not in reactants)
    if any(powers[name] != m for name, m in reactants.items()) or any(powers[name] != 1 for name in catalysts):
        return None
    sets = math.prod(math.factorial(m) for m in reactants.values())
    return MassAction(product([(("number", float(sets)), 1), *constant]), catalysts)


def in_counts(tree: Expression, scale: Mapping[str, Factors]) -> Expression:
    """The formula with each species' amount or concentration written by its count."""
    if tree[0] == "name":
        return product([(tree, 1), *scale.get(tree[1], [])])
    return tree if tree[0] == "number" else (tree[0], *(in_counts(part, scale) for part in tree[1:]))


def product(parts: Factors) -> Expression:
    """One formula for a product: numbers multiplied out, equal names cancelled."""
    powers: dict[Expression, int] = {}
    for part, power in parts:
        powers[part] = powers.get(part, 0) + power
    numbers = [p for p, e in powers.items() if p[0] == "number" and (p[1] or e > 0)]
    number = math.prod(p[1]**powers.pop(p) for p in numbers)
    above = [p if e == 1 else ("^", p, ("number", float(e))) for p, e in powers.items() if e > 0]
    below = [p if e == -1 else ("^", p, ("number", float(-e))) for p, e in powers.items() if e < 0]
    if number != 1 or not above:
        above.insert(0, ("number", number))
    return ("/", _times(above), _times(below)) if below else _times(above)


def to_text(tree: Expression, outer: int = 0) -> str:
    """The formula in the grammar of custom propensities."""
    op = tree[0]
    if op == "number":
        text = repr(float(tree[1])).removesuffix(".0")
        return f"({text})" if tree[1] < 0 and outer else text
    if op == "name":
        return tree[1]
    if op not in _RANK:
        return f"{op}({', '.join(to_text(part) for part in tree[1:])})"
    rank = _RANK[op]
    if op == "neg":
        text = f"-{to_text(tree[1], rank)}"
    elif op == "^":
        text = f"{to_text(tree[1], rank + 1)}^{to_text(tree[2], rank)}"
    else:
        space = " " if rank == 1 else ""
        text = f"{to_text(tree[1], rank)}{space}{op}{space}{to_text(tree[2], rank + (op in '-/'))}"
    return f"({text})" if rank < outer else text


def _times(parts: list[Expression]) -> Expression:
    tree = parts[0]
    for part in parts[1:]:
        tree = ("*", tree, part)
    return tree


def may_be_negative(tree: Expression) -> bool:
    """True where a formula of positive numbers subtracts, or has a negative number or a logarithm in it."""
    if tree[0] == "number":
        return tree[1] < 0
    return tree[0] in ("-", "neg", "log") or (tree[0] != "name" and any(map(may_be_negative, tree[1:])))
