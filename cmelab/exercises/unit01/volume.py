"""1.3 and 1.4: what the volume does to a propensity, and what a rate constant means.

The macroscopic k of a second-order reaction means d[A]/dt = -k[A]^2 unless an exercise says otherwise.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from ...rates import AVOGADRO
from ..exercise import Exercise
from ..ingredients import LIBRARY, rounded

# 1.3  Volume -------------------------------------------------------------------------------------------


def law(counts: Sequence[int], k: float, omega: float) -> float:
    """Propensity k Ω^(1-m) n_1 n_2 ... n_m of m molecules, all of different kinds."""
    return k * omega ** (1 - len(counts)) * math.prod(counts)


def inverted(counts: Sequence[int], k: float, omega: float) -> float:
    return k * omega ** (len(counts) - 1) * math.prod(counts)


volume_law = Exercise(
    id="1.3",
    title="One law for every order",
    topic="volume",
    points=3,
    kind="function",
    name="propensity_law",
    reference=law,
    wrong={
        "P3:ignored": lambda counts, k, omega: k * math.prod(counts),
        "P3:inverted": inverted,
        "P3:always": lambda counts, k, omega: k / omega * math.prod(counts),
        "P3:density": lambda counts, k, omega: k * math.prod(n / omega for n in counts),
        "P4:half": lambda counts, k, omega: law(counts, k, omega) / math.factorial(len(counts)),
    },
    probes=(((), 0.6, 3.0), ((5,), 0.6, 3.0), ((4, 6), 0.6, 3.0), ((2, 3, 4), 0.6, 3.0), ((4, 0), 0.6, 3.0),
            ((7,), 1.5, 10.0), ((2, 1, 5), 0.9, 0.5)),  # fmt: skip
    # Order 3: the only one at which every wrong law differs from the right one.
    secret=lambda rng: (tuple(rng.choices(range(1, 10), k=3)), rounded(rng, 0.1, 2.0), rounded(rng, 1.5, 9.0)),
    unit="1/s",
    hints=(
        "The rate law k [A] [B] ... counts events per second in one unit of volume. How many units are there, and "
        "what is [A] when there are n_a molecules?",
        'Run `cmelab.show("pair-jar", preset="two-colours")` and drag the volume: order 2. For order 0 picture a '
        "culture twice as large: how many new molecules per second?",
        "Events per second: `omega * k * (n_1/omega) * (n_2/omega) ...` With `m = len(counts)` this is "
        "`k * omega**(1 - m) * math.prod(counts)`.",
    ),
    why="The rate law holds per unit of volume, so a = Ω k (n_1/Ω)(n_2/Ω)... = k Ω^(1-m) n_1 n_2 ... "
        "For k = 0.6, Ω = 3: order 0 gives 1.8, order 1 does not know the volume, order 2 loses one Ω.",
    implies={
        "P3:ignored": "For 0 -> A with k = 0.6, Ω = 3 you give 0.6. "
                      "Does a culture three times as large make no more molecules per second?",
        "P3:inverted": "For 0 -> A with k = 0.6, Ω = 3 you give 0.2, and for A + B -> C with 4 and 6 43.2. "
                       "Which of the two grows when there is more room?",
        "P3:always": "For A -> B with 5 molecules, k = 0.6 and Ω = 3 you give 1.0, and less in a larger jar. "
                     "How does a molecule that falls apart alone know the volume?",
        "P3:density": "For 0 -> A with k = 0.6, Ω = 3 you give 0.6: events per second in one unit of volume. "
                      "How many units are there?",
        "P4:half": "For A + B -> C with one A and one B, k = 0.6 and Ω = 3 you give 0.1, half of k/Ω. "
                   "All kinds differ here: which set of molecules is counted twice?",
    },
    forbidden=LIBRARY,
)

growth = Exercise(
    id="1.3b",
    title="A cell that grows",
    topic="volume",
    points=1,
    kind="numbers",
    name="factors",
    reference=lambda growth: (growth,) * 4,
    wrong={
        "P3:ignored": lambda growth: (1.0, growth, growth**2, growth**3),
        "P3:inverted": lambda growth: (1 / growth, growth, growth**3, growth**5),
        "P3:always": lambda growth: (1 / growth, 1.0, growth, growth**2),
        "P3:density": lambda growth: (1.0, 1.0, 1.0, 1.0),
        "P3:counts": lambda growth: (growth, 1.0, 1 / growth, growth**-2),
        "P3:source": lambda growth: (1.0, growth, growth, growth),
    },
    given=lambda rng: {"growth": rng.choice((1.5, 2.0, 2.5, 3.0, 4.0, 5.0))},
    default={"growth": 2.0},
    hints=(
        "Put two identical cells side by side and call them one. How often does each reaction happen now?",
        "Write `a = k * omega**(1 - m) * n_1 * ... * n_m` for m = 0, 1, 2, 3, with omega and every n twice as large. "
        "What cancels?",
        "`omega**(1 - m)` gives `growth**(1 - m)` and the m counts give `growth**m`. "
        "The product is `growth` for every order.",
    ),
    why="Volume and counts together give growth^(1-m) growth^m = growth, for every order. Two cells side by side do "
        "everything twice as often: propensities add up, concentrations do not.",
    implies={
        "P3:ignored": "In your {answer} the counts grew {growth} times, but the volume in c did not. "
                      "What happens to c = k Ω^(1-m)?",
        "P3:inverted": "In your {answer} the volume makes c larger from order 2 on. Do two molecules in a cell "
                       "{growth} times as large meet more easily?",
        "P3:always": "Your {answer} divides every order by the volume once. "
                     "How often must order 0 be divided, and order 3?",
        "P3:density": "Your {answer} says that the concentrations did not change. But a counts events in the whole "
                      "cell, which is {growth} times as large; how many cells' worth is it now?",
        "P3:counts": "Your {answer} is right for a cell that swells {growth} times with the same molecules in it. "
                     "Here the counts grow, too; what does that do to n_1 n_2 ...?",
        "P3:source": "In your {answer} all but 0 -> A keep pace. Here whatever makes A grows {growth} times, too. "
                     "What would two cells side by side make?",
    },
    forbidden=LIBRARY,
)

# 1.4  k and c ------------------------------------------------------------------------------------------


def k_and_omega(rng: Random) -> dict[str, float]:
    """Numbers of one student for a translation."""
    return {"k": rounded(rng, 0.2, 3.0), "omega": float(rng.randint(3, 12))}


to_pairs = Exercise(
    id="1.4",
    title="From the rate equation to pairs",
    topic="conventions",
    points=1,
    kind="number",
    name="c_pairs",
    reference=lambda k, omega: k / omega,
    wrong={
        "P8": lambda k, omega: k,
        "P8:two": lambda k, omega: 2 * k / omega,
        "P8:half": lambda k, omega: k / omega / 2,
        "P3:inverted": lambda k, omega: k * omega,
    },
    given=k_and_omega,
    default={"k": 0.9, "omega": 5.0},
    unit="1/s",
    hints=(
        "How many molecules per second does the rate equation remove when n is large? And how many does the "
        "simulator remove?",
        'Run `cmelab.show("pair-jar", preset="start")` with 12 molecules: 66 lines, and 12 * 12 / 2 would be 72. '
        "For many molecules n - 1 is nearly n. Write the loss of A both ways, side by side.",
        "Rate equation: `omega * k * (n/omega)**2` molecules per second. Simulator: `2 * c * n**2 / 2`. "
        "They agree when `c = k / omega`.",
    ),
    why="The equation removes Ω k (n/Ω)² = (k/Ω) n² molecules per second, the simulator "
        "2 c n²/2 = c n². So c = k/Ω: 0.2 for k = 0.6, Ω = 3.",
    implies={
        "P8": "Your {answer} is k itself. k is per concentration, c per pair; in the volume Ω = {omega}, "
              "what turns one into the other?",
        "P8:two": "Your {answer} is 2k/Ω for k = {k}, Ω = {omega}: it would remove A twice as fast as the equation "
                  "says. Which rate equation has 2k in it?",
        "P8:half": "Your {answer} is k/(2 Ω) for k = {k}, Ω = {omega}, and the 1/2 of n(n-1)/2 is in the propensity "
                   "already. How fast would A be lost?",
        "P3:inverted": "You give {answer} for Ω = {omega}, and more in a larger jar. "
                       "Do two molecules meet more often when they have more room?",
    },
    forbidden=LIBRARY,
)

to_falling = Exercise(
    id="1.4b",
    title="A simulator without the half",
    topic="conventions",
    points=1,
    kind="number",
    name="k_ordered",
    reference=lambda k, omega: k / omega / 2,
    wrong={
        "P8": lambda k, omega: k,
        "P8:copied": lambda k, omega: k / omega,
        "P8:other-way": lambda k, omega: 2 * k / omega,
        "P8:volume": lambda k, omega: k / 2,
    },
    given=k_and_omega,
    default={"k": 1.4, "omega": 5.0},
    unit="1/s",
    hints=(
        "Both simulators must fire equally often in every state. What must hold between their constants?",
        'Run `cmelab.show("pair-jar", preset="count-twice")`: this simulator counts each pair twice. '
        "What must its constant be, so that the number comes out right again?",
        "`k / omega * n * (n - 1) / 2` must equal `k_ordered * n * (n - 1)`. Divide both sides by `n * (n - 1)`.",
    ),
    why="The same jar, written differently: (k/Ω) n(n-1)/2 = k' n(n-1) gives k' = k/(2 Ω), 0.1 for k = 0.6, "
        "Ω = 3. Neither way is wrong; copying a number from one to the other is.",
    implies={
        "P8": "Your {answer} is k itself, whatever Ω is. With two molecules the simulator would fire 2 × {answer} "
              "times per second, also in a lake. What is missing?",
        "P8:copied": "Your {answer} is right for n(n-1)/2. "
                     "This simulator has no 1/2: with two molecules it fires 2 × {answer} times per second. "
                     "How often should it?",
        "P8:other-way": "This simulator multiplies your {answer} with n(n-1), which is 2 for two molecules: it fires "
                        "4 times as often as the jar. Should the constant go up?",
        "P8:volume": "You give {answer} for Ω = {omega} and for every other volume. "
                     "Where does this simulator learn how large the jar is?",
    },
    forbidden=LIBRARY,
)

from_extent = Exercise(
    id="1.4c",
    title="A table of constants",
    topic="conventions",
    points=1,
    kind="number",
    name="c_extent",
    reference=lambda k, omega: 2 * k / omega,
    wrong={
        "P8": lambda k, omega: k,
        "P8:same": lambda k, omega: k / omega,
        "P8:four": lambda k, omega: 4 * k / omega,
    },
    given=k_and_omega,
    default={"k": 0.7, "omega": 5.0},
    unit="1/s",
    hints=(
        "In which of the two equations does A vanish faster, for the same k?",
        "Write both losses for large n side by side: the equation's, with its 2, and the simulator's, "
        "two molecules per event.",
        "The equation removes `2 * omega * k * (n/omega)**2`, the simulator `2 * c * n**2 / 2`. "
        "They agree when `c = 2 * k / omega`.",
    ),
    why="Here k counts events, and each event removes two: 2 (k/Ω) n² = c n², so c = 2k/Ω, 0.4 for k = 0.6, "
        "Ω = 3. The same number k means another speed in another equation.",
    implies={
        "P8": "Your {answer} is k itself. k is per concentration, c per pair; in the volume Ω = {omega}, "
              "what turns one into the other?",
        "P8:same": "Your {answer} is right for d[A]/dt = -k[A]². "
                   "What does the 2 in this equation do to the loss?",
        "P8:four": "In your {answer} the 2 was used twice. "
                   "Both sides lose two molecules per event; what is left after cancelling?",
    },
    forbidden=LIBRARY,
)

from_molar = Exercise(
    id="1.4d",
    title="From the test tube to the cell",
    topic="conventions",
    points=1,
    kind="number",
    name="c_molar",
    reference=lambda k, litres: k / (AVOGADRO * litres),
    wrong={
        "P8": lambda k, litres: k,
        "P8:litres": lambda k, litres: k / litres,
        "P8:avogadro": lambda k, litres: k / AVOGADRO,
        "P3:inverted": lambda k, litres: k * AVOGADRO * litres,
    },
    given=lambda rng: {"k": rng.randint(2, 99) * 1e5, "litres": rng.randint(5, 50) * 1e-16},
    default={"k": 3e6, "litres": 2e-15},
    unit="1/s",
    hints=(
        "One molecule alone in the cell: what is its concentration in mol per litre?",
        "Follow the units: k is in litre / (mol s). Which two numbers turn litre / mol into a plain number?",
        "1 mol/litre in this cell is `6.02214076e23 * litres` molecules: that is omega. "
        "A + B -> C has `c = k / omega`.",
    ),
    why="At 1 mol/litre the cell holds N_A V molecules, so Ω = N_A V and c = k/(N_A V): 0.00166 per second for "
        "k = 1e6 /(M s) and V = 1e-15 litre, so a given pair reacts about once in ten minutes.",
    implies={
        "P8": "Your {answer} is k itself: one A and one B would meet {answer} times per second. "
              "k is per mol/litre; what is the concentration of one molecule in {litres} litre?",
        "P8:litres": "Your {answer} divides k = {k} by the volume alone: one A and one B would meet {answer} times per "
                     "second. One molecule is not one mole; how many molecules are?",
        "P8:avogadro": "Your {answer} divides k = {k} by N_A alone. "
                       "That is a jar of one litre; how large is the cell?",
        "P3:inverted": "Your {answer} multiplies by the volume, so it would be more in a larger cell. "
                       "Do A and B meet more often when they have more room?",
    },
    forbidden=LIBRARY,
)
