"""Networks and propensities as plain text, LaTeX and HTML: what is shown is what is used."""
from __future__ import annotations

import html
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from .expression import to_latex

if TYPE_CHECKING:
    from .network import Reaction, ReactionNetwork

_GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "kappa": "κ", "lambda": "λ",
          "mu": "μ", "nu": "ν", "rho": "ρ", "sigma": "σ", "tau": "τ", "omega": "ω"}


def side(terms: Mapping[str, int]) -> str:
    """One side of an arrow: ``2A + B``, or ``0``."""
    return " + ".join(f"{m if m > 1 else ''}{s}" for s, m in terms.items()) or "0"


def _coefficient(reaction: Reaction) -> Fraction:
    """The number in front of k Omega^p n(n-1)...: 1/2 for a combinatorial pair, 1 for a falling one."""
    value = reaction.factor
    for m in reaction.reactants.values():
        for j in range(2, m + 1):
            value /= j
    return value


def propensity_text(reaction: Reaction) -> str:
    """The propensity in plain letters; species stand for their counts."""
    if reaction.custom:
        return reaction.rate_text
    rate = reaction.rate_text
    if reaction.formula[0] not in ("number", "name"):
        rate = f"({rate})"
    power = -reaction.omega_power
    if power > 0:
        rate += "/Ω" if power == 1 else f"/Ω^{power}"
    elif power < 0:
        rate += " · Ω"
    pieces = [s + "".join(f"({s}-{j})" for j in range(1, m)) for s, m in reaction.reactants.items()]
    text = " · ".join([rate, *pieces])
    coefficient = _coefficient(reaction)
    if coefficient.numerator != 1:
        text = f"{coefficient.numerator} · {text}"
    return text if coefficient.denominator == 1 else f"{text}/{coefficient.denominator}"


def _symbol(name: str) -> str:
    """A name as a LaTeX symbol: Greek words become letters, a_b and trailing digits become subscripts."""
    base, _, rest = name.partition("_")
    digits = base[len(base.rstrip("0123456789")):]
    base = base[:len(base) - len(digits)]
    lower = ",".join(x for x in (digits, rest.replace("_", ",")) if x)
    if base.lower() in _GREEK:
        base = rf"\{base}"
    elif len(base) > 1:
        base = rf"\mathrm{{{base}}}"
    return f"{base}_{{{lower}}}" if lower else base


def _count_symbol(species: str) -> str:
    return rf"n_{{\mathrm{{{species.replace('_', chr(92) + '_')}}}}}"


def propensity_latex(reaction: Reaction) -> str:
    """The propensity in LaTeX; counts are n with the species as subscript."""
    def name(text: str) -> str:
        return _symbol(text)

    if reaction.custom:
        return to_latex(reaction.formula, lambda s: s if s.startswith("n_") else name(s))
    rate = to_latex(reaction.formula, name)
    if reaction.formula[0] in ("+", "-"):
        rate = rf"\left({rate}\right)"
    power = -reaction.omega_power
    if power > 0:
        rate = rf"\frac{{{rate}}}{{\Omega{'' if power == 1 else f'^{{{power}}}'}}}"
    elif power < 0:
        rate = rf"{rate}\,\Omega"
    counts = "\\,".join(_count_symbol(s) + "".join(f"({_count_symbol(s)}-{j})" for j in range(1, m))
                        for s, m in reaction.reactants.items())
    coefficient = _coefficient(reaction)
    if coefficient.numerator != 1:
        rate = rf"{coefficient.numerator}\,{rate}"
    if coefficient.denominator != 1:
        counts = rf"\frac{{{counts or 1}}}{{{coefficient.denominator}}}"
    return rf"{rate}\,{counts}" if counts else rate


def _side_latex(terms: Mapping[str, int]) -> str:
    return " + ".join(rf"{m if m > 1 else ''}\mathrm{{{s.replace('_', chr(92) + '_')}}}"
                      for s, m in terms.items()) or r"\varnothing"


def network_latex(net: ReactionNetwork) -> str:
    """One row a reaction: sides, arrow, propensity in use."""
    rows = [rf"{_side_latex(r.reactants)} &\to {_side_latex(r.products)} & \quad a_{{{i}}} &= "
            rf"{_with_counts(r, net.species)}" for i, r in enumerate(net.reactions, 1)]
    return r"\begin{aligned}" + r" \\ ".join(rows) + r"\end{aligned}"


def _with_counts(reaction: Reaction, species: tuple[str, ...]) -> str:
    """LaTeX of the propensity; in a custom formula the species become counts n."""
    if not reaction.custom:
        return propensity_latex(reaction)
    return to_latex(reaction.formula, lambda s: _count_symbol(s) if s in species else _symbol(s))


def _convention(net: ReactionNetwork) -> str:
    if net.convention == "combinatorial":
        return "k is the stochastic constant c, a = c · number of reactant sets"
    if net.convention == "falling":
        return "a = k · n(n-1)..., the falling factorial"
    how = "d[A]/dt = -k[A]^m for m equal molecules" if net.ode == "consumption" else \
        "k per reaction event: d[A]/dt = -m k[A]^m for m equal molecules"
    return f"macroscopic k with Ω = {net.volume:g}, {how}"


def network_text(net: ReactionNetwork) -> str:
    """The ``repr``: species with initial counts, each reaction with the propensity in use, the convention."""
    counts = ", ".join(f"{s} = {c}" for s, c in zip(net.species, net.initial.tolist(), strict=True))
    head = f"ReactionNetwork with {len(net.species)} species, {len(net.reactions)} reactions"
    rows = [f"  {r}" for r in net.reactions]
    rates = ", ".join(f"{k} = {v:g}" for k, v in net.rates.items())
    tail = [f"  rates: {rates}"] if rates else []
    start = [f"  at t = 0: {counts}"] if counts else []
    return "\n".join([head, *rows, *tail, *start, f"  rates are written as: {_convention(net)}"])


def network_html(net: ReactionNetwork) -> str:
    """A table: reaction, propensity in use, stochastic constant c."""
    cells = []
    for r in net.reactions:
        delay = "" if r.delay is None else f" ({html.escape(str(r.delay))})"
        constant = "custom, 0 while a reactant is missing" if r.custom else f"c = {r.rate:.6g}"
        arrow = html.escape(r.text).replace("-&gt;", "→").replace("0 →", "∅ →").replace("→ 0", "→ ∅")
        cells.append(f"<tr><td style='text-align:left'>{arrow}{delay}</td><td style='text-align:left'>a = "
                     f"{html.escape(r.propensity_text)}</td><td style='text-align:left'>{constant}</td></tr>")
    counts = ", ".join(f"{html.escape(s)} = {c}" for s, c in zip(net.species, net.initial.tolist(), strict=True))
    rates = ", ".join(f"{html.escape(k)} = {v:g}" for k, v in net.rates.items())
    notes = " · ".join(x for x in (rates, f"at t = 0: {counts}" if counts else "", html.escape(_convention(net))) if x)
    return ("<table><thead><tr><th style='text-align:left'>reaction</th><th style='text-align:left'>propensity in use"
            "</th><th style='text-align:left'>constant (1/time)</th></tr></thead><tbody>" + "".join(cells)
            + f"</tbody></table><p>{notes}</p>")
