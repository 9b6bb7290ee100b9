"""Network text -> written reactions; every malformed text is refused with line, column and an example."""
from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .errors import NetworkError
from .expression import FUNCTIONS, Expression, parse_expression

EXAMPLE = "2A + B -> C ; 0.1"
_ARROW = re.compile(r"<->|->|→|⇌")
_TERM = re.compile(r"(?P<count>\d+)?\s*(?P<name>[^\W\d]\w*)$")
_CUSTOM = re.compile(r"\s*a\s*=(?!=)")
_DELAY = re.compile(r"\s*delay\s+(?:erlang\s*\(\s*(?P<stages>[^,()]+),(?P<total>[^,()]+)\)|(?P<fixed>[^\s()]+))\s*$")
MAX_MULTIPLICITY = 20


@dataclass(frozen=True)
class Delay:
    """Products appear later: after a fixed time, or after ``stages`` exponential steps of the same mean in all."""

    mean: float
    stages: int | None = None

    def __str__(self) -> str:
        return f"delay {self.mean:g}" if self.stages is None else f"delay erlang({self.stages}, {self.mean:g})"


@dataclass(frozen=True)
class WrittenReaction:
    """One reaction as typed: sides as (species, multiplicity) pairs, the rate as an expression."""

    reactants: tuple[tuple[str, int], ...]
    products: tuple[tuple[str, int], ...]
    rate: Expression
    rate_text: str
    custom: bool
    delay: Delay | None
    line: int
    column: int  # where the rate begins


def read_reactions(text: str) -> tuple[WrittenReaction, ...]:
    """All reactions of a network text, one or (for a reversible arrow) two a line, in order."""
    if not isinstance(text, str):
        raise NetworkError(f"the network is a {type(text).__name__}; it must be text, one reaction a line: {EXAMPLE}")
    return tuple(reaction for number, raw in enumerate(text.splitlines(), 1)
                 for reaction in _Line(raw.partition("#")[0], number).reactions())


