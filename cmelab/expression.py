"""The small grammar of custom propensities: numbers, names, + - * / ^, brackets, a few functions; never eval.

An expression is a tuple: ("number", value), ("name", text, column), ("neg", x), ("+", x, y), ("exp", x), ...
"""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from .errors import NetworkError

Expression = tuple[Any, ...]
EXAMPLE = "beta / (1 + (D/K)^2)"
FUNCTIONS = {"exp": 1, "log": 1, "sqrt": 1, "min": 2, "max": 2}
MAX_DEPTH, MAX_TOKENS = 40, 400

# Codes of the little stack machine that the kernels run; NUMBER and SPECIES take an operand.
NUMBER, SPECIES, ADD, SUBTRACT, MULTIPLY, DIVIDE, POWER, NEGATE, EXP, LOG, SQRT, MIN, MAX = range(13)
_CODES = {"+": ADD, "-": SUBTRACT, "*": MULTIPLY, "/": DIVIDE, "^": POWER, "neg": NEGATE,
          "exp": EXP, "log": LOG, "sqrt": SQRT, "min": MIN, "max": MAX}
_NUMPY: dict[str, Callable[..., Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.true_divide, "^": np.float_power, "neg": np.negative,
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "min": np.minimum, "max": np.maximum}
_TOKEN = re.compile(r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)"
                    r"|(?P<op>\*\*|[-+*/^(),]))")


