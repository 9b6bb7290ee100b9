"""The beliefs M1 to M4 that unit 07 finds, and their variants."""
from __future__ import annotations

from ..misconception import Misconception

BELIEFS = (
    Misconception(
        "M1",
        "The mean of a function is the function of the mean: ⟨n²⟩ = ⟨n⟩².",
        "A jar holds 2 or 6 molecules, each half of the time. What is n² on average, and what is 4²?",
        ("closure-bench", "square-of-the-mean"),
    ),
    Misconception(
        "M2",
        "⟨n²⟩ changes by ν² per event: the cross term 2nν is left out.",
        "From 10 to 8: by how much does n² fall, and how much of that is ν²?",
        ("moment-hierarchy", "cross-term-forgotten"),
    ),
    Misconception(
        "M3",
        "A closure gives the moments of the master equation.",
        "The closure had to guess a moment. What tells you that the guess was right?",
        ("closure-bench", "closure-is-exact"),
    ),
    Misconception(
        "M4",
        "Every network needs a closure, linear ones too.",
        "Which moment above order 2 stands in the equations of a linear network?",
        ("closure-bench", "linear-network"),
    ),
)

VARIANTS = {
    "M1:more": ("Averaging over different counts makes every bent propensity larger.",
                "[(f(2) + f(6)) / 2 - f(4) for f in (lambda n: n * (n - 1), lambda n: 10 * n / (3 + n))]"),
    "M1:slope": ("What grows with n gets larger by averaging, and what falls gets smaller.",
                 "[(f(2) + f(6)) / 2 - f(4) for f in (lambda n: 5 * n, lambda n: 10 * n / (3 + n))]"),
    "M1:opposite": ("A propensity that bends upwards is smaller on average than at the mean.",
                    "((2 * 1 + 6 * 5) / 2, 4 * 3)  # n(n-1) on average over 2 and 6, and at 4"),
    "M1:third": ("The spread matters for ⟨n²⟩, but ⟨n³⟩ = ⟨n⟩³.",
                 "((2**3 + 6**3) / 2, 4**3)  # the mean of n cubed over 2 and 6, and the cube of the mean"),
    "M1:ode": ("The exact mean follows the rate equation dn/dt = -2kn².",
               'cmelab.show("closure-bench", preset="mean-is-the-ode")'),
    "M2:cross": ("⟨n²⟩ changes by 2nν per event: the ν² is left out.",
                 'cmelab.show("moment-hierarchy", preset="square-forgotten")'),
    "M2:backward": ("An event changes n² by n² - (n - ν)².", "(8**2 - 10**2, 10**2 - 12**2)  # from 10 by ν = -2"),
    "M2:noise": ("Jumps feed the variance, and nothing takes it away.",
                 "[np.var(x) for x in ([10, 10], [8, 10], [2, 2])]  # two jars: start, one event, end"),
    "M2:raw": ("The variance changes as fast as ⟨n²⟩ does.",
               "(10**2 - 10**2, 8**2 - 8**2)  # ⟨n²⟩ - ⟨n⟩² when both jars hold 10, and when both hold 8"),
    "M3:broken": ("A closure is wrong only where it warns: where a mean or a variance falls below zero.",
                  'cmelab.show("closure-bench", preset="normal-breaks")'),
    "M4:poisson": ("The second moment of a linear network must be guessed: ⟨n²⟩ = ⟨n⟩ + ⟨n⟩², as for a Poisson law.",
                   'cmelab.show("moment-hierarchy", preset="linear-needs-one")'),
    "M4:linear-only": ("Only networks of reactions with at most one reactant molecule close.",
                       'cmelab.show("moment-hierarchy", preset="finite-support")'),
    "M4:product": ("A product of two counts never closes, even when one of them cannot change.",
                   'cmelab.show("moment-hierarchy", preset="catalyst")'),
    "M4:pairs": ("A reaction 2A never closes, however few states can be reached.",
                 'cmelab.show("moment-hierarchy", preset="finite-support")'),
}  # fmt: skip
