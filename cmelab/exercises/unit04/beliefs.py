"""The beliefs D1 to D6 that unit 04 finds, and their variants."""
from __future__ import annotations

from ..misconception import Misconception

BELIEFS = (
    Misconception(
        "D1",
        "At a steady state nothing happens.",
        "The probabilities stand still. Does the molecule?",
        ("wheel3", "nothing-happens-believed"),
    ),
    Misconception(
        "D2",
        "A steady state has no currents: every step is balanced by the same step backward.",
        "As much flows into each state as out of it. Must it come from where it goes?",
        ("wheel3", "no-current-believed"),
    ),
    Misconception(
        "D3",
        "The ratio of the two rates is itself the probability.",
        "kon/koff can be 4. Can a probability?",
        ("two-state", "ratio-as-probability"),
    ),
    Misconception(
        "D4",
        "Only one rate sets the pace: the relaxation time is 1/kon.",
        "The faster receptors turn off, the sooner the share is steady. Where is koff in your time?",
        ("two-state", "wrong-relaxation"),
    ),
    Misconception(
        "D5",
        "Counts at steady state are Poisson: their variance is their mean.",
        "There are 20 receptors in all. Which numbers can a Poisson law give that they cannot?",
        ("two-state", "poisson"),
    ),
    Misconception(
        "D6",
        "After a long time the start is always forgotten.",
        "Molecules vanish in pairs. Can 9 of them end like 10 of them?",
        ("lattice", "parity"),
    ),
)

_WHEEL = "(lambda p: [p[0] * 3 - p[1] * 1, p[1] * 3 - p[2] * 1, p[2] * 3 - p[0] * 1])([1/3, 1/3, 1/3])  # {}"
_RING = "np.linalg.eigvals([[-1, 0, 1], [1, -1, 0], [0, 1, -1.0]]).{} # one way round a ring of three, rates 1"

VARIANTS = {
    "D1:one-way": ("Only turning on is an event.", ""),
    "D2:flow": ("The flow forward is the current: what flows back is left out.", _WHEEL.format("forward minus back")),
    "D2:rates": ("The difference of the two rates is the current, however likely the two states are.",
                 _WHEEL.format("each rate times the probability of its source")),
    "D2:target": ("A flow is a rate times the probability of the state it leads to.",
                  'cmelab.show("flux-bars", preset="target-weight")'),
    "D2:sum": ("Rates around a loop are added.",
               "[np.prod(k) for k in ([2, 3, 1], [1, 1.5, 4])]  # a wheel in balance: sums 6 and 6.5, products"),
    "D2:product": ("The affinity is the ratio of the products itself, without the logarithm.",
                   "[np.log(27), np.log(1), np.log(1 / 27)]  # forward, balanced, backward"),
    "D2:never": ("A test of balance needs only wheels that are balanced.", ""),
    "D2:forward": ("A wheel out of balance turns one way only.", 'cmelab.show("wheel3", preset="backward")'),
    "D2:backward": ("The direction of a current does not matter.", 'cmelab.show("wheel3", preset="backward")'),
    "D3:inverted": ("The ratio is upside down: the faster a state is left, the likelier it is.",
                    'cmelab.show("two-state", preset="ratio-inverted")'),
    "D3:upside-down": ("The ratio is upside down, and it is itself the probability.", ""),
    "D3:equal": ("At a steady state all states are equally likely.",
                 'cmelab.show("wheel3", preset="uneven-balanced")'),
    "D3:waits": ("A state is as likely as a stay in it is long, however often it is entered.",
                 'cmelab.show("wheel3", preset="uneven-spins")'),
    "D4:slowest": ("The longest wait in a state is the relaxation time.", ""),
    "D4:fastest": ("The fastest part that decays sets the relaxation time.",
                   "np.exp([-1 / 0.4, -8 / 0.4])  # what is left of a slow and of a fast part after the same time"),
    "D4:half": ("The relaxation time is the time until half of the distance is left.",
                "np.exp([-1, -np.log(2)])  # what is left after a relaxation time, and after a half-life"),
    "D4:modulus": ("The size of a complex eigenvalue says how fast it decays.", _RING.format("real")),
    "D5:spread": ("The variance is the standard deviation.", ""),
    "D5:one": ("The variance of all receptors is that of one.", ""),
    "D6:inactive": ("Where a watched receptor starts does not matter: it may as well start inactive.",
                    'cmelab.show("two-state", preset="one-receptor")'),
    "D6:half": ("There are two shapes, so the receptor starts in each with probability one half.",
                'cmelab.show("two-state", preset="one-receptor")'),
    "D6:coin": ("Odd or even, either is as likely in the end, whatever the start.", ""),
    "D6:last": ("One molecule is left over only where there was one from the beginning.", ""),
}  # fmt: skip