class _Parser:
    """Recursive descent over the tokens of one expression; positions are columns of the network text."""

    def __init__(self, text: str, line: int, column: int):
        self.line, self.tokens, self.at = line, [], 0
        position = 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if match is None:
                bad = position + len(text[position:]) - len(text[position:].lstrip())
                raise self.error(f"{text[bad]!r} cannot stand in a formula", column + bad)
            kind = str(match.lastgroup)
            self.tokens.append((kind, match[kind], column + match.start(kind)))
            position = match.end()
            if len(self.tokens) > MAX_TOKENS:
                raise self.error(f"the formula has more than {MAX_TOKENS} parts", column + position)
        self.tokens.append(("end", "", column + len(text.rstrip())))

    def error(self, what: str, column: int) -> NetworkError:
        return NetworkError(f"line {self.line}, column {column}: {what}. Allowed are numbers, names, + - * / ^, "
                            f"brackets and {', '.join(FUNCTIONS)}; for example: {EXAMPLE}",
                            line=self.line, column=column)

    def take(self) -> tuple[str, str, int]:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def accept(self, *ops: str) -> str | None:
        kind, text, _ = self.tokens[self.at]
        if kind == "op" and text in ops:
            self.at += 1
            return text
        return None

    def expect(self, op: str) -> None:
        kind, text, column = self.tokens[self.at]
        if not self.accept(op):
            raise self.error(f"{op!r} is missing" + (f" before {text!r}" if kind != "end" else ""), column)

    def whole(self) -> Expression:
        tree = self.sum(0)
        kind, text, column = self.tokens[self.at]
        if kind != "end":
            raise self.error(f"{text!r} is not expected here; an operator such as * may be missing before it", column)
        return tree

    def sum(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise self.error(f"more than {MAX_DEPTH} brackets inside each other", self.tokens[self.at][2])
        tree = self.product(depth)
        while op := self.accept("+", "-"):
            tree = (op, tree, self.product(depth))
        return tree

    def product(self, depth: int) -> Expression:
        tree = self.signed(depth)
        while op := self.accept("*", "/"):
            tree = (op, tree, self.signed(depth))
        return tree

    def signed(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise self.error(f"more than {MAX_DEPTH} signs or powers inside each other", self.tokens[self.at][2])
        if self.accept("-"):
            return ("neg", self.signed(depth + 1))
        self.accept("+")
        base = self.atom(depth)
        if self.accept("^", "**"):
            return ("^", base, self.signed(depth + 1))
        return base

    def atom(self, depth: int) -> Expression:
        kind, text, column = self.take()
        if kind == "number":
            return ("number", float(text))
        if kind == "name" and text in FUNCTIONS:
            self.expect("(")
            arguments = [self.sum(depth + 1)]
            while self.accept(","):
                arguments.append(self.sum(depth + 1))
            self.expect(")")
            if len(arguments) != FUNCTIONS[text]:
                raise self.error(f"{text} takes {FUNCTIONS[text]} argument(s), not {len(arguments)}", column)
            return (text, *arguments)
        if kind == "name":
            if self.accept("("):
                raise self.error(f"there is no function {text!r}; a product is written {text}*(...)", column)
            return ("name", text, column)
        if kind == "op" and text == "(":
            tree = self.sum(depth + 1)
            self.expect(")")
            return tree
        raise self.error("a number, a name or '(' is missing" + (f" before {text!r}" if text else ""), column)


def parse_expression(text: str, *, line: int = 1, column: int = 1) -> Expression:
    """Text -> expression tuple; raises NetworkError with line, column and an example."""
    return _Parser(text, line, column).whole()


def names(tree: Expression) -> Iterator[tuple[str, int]]:
    """Every name in the expression with its column, from left to right."""
    if tree[0] == "name":
        yield tree[1], tree[2]
    elif tree[0] != "number":
        for part in tree[1:]:
            yield from names(part)


def evaluate(tree: Expression, values: Mapping[str, Any]) -> Any:
    """The value for numbers or arrays given by name; 1/0 gives inf and 0/0 NaN, as in the kernels."""
    if tree[0] == "number":
        return tree[1]
    if tree[0] == "name":
        return values[tree[1]]
    with np.errstate(all="ignore"):
        return _NUMPY[tree[0]](*(evaluate(part, values) for part in tree[1:]))


def to_program(tree: Expression, species: Mapping[str, int], constants: Mapping[str, float]) -> list[tuple[int, float]]:
    """The expression as (code, operand) steps of the stack machine, constants filled in."""
    if tree[0] == "number":
        return [(NUMBER, tree[1])]
    if tree[0] == "name":
        return [(SPECIES, float(species[tree[1]]))] if tree[1] in species else [(NUMBER, float(constants[tree[1]]))]
    steps = [step for part in tree[1:] for step in to_program(part, species, constants)]
    return [*steps, (_CODES[tree[0]], 0.0)]


def to_latex(tree: Expression, symbol: Callable[[str], str]) -> str:
    """LaTeX, with ``symbol(name)`` for each name."""
    return _latex(tree, symbol, 0)


def _latex(tree: Expression, symbol: Callable[[str], str], outer: int) -> str:
    op = tree[0]
    if op == "number":
        return latex_number(tree[1])
    if op == "name":
        return symbol(tree[1])
    if op == "/":
        return rf"\frac{{{_latex(tree[1], symbol, 0)}}}{{{_latex(tree[2], symbol, 0)}}}"
    if op == "^":
        base = _latex(tree[1], symbol, 0 if tree[1][0] == "/" else 4)
        if tree[1][0] == "/":
            base = rf"\left({base}\right)"
        return f"{base}^{{{_latex(tree[2], symbol, 0)}}}"
    if op == "sqrt":
        return rf"\sqrt{{{_latex(tree[1], symbol, 0)}}}"
    if op in FUNCTIONS:
        return rf"\{op}\left({', '.join(_latex(part, symbol, 0) for part in tree[1:])}\right)"
    rank = {"+": 1, "-": 1, "*": 2, "neg": 3}[op]
    if op == "neg":
        text = "-" + _latex(tree[1], symbol, rank)
    else:
        right = _latex(tree[2], symbol, rank + (op == "-"))
        times = r" \cdot " if right[0].isdigit() else r"\,"
        text = _latex(tree[1], symbol, rank) + {"+": " + ", "-": " - ", "*": times}[op] + right
    return rf"\left({text}\right)" if rank < outer else text


def latex_number(value: float) -> str:
    """A number with at most 6 significant digits, powers of ten written out."""
    mantissa, _, exponent = f"{value:.6g}".partition("e")
    return mantissa if not exponent else rf"{mantissa}\times 10^{{{int(exponent)}}}"
