"""An SBML model turned into network text: what its symbols stand for in counts, and its reactions line by line."""
from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from . import display
from .errors import NetworkError
from .expression import FUNCTIONS, Expression, names
from .kinetics import Factors, difference, in_counts, mass_action, may_be_negative, to_text
from .rates import AVOGADRO

_MOLECULES = {"": 1.0, "item": 1.0, "dimensionless": 1.0, "mole": AVOGADRO, "substance": AVOGADRO}
_NEARLY_WHOLE = 1e-9  # relative: what rounding makes of a whole count


@dataclass(frozen=True)
class NetworkText:
    """A network as `ReactionNetwork.parse` takes it."""

    text: str
    rates: dict[str, float]
    initial: dict[str, int]


def all_of(items: Any) -> list[Any]:
    """The entries of a list of libsbml."""
    return [items.get(i) for i in range(items.size())]


class Reader:
    """One model of libsbml. A species that no reaction changes, or that is a boundary, is a constant."""

    def __init__(self, model: Any, sbml: Any, rounded: bool):
        self.model, self.sbml, self.rounded = model, sbml, rounded
        self.species = {s.getId(): s for s in all_of(model.getListOfSpecies())}
        self.compartments = {c.getId(): c for c in all_of(model.getListOfCompartments())}
        sides = {ref.getSpecies() for r in all_of(model.getListOfReactions())
                 for ref in (*all_of(r.getListOfReactants()), *all_of(r.getListOfProducts()))}
        self.scale = {name: self._scale(s) for name, s in self.species.items()
                      if name in sides and not (s.getBoundaryCondition() or s.getConstant())}
        self.constants: dict[str, float | None] = {
            name: self._value(s) for name, s in self.species.items() if name not in self.scale}
        self.constants |= {p.getId(): _known(p) for p in all_of(model.getListOfParameters())}
        self.constants |= {c.getId(): c.getSize() if c.isSetSize() else None for c in self.compartments.values()}
        self.used: dict[str, float] = {}

    def network(self) -> NetworkText:
        """The whole model, with the constants that its laws use and the counts it begins with."""
        for name in (*self.species, *self.constants):
            if name in FUNCTIONS:
                raise NetworkError(f"the model calls something {name!r}, which is the name of a function; rename it.")
        lines = [line for r in all_of(self.model.getListOfReactions()) for line in self._lines(r)]
        return NetworkText("\n".join(lines), self.used, {name: self._count(name) for name in self.scale})

    # Amounts and units

    def _molecules_per(self, unit: str, where: str) -> float:
        """Molecules in a unit of substance: 1 where the model names none, but mole in Level 2, as that has it."""
        unit = unit or ("substance" if self.model.getLevel() == 2 else self.model.getSubstanceUnits())
        definition = self.model.getUnitDefinition(unit) if unit else None
        if definition is None:
            per = _MOLECULES.get(unit)
        else:
            units = all_of(definition.getListOfUnits())
            kinds = [self.sbml.UnitKind_toString(u.getKind()) for u in units]
            known = len(units) == 1 and kinds[0] in _MOLECULES and units[0].getExponentAsDouble() == 1
            per = _MOLECULES[kinds[0]] * units[0].getMultiplier() * 10.0**units[0].getScale() if known else None
        if per is None:
            raise NetworkError(f"{where} is measured in {unit!r}; only item, mole and multiples of them can be "
                               "counted.")
        return per

    def _per(self, s: Any) -> float:
        return self._molecules_per(s.getSubstanceUnits(), f"species {s.getId()!r}")

    def _by_concentration(self, s: Any) -> bool:
        size = self.compartments[s.getCompartment()]
        return not s.getHasOnlySubstanceUnits() and size.getSpatialDimensionsAsDouble() != 0

    def _scale(self, s: Any) -> Factors:
        """What the count is multiplied by to give the value that the model's symbol stands for."""
        per = self._per(s)
        scale: Factors = [] if per == 1 else [(("number", per), -1)]
        # In a compartment of size 1 a concentration is the amount, and A (A - 1) still means pairs.
        if not self._by_concentration(s) or self.compartments[s.getCompartment()].getSize() == 1:
            return scale
        return [*scale, (("name", s.getCompartment(), 0), -1)]

    def _size(self, s: Any) -> float:
        size = self.compartments[s.getCompartment()]
        if not size.isSetSize() or not 0 < size.getSize() < math.inf:
            raise NetworkError(f"compartment {size.getId()!r} of species {s.getId()!r} has no size above 0; give it "
                               "one.")
        return size.getSize()

    def _amount(self, s: Any) -> float | None:
        if s.isSetInitialConcentration():
            return s.getInitialConcentration() * self._size(s)
        return s.getInitialAmount() if s.isSetInitialAmount() else None

    def _value(self, s: Any) -> float | None:
        """The value of a species that stays as it is, in the model's own units."""
        amount = self._amount(s)
        return amount / self._size(s) if amount is not None and self._by_concentration(s) else amount

    def _count(self, name: str) -> int:
        s = self.species[name]
        amount = self._amount(s)
        if amount is None or not math.isfinite(amount):
            raise NetworkError(f"species {name!r} has no initial amount or concentration; give it one.")
        n = amount * self._per(s)
        if n > 2.0**53:
            raise NetworkError(f"species {name!r} begins with {n:.4g} molecules; a count is at most 2^53. If the "
                               "amounts are molecules, and not mole, define the unit 'substance' as item.")
        whole = round(n)
        if abs(n - whole) > _NEARLY_WHOLE * max(1.0, abs(n)) and not self.rounded:
            raise NetworkError(f"species {name!r} begins with {n:.10g} molecules, and counts are whole. Change its "
                               "initial amount or the compartment's size, or take the nearest count with rounded=True.")
        return whole

    # Reactions

    def _lines(self, r: Any) -> Iterator[str]:
        reactants, products = (self._side(r, refs) for refs in (r.getListOfReactants(), r.getListOfProducts()))
        law = self._law(r, {*reactants, *products})
        if one := mass_action(law, reactants, self.scale):
            yield self._line(reactants, products, one.constant, one.catalysts)
            return
        two = difference(law)
        there, back = (None, None) if two is None else (mass_action(two[0], reactants, self.scale),
                                                        mass_action(two[1], products, self.scale))
        if there and back:
            yield self._line(reactants, products, there.constant, there.catalysts)
            yield self._line(products, reactants, back.constant, back.catalysts)
            return
        if r.getReversible() and may_be_negative(law):
            raise NetworkError(f"reaction {r.getId()!r} is reversible, and its law {to_text(law)} is no difference of "
                               "two mass-action terms, so that its two directions are not known. Write two reactions, "
                               "or reversible=\"false\" (=> in Antimony) where it goes one way only.")
        yield self._line(reactants, products, in_counts(law, self.scale), custom=True)

    def _line(self, left: Mapping[str, int], right: Mapping[str, int], rate: Expression,
              catalysts: tuple[str, ...] = (), *, custom: bool = False) -> str:
        for name, _ in names(rate):
            if name not in self.scale:
                value = self.constants[name]
                if value is None or not math.isfinite(value):
                    raise NetworkError(f"{name!r} is used by a kinetic law and has no value; give it one.")
                self.used[name] = value
        sides = (display.side(Counter(side) + Counter(catalysts)) for side in (left, right))
        return f"{' -> '.join(sides)} ; {'a = ' if custom else ''}{to_text(rate)}"

    def _side(self, r: Any, refs: Any) -> Counter[str]:
        side: Counter[str] = Counter()
        for ref in all_of(refs):
            m = ref.getStoichiometry() if ref.isSetStoichiometry() or self.model.getLevel() == 2 else math.nan
            if ref.isSetStoichiometryMath() or not (m >= 1 and m == int(m)):
                shown = "a formula" if ref.isSetStoichiometryMath() else f"{m:g}"
                raise NetworkError(f"reaction {r.getId()!r}: the stoichiometry of {ref.getSpecies()!r} is {shown}; it "
                                   "must be a whole number from 1.")
            if ref.getSpecies() in self.scale:
                side[ref.getSpecies()] += int(m)
        return side

    def _law(self, r: Any, moved: set[str]) -> Expression:
        """The law in reaction events per time, its symbols still in the model's own units."""
        law = r.getKineticLaw()
        if law is None or law.getMath() is None:
            raise NetworkError(f"reaction {r.getId()!r} has no kinetic law; give it one.")
        if r.isSetFast() and r.getFast():
            raise NetworkError(f"reaction {r.getId()!r} is fast, which has no meaning for single molecules; give it a "
                               "kinetic law with a large constant.")
        pers = {self._per(self.species[name]) for name in moved}
        unit = self.model.getExtentUnits() if self.model.getLevel() > 2 else "substance"
        extent = min(pers) if len(pers) == 1 and not unit else self._molecules_per(unit, "the extent of reactions")
        if pers - {extent}:
            raise NetworkError(f"reaction {r.getId()!r} counts its extent in units of {extent:g} molecules, and a "
                               f"species in units of {max(pers - {extent}):g}; a conversion factor would be "
                               "needed. Use one unit.")
        tree = self._tree(law.getMath(), r, self._local(r, law))
        return tree if extent == 1 else ("*", ("number", extent), tree)

    def _local(self, r: Any, law: Any) -> dict[str, str]:
        """Names of the parameters that belong to one law: their own, or with the reaction's where that is taken."""
        parameters = law.getListOfLocalParameters() if self.model.getLevel() > 2 else law.getListOfParameters()
        renamed = {}
        for p in all_of(parameters):
            name = p.getId()
            while name in self.constants or name in self.species or name in FUNCTIONS:
                name = f"{name}_{r.getId()}"
            renamed[p.getId()] = name
            self.constants[name] = _known(p)
        return renamed

    def _tree(self, node: Any, r: Any, local: Mapping[str, str]) -> Expression:
        """MathML in the grammar of custom propensities."""
        sbml, kind = self.sbml, node.getType()
        if node.isNumber() and math.isfinite(node.getValue()):
            return ("number", node.getValue())
        if kind == sbml.AST_NAME:
            name = local.get(node.getName(), node.getName())
            if name not in self.constants and name not in self.scale:
                raise NetworkError(f"the law of reaction {r.getId()!r} uses {name!r}, which is no species, parameter "
                                   "or compartment.")
            return ("name", name, 0)
        fixed = {sbml.AST_CONSTANT_PI: math.pi, sbml.AST_CONSTANT_E: math.e, sbml.AST_NAME_AVOGADRO: AVOGADRO}
        if kind in fixed:
            return ("number", fixed[kind])
        parts = [self._tree(node.getChild(i), r, local) for i in range(node.getNumChildren())] \
            if kind in self._operators else []
        if not parts and kind not in (sbml.AST_PLUS, sbml.AST_TIMES):
            written = sbml.formulaToL3String(node)[:60]
            raise NetworkError(f"the law of reaction {r.getId()!r} uses {written!r}, which is not read. Allowed "
                               f"are numbers, names, + - * / ^, {', '.join(FUNCTIONS)}.")
        return self._operators[kind](parts)

    @property
    def _operators(self) -> dict[int, Any]:
        s = self.sbml
        return {
            s.AST_PLUS: lambda x: _fold("+", x, 0.0), s.AST_TIMES: lambda x: _fold("*", x, 1.0),
            s.AST_MINUS: lambda x: ("neg", *x) if len(x) == 1 else ("-", *x), s.AST_DIVIDE: lambda x: ("/", *x),
            s.AST_POWER: lambda x: ("^", *x), s.AST_FUNCTION_POWER: lambda x: ("^", *x),
            s.AST_FUNCTION_EXP: lambda x: ("exp", *x), s.AST_FUNCTION_LN: lambda x: ("log", *x),
            s.AST_FUNCTION_LOG: lambda x: ("/", ("log", x[-1]), ("log", x[0] if len(x) > 1 else ("number", 10.0))),
            s.AST_FUNCTION_ROOT: lambda x: ("sqrt", x[-1]) if x[0] == ("number", 2.0) or len(x) == 1
            else ("^", x[1], ("/", ("number", 1.0), x[0])),
            s.AST_FUNCTION_MIN: lambda x: _fold("min", x, 0.0), s.AST_FUNCTION_MAX: lambda x: _fold("max", x, 0.0),
        }


def _known(parameter: Any) -> float | None:
    return parameter.getValue() if parameter.isSetValue() else None


def _fold(op: str, parts: list[Expression], empty: float) -> Expression:
    return reduce(lambda x, y: (op, x, y), parts) if parts else ("number", empty)