class _Line:
    """One line of a network text, with the column of whatever is wrong in it."""

    def __init__(self, text: str, number: int):
        self.text, self.number = text, number

    def error(self, at: int, what: str, example: str = EXAMPLE) -> NetworkError:
        return NetworkError(f"line {self.number}, column {at + 1}: {what}. For example: {example}",
                            line=self.number, column=at + 1)

    def fields(self) -> list[tuple[int, str]]:
        """The parts between semicolons, with the position where each begins."""
        parts, at = [], 0
        for part in self.text.split(";"):
            parts.append((at, part))
            at += len(part) + 1
        return parts

    def reactions(self) -> Iterator[WrittenReaction]:
        if not self.text.strip():
            return
        arrow = _ARROW.search(self.text.split(";")[0])
        if arrow is None:
            at = len(self.text) - len(self.text.lstrip())
            raise self.error(at, f"no arrow in {self.text.strip()!r}; write ->, →, <-> or ⇌ between the two sides")
        (_, equation), *rest = self.fields()
        if again := _ARROW.search(equation, arrow.end()):
            raise self.error(again.start(), "a second arrow; write one reaction a line")
        left = self.side(0, equation[:arrow.start()])
        right = self.side(arrow.end(), equation[arrow.end():])
        if not rest or not rest[0][1].strip():
            raise self.error(len(self.text.rstrip()), "the rate is missing; write it after a semicolon")
        delay = self.delay(rest[1:])
        rates = list(self.rates(*rest[0]))
        both = arrow[0] in ("<->", "⇌")
        if both and delay is not None:
            raise self.error(arrow.start(), "a reversible arrow cannot have a delay; write its two directions on two "
                             "lines", "A -> B ; 5 ; delay 2.0")
        if len(rates) != (2 if both else 1):
            wanted = "two rates, forward and backward" if both else "one rate"
            raise self.error(rest[0][0], f"{equation.strip()!r} needs {wanted}, and has {len(rates)}",
                             "A <-> B ; 1.0, 0.5" if both else EXAMPLE)
        for (tree, written, custom, column), sides in zip(rates, ((left, right), (right, left)), strict=False):
            yield WrittenReaction(*sides, tree, written, custom, delay, self.number, column)

    def side(self, start: int, text: str) -> tuple[tuple[str, int], ...]:
        """'2A + B' -> (('A', 2), ('B', 1)); 0 or ∅ is the empty side."""
        if text.strip() in ("0", "∅"):
            return ()
        if not text.strip():
            raise self.error(start, "a side of the arrow is empty; write 0 or ∅ where nothing stands", "0 -> A ; 5")
        terms: dict[str, int] = {}
        for term in re.finditer(r"[^+]+|(?<=\+)(?=\+|$)|^(?=\+)", text):
            at, written = start + term.start() + len(term[0]) - len(term[0].lstrip()), term[0].strip()
            match = _TERM.match(written)
            if match is None:
                raise self.error(at, f"{written!r} is not a species with a whole number before it"
                                 if written else "a species is missing next to +")
            name, count = match["name"], int((match["count"] or "1")[:4])
            if not name.isidentifier():
                raise self.error(at, f"{name!r} is no name; a name is made of letters, digits and _, such as A2")
            if name in FUNCTIONS:
                raise self.error(at, f"{name!r} is the name of a function; call the species something else")
            if not 1 <= terms.get(name, 0) + count <= MAX_MULTIPLICITY:
                raise self.error(at, f"{name!r} stands {terms.get(name, 0) + count} times on one side; allowed are 1 "
                                 f"to {MAX_MULTIPLICITY}")
            terms[name] = terms.get(name, 0) + count
        return tuple(terms.items())

    def rates(self, start: int, text: str) -> Iterator[tuple[Expression, str, bool, int]]:
        """Each rate between commas outside brackets: (expression, text, is it a whole propensity, column)."""
        depth, begin = 0, 0
        cuts = []
        for i, letter in enumerate(text + ","):
            depth += (letter == "(") - (letter == ")")
            if letter == "," and (depth <= 0 or i == len(text)):
                cuts.append((begin, text[begin:i]))
                begin = i + 1
        for at, part in cuts:
            custom = _CUSTOM.match(part)
            skip = custom.end() if custom else len(part) - len(part.lstrip())
            if not part[skip:].strip():
                raise self.error(start + at + skip, "a rate is missing", "A <-> B ; 1.0, 0.5")
            column = start + at + skip + 1
            tree = parse_expression(part[skip:], line=self.number, column=column)
            yield tree, part[skip:].strip(), custom is not None, column + len(part[skip:]) - len(part[skip:].lstrip())

    def delay(self, fields: list[tuple[int, str]]) -> Delay | None:
        example = "0 -> X ; 5 ; delay 2.0      or: delay erlang(16, 2.0)"
        if not fields or (len(fields) == 1 and not fields[0][1].strip()):
            return None
        if len(fields) > 1:
            raise self.error(fields[1][0], "too many semicolons; a line is: reaction ; rate ; delay", example)
        at, text = fields[0]
        at += len(text) - len(text.lstrip())
        match = _DELAY.match(text)
        if match is None:
            raise self.error(at, f"{text.strip()!r} is not a delay", example)
        try:
            mean = float(match["fixed"] or match["total"])
            stages = None if match["stages"] is None else int(match["stages"])
        except ValueError:
            raise self.error(at, f"{text.strip()!r}: a delay is a number, erlang takes a whole number of stages and "
                             "the total mean", example) from None
        if not 0 < mean < math.inf or (stages is not None and not 1 <= stages <= 10_000):
            raise self.error(at, f"{text.strip()!r}: a delay must be finite and > 0, with 1 to 10000 stages", example)
        return Delay(mean, stages)
