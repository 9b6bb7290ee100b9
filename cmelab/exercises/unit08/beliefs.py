"""The beliefs L1 to L5 that unit 08 finds, and their variants."""
from __future__ import annotations

from ..misconception import Misconception

BELIEFS = (
    Misconception(
        "L1",
        "The Langevin equation and the master equation are the same thing.",
        "Can there be 2.37 molecules in a cell?",
        ("noise-knob", "cle-is-the-cme"),
    ),
    Misconception(
        "L2",
        "The noise of a reaction grows like its propensity a, not like √a.",
        "100 events are expected. How far from 100 is the number usually: about 10, or about 100?",
        ("noise-knob", "noise-like-a"),
    ),
    Misconception(
        "L3",
        "Each species has a noise of its own.",
        "A turns into B. Can A lose a molecule that B does not get?",
        ("noise-knob", "one-noise-a-species"),
    ),
    Misconception(
        "L4",
        "Putting a negative count back to 0 is harmless.",
        "Each time you put a negative count back to 0 you add something. What takes it away again?",
        ("noise-knob", "clipping-is-harmless"),
    ),
    Misconception(
        "L5",
        "A large mean count is enough: then the Langevin equation holds for the whole network.",
        "A cell has 1000 proteins and one gene. How many of the four reactions are frequent?",
        ("validity-map", "large-mean-is-enough"),
    ),
)

_TOTAL = 'cmelab.ReactionNetwork.parse("A <-> B ; 1, 1").stoichiometry.sum(axis=0)  # what each reaction adds to A + B'

VARIANTS = {
    "L2:no-dt": ("The noise of a step is √a, however short the step is.",
                 'cmelab.show("noise-knob", preset="no-root-of-dt")'),
    "L2:dt": ("The noise goes with dt, as the drift does: a step half as long has half the noise.",
              'cmelab.show("noise-knob", preset="noise-with-dt")'),
    "L2:molecules": ("What is counted with an uncertainty of its root are molecules, not events.",
                     "2 * np.random.default_rng(1).poisson(100, 10_000).std()  # 100 events take 2 molecules each"),
    "L3:one": ("There is one noise, and all reactions share it.",
               "[np.sqrt(k) - np.sqrt(n) for k, n in ((50, 50), (50, 40))]  # shared noise of birth and death, at n"),
    "L3:sign": ("Noise has no direction, so the sign of ν does not matter for it.", _TOTAL),
    "L3:net": ("Gain and loss cancel in the noise, too: only the net rate scatters.",
               "(np.random.default_rng(1).poisson(100, (10_000, 2)) @ [1, -1]).std()  # 100 made and 100 lost"),
    "L4:late": ("To put counts back to 0 at the end is the same as to do so after every step.", ""),
    "L4:turned": ("Turning a negative count round, from minus to plus, is harmless.", ""),
    "L5:together": ("A count takes as long to relax as the whole switch.",
                    "1 / 1.7, 1 / (0.4 + 1.7)  # On while Off is held, and both together"),
    "L5:slowest": ("The slowest count that a reaction changes sets the time in which it must be frequent.", ""),
    "L5:per-time": ("Ten firings in one unit of time are enough, whatever the unit is.",
                    "[(10 * unit, 0.1 * unit) for unit in (1, 60)]  # firings and relaxation rate, per s and per min"),
    "L5:ten": ("Ten molecules are enough for ten firings.", ""),
    "L1:flow": ("The master equation describes a noisy flow: no method has whole numbers only.",
                "cmelab.path(cmelab.models.birth_death(5, 1, 5), 2.0, seed=1).of('M')"),
    "L1:mean": ("A mean of whole numbers is a whole number.", "np.mean([2, 3])"),
    "L1:events": ("A Langevin path, too, takes one step for every event.", ""),
    "L1:births": ("Only what is made counts as an event; what is lost is its mirror image.",
                  "cmelab.models.birth_death(50, 1, 50).propensities([50])"),
}  # fmt: skip
