"""SBML and Antimony in: core models of species, compartments, constants and reactions; everything else refused by name.

What the counts mean. A species that SBML gives as an amount of items, or without units, is a count. Amounts in mole
are turned into molecules with Avogadro's number. Where SBML writes a concentration, it is the amount divided by the
size of the compartment. A kinetic law is reaction events per time, in the units of extent. Times keep their unit.

What the laws become. A law that is a constant times its reactants is mass action: for two equal molecules both k A A
and k A (A - 1) become propensity k n(n-1), which agree for large numbers, where laws of concentrations hold. The
difference of two such terms becomes two reactions. Any other law is kept as a whole propensity in counts.
"""
from __future__ import annotations

import importlib
import warnings
from pathlib import Path
from typing import Any

from .errors import NetworkError
from .sbml_model import NetworkText, Reader, all_of

INSTALL = 'pip install "cmelab[sbml]"'
_OTHER = "Write the model without it, or type the network as text: ReactionNetwork.parse."


def read_sbml(source: str | Path, *, rounded: bool = False) -> NetworkText:
    """A core SBML model (Level 2 or 3), from its text or a file, as network text with values.

    rounded : take the nearest whole count where an amount or concentration makes a fraction of a molecule.

    Raises
    ------
    NetworkError : no valid SBML; a part that is not read, named; python-libsbml missing.

    Notes
    -----
    M. Hucka et al., Bioinformatics 19 (2003) 524, doi:10.1093/bioinformatics/btg015.
    """
    sbml = _load("libsbml", "python-libsbml")
    document = sbml.readSBMLFromString(_text_of(source))
    document.setConsistencyChecks(sbml.LIBSBML_CAT_UNITS_CONSISTENCY, False)
    document.setConsistencyChecks(sbml.LIBSBML_CAT_MODELING_PRACTICE, False)
    document.checkConsistency()
    for i in range(document.getNumErrors()):
        error = document.getError(i)
        if error.getSeverity() >= sbml.LIBSBML_SEV_ERROR:
            raise NetworkError(f"line {error.getLine()}: this is no valid SBML: {' '.join(error.getMessage().split())}",
                               line=error.getLine())
    _refuse_parts(document)
    return Reader(document.getModel(), sbml, rounded).network()


def read_antimony(text: str, *, rounded: bool = False) -> NetworkText:
    """A model in Antimony's text as network text with values: Antimony writes it as SBML, which is then read.

    Notes
    -----
    L. P. Smith et al., Bioinformatics 25 (2009) 2452, doi:10.1093/bioinformatics/btp401.
    """
    antimony = _load("antimony", "antimony")
    if not isinstance(text, str):
        raise NetworkError(f"the model is a {type(text).__name__}; it must be Antimony text such as "
                           "A -> B; k*A; k = 1; A = 10")
    antimony.clearPreviousLoads()
    if antimony.loadAntimonyString(text) < 0:
        raise NetworkError(f"this is no valid Antimony: {' '.join(antimony.getLastError().split())}")
    return read_sbml(antimony.getSBMLString(antimony.getMainModuleName()), rounded=rounded)


def _load(module: str, package: str) -> Any:
    try:
        with warnings.catch_warnings():  # of the wrappers, about themselves
            warnings.simplefilter("ignore", DeprecationWarning)
            return importlib.import_module(module)
    except ImportError:
        raise NetworkError(f"this needs {package}, which is not installed: {INSTALL}") from None


def _text_of(source: str | Path) -> str:
    if isinstance(source, str) and source.lstrip().startswith("<"):
        return source
    if not isinstance(source, str | Path):
        raise NetworkError(f"the model is a {type(source).__name__}; give SBML text, or the path of a file.")
    try:
        return Path(source).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise NetworkError(f"{str(source)[:80]!r} cannot be read: {reason}. Give SBML text, or the path of a "
                           "file.") from None


def _refuse_parts(document: Any) -> None:
    """Name the first part of a document that a reaction network has no place for."""
    model = document.getModel()
    if document.getLevel() < 2:
        raise NetworkError(f"SBML Level {document.getLevel()} is not read; convert the file to Level 2 or 3.")
    for i in range(document.getNumPlugins() if document.getLevel() > 2 else 0):
        package = document.getPlugin(i).getPackageName()
        # This one only adds functions to formulas, and those are looked at one by one.
        if package != "l3v2extendedmath" and document.getPackageRequired(package):
            raise NetworkError(f"the SBML package {package!r} is required, and not read. {_OTHER}")
    for what, items in (("event", model.getListOfEvents()), ("rule", model.getListOfRules()),
                        ("function definition", model.getListOfFunctionDefinitions()),
                        ("initial assignment", model.getListOfInitialAssignments()),
                        ("constraint", model.getListOfConstraints())):
        if items.size():
            name = items.get(0).getIdAttribute() or (getattr(items.get(0), "getVariable", str)()
                                                     or getattr(items.get(0), "getSymbol", str)())
            raise NetworkError(f"the model has {'an' if what[0] in 'aei' else 'a'} {what}"
                               f"{f' {name!r}' if name else ''}, which is not read. {_OTHER}")
    for item in (model, *all_of(model.getListOfSpecies())):
        if item.isSetConversionFactor():
            raise NetworkError(f"{item.getId()!r} has the conversion factor {item.getConversionFactor()!r}, which is "
                               f"not read. {_OTHER}")
