"""Unit 00, Before the course: ten questions without points, asked again after the last unit.

An answer is the number of a choice. Each wrong model is the choice that one belief leads to; choices that several
beliefs, or none, lead to have no name.
"""
from __future__ import annotations

from collections.abc import Callable

from ..exercise import Exercise


def _chosen(number: int) -> Callable[[], float]:
    return lambda: float(number)


def question(number: int, title: str, topic: str, right: int, why: str, **beliefs: int) -> Exercise:
    """One question: which choice is right, why, and which choice each belief leads to."""
    return Exercise(
        id=f"0.{number}", title=title, topic=topic, points=0, kind="number", name=f"answer_{number}",
        reference=_chosen(right), why=why, wrong={belief: _chosen(choice) for belief, choice in beliefs.items()},
    )  # fmt: skip


UNIT = (
    question(1, "Pairs", "propensities", 3, "Each of 5 has 4 partners, and each pair is then counted twice: 10.",
             **{"P1+P2": 1, "P2": 2}),
    question(2, "Forty a second", "propensities", 2, "Nothing happens in 0.1 s with probability exp(-4) = 0.018.",
             P5=3),
    question(3, "Two clocks", "waiting times", 1, "Rates add: 4 events per second, so 1/4 second on average.", S1=3),
    question(4, "Overdue", "waiting times", 4, "What has no memory does not know that you waited.", S4=1),
    question(5, "Twice the same sum", "master equation", 2, "The chances obey an equation without chance in it.", C5=1),
    question(6, "At rest", "steady state", 3, "The chances stand still; the molecules do not.", D1=1),
    question(7, "A ring of three", "steady state", 1, "Each state can be left as often as it is entered, all one way "
             "round.", D2=2),
    question(8, "Two at a time", "structure", 2, "Two vanish at a time, so an odd number stays odd.", T3=1),
    question(9, "A hundred times as many", "ODE limit", 4, "Relative fluctuations shrink like one over the root of the "
             "number.", K2=1),
    question(10, "A slow belt", "delays", 1, "What comes off the belt per minute is what is put on it per minute.",
             Y1=2),
)  # fmt: skip
