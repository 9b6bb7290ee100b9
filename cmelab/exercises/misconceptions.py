"""The wrong beliefs that exercises find: what is believed, a question against it, the widget that shows it."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Misconception:
    """One wrong belief; `show` names a widget and the preset of it that makes the belief visible."""

    id: str
    belief: str
    question: str
    show: tuple[str, str]

    @property
    def line(self) -> str:
        """The line of code that opens the widget."""
        widget, preset = self.show
        return f'cmelab.show("{widget}", preset="{preset}")'


_ALL = (
    Misconception(
        "P1",
        "A molecule can meet itself: n molecules give n² ordered pairs.",
        "How many pairs can you draw in a jar that holds one molecule?",
        ("pair-jar", "self-pairs"),
    ),
    Misconception(
        "P2",
        "The pair (1, 2) and the pair (2, 1) are two pairs: the factor ½ is left out.",
        "How many lines join three molecules, each two of them once?",
        ("pair-jar", "count-twice"),
    ),
    Misconception(
        "P3",
        "The volume does not matter, or it enters upside down.",
        "The same molecules in a jar twice as large: do two of them meet more often, or less?",
        ("pair-jar", "big-jar"),
    ),
    Misconception(
        "P4",
        "Pairs of two kinds of molecules are counted like pairs of one kind.",
        "Four red and six blue molecules: how many lines join a red one to a blue one?",
        ("pair-jar", "two-colours"),
    ),
    Misconception(
        "P5",
        "A propensity is a probability.",
        "A propensity can be 40. Can a probability? What must a propensity be multiplied with to become one?",
        ("pair-jar", "start"),
    ),
    Misconception(
        "P6",
        "A catalyst is not used up, so it is not in the propensity.",
        "How often does a reaction fire that needs a catalyst, when there is none?",
        ("pair-jar", "two-colours"),
    ),
    Misconception(
        "P7",
        "Two molecules vanish per event, so the propensity itself already holds that 2.",
        "One event takes away two molecules. How many events, and how many molecules, are lost per second?",
        ("flux-bars", "dimerisation"),
    ),
    Misconception(
        "P8",
        "The constant k of the rate law and the constant c of the propensity are the same number.",
        "Two conventions give the same reaction two constants. Which factor lies between them?",
        ("pair-jar", "big-jar"),
    ),
)

MISCONCEPTIONS: dict[str, Misconception] = {each.id: each for each in _ALL}


def parts(wrong: str) -> tuple[str, ...]:
    """The beliefs behind one wrong model: "P1+P2" holds two, and "P3:inverted" is a variant of P3."""
    return tuple(each.partition(":")[0] for each in wrong.split("+"))
