"""3.6: why a sum of 1 proves little, in words."""
from __future__ import annotations

from ..exercise import Exercise

explain = Exercise(
    id="3.6",
    title="The sum is one",
    topic="cme",
    points=1,
    kind="text",
    name="explanation",
    hints=(
        "Which of the things that make numbers a probability law has your colleague tested, and which not?",
        'Look at `cmelab.show("flux-bars", preset="swapped")`: what do the bars sum to, and what is wrong with them?',
        "Say that reversing the signs keeps the column sums, say what happens to a state that is empty, and give the "
        "test that would have caught it.",
    ),
    why="A person reads this one. Full point: the sum is conserved with either sign, an empty state that borders on a "
        "full one would go below zero, and a test that sees it. Half a point: one of the first two.",
)
