"""Unit 00, Before the course: ten questions without points, asked again after the last unit.

An answer is the number of a choice. One choice is right, and each of the others is what one belief leads to.
"""
from __future__ import annotations

from collections.abc import Callable

from ..exercise import Exercise

CHOICES = 4


def _chosen(number: int) -> Callable[[], float]:
    return lambda: float(number)


def question(number: int, title: str, topic: str, right: int, why: str, beliefs: dict[str, int]) -> Exercise:
    """One question: which choice is right, why, and which choice each belief leads to."""
    return Exercise(
        id=f"0.{number}", title=title, topic=topic, points=0, kind="number", name=f"answer_{number}", choices=CHOICES,
        reference=_chosen(right), why=why, wrong={belief: _chosen(choice) for belief, choice in beliefs.items()},
    )  # fmt: skip


UNIT = (
    question(1, "Pairs", "propensities", 3, "Each of 5 has 4 partners, and each pair is then counted twice: 10.",
             {"P1+P2": 1, "P2": 2, "P1:whole": 4}),
    question(2, "Forty a second", "propensities", 2, "Nothing happens in 0.1 s with probability exp(-4) = 0.018.",
             {"P5:none": 1, "P5": 3, "S4:clock": 4}),
    question(3, "Two clocks", "waiting times", 1, "Rates add: 4 events per second, so 1/4 second on average.",
             {"S1:fastest": 2, "S1:means": 3, "S1": 4}),
    question(4, "Overdue", "waiting times", 4, "What has no memory does not know that you waited.",
             {"S4:due": 1, "S4": 2, "S4:total": 3}),
    question(5, "Solved twice", "master equation", 2, "The chances obey an equation that has no chance in it.",
             {"C5": 1, "C5:mean": 3, "C5:seed": 4}),
    question(6, "At rest", "steady state", 3, "The chances stand still; the molecules do not.",
             {"D1": 1, "D1:frozen": 2, "D3:equal": 4}),
    question(7, "A ring of three", "steady state", 1, "Each shape can be left as often as it is entered, all one way "
             "round.", {"D2": 2, "D1": 3, "D2:dies-out": 4}),
    question(8, "Two at a time", "structure", 2, "Two vanish at a time, so an odd number stays odd.",
             {"T3": 1, "P1": 3, "T3:one-event": 4}),
    question(9, "A hundred times as many", "ODE limit", 1, "A number made of so many chances spreads like its root: "
             "100 of 10,000.", {"K2": 2, "K2:constant": 3, "K2:proportional": 4}),
    question(10, "A slow belt", "delays", 3, "What is put on the belt per minute comes off it per minute, only later.",
             {"Y1": 1, "Y1:lost": 2, "Y4:at-once": 4}),
)  # fmt: skip
