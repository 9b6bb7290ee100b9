"""The beliefs K1 to K4 that unit 06 finds, and their variants."""
from __future__ import annotations

from ..misconception import Misconception

BELIEFS = (
    Misconception(
        "K1",
        "The mean of many runs follows the rate equation in every network: the mean of a rate is the rate at the mean.",
        "Two jars, one with 0 and one with 2 molecules: how fast do pairs vanish on average, and in a jar with 1?",
        ("explorer", "mean-is-the-ode"),
    ),
    Misconception(
        "K2",
        "In a large volume the fluctuations themselves vanish, or they grow like the count.",
        "Throw 1 die, then 100 dice, and add up. Does the sum vary less than one die? A hundred times as much?",
        ("omega-ladder", "noise-like-n"),
    ),
    Misconception(
        "K3",
        "A larger volume means larger counts, and the constants stay as they are.",
        "Ten jars side by side make ten times as many molecules. Which constant says so?",
        ("omega-ladder", "constants-not-scaled"),
    ),
    Misconception(
        "K4",
        "What the rate equation does for long times, one vessel does too: Kurtz's theorem holds for ever.",
        "Nobody is infected any more. From where does the next case come?",
        ("sis-doom", "for-ever-believed"),
    ),
)

_MEANS = "[(cmelab.exact.annihilation_mean(t, 0.1, 10), 10 / (1 + 2 * t)) for t in (0.1, 0.5, 2)]  # mean, curve"
_POISSON = "[(m, m**0.5, m**-0.5) for m in (4, 40, 400)]  # mean, sd and CV of a Poisson law"
_LOGS = "np.diff(np.log([0.5, 0.158, 0.05])) / np.diff(np.log([1, 10, 100]))  # slope of log CV against log volume"
_JARS = '[cmelab.ReactionNetwork.parse("0 -> A ; 4 \\n A -> 0 ; 1 \\n 2A -> 0 ; 0.5", convention="macroscopic", ' \
        'ode="extent", volume=v).propensities([2]) for v in (1, 10)]'
_END = "[cmelab.exact.sis_extinction_time(20, r0, 7) for r0 in (0.0, 1.0, 1.5, 2.0)]  # infections delay the end"
_FIRST = "1 - cmelab.first_passage(cmelab.models.sis(1.5, people=20, infected=1), 'I == 0', times=[5, 50]).survival"

VARIANTS = {
    "K1:combinatorial": ("The mean follows the rate equation as soon as it has n(n - 1) in place of n².",
                         "[(cmelab.exact.annihilation_mean(0.5, 0.1, n), "
                         "1 / (1 - (1 - 1 / n) * np.exp(-0.1))) for n in (3, 10)]  # mean, n(n - 1)"),
    "K1:events": ("One event of 2A -> 0 takes one molecule away from the mean.", _MEANS),
    "K1:sd": ("Mean and rate equation agree where the standard deviation equals the mean.", ""),
    "K1:spread": ("As soon as the jars differ, the mean falls as fast as the curve.", ""),
    "K1:half": ("n(n - 1) counts each pair twice, so it is halved, whatever the constant means.",
                'cmelab.models.annihilation(k=0.1, n0=3).propensities([3])  # k n(n - 1)'),
    "K2:vanish": ("In a large volume the fluctuations themselves vanish.",
                  'cmelab.show("omega-ladder", preset="birth-death")'),
    "K2:concentration": ("The standard deviation of a count is that of its concentration.", _POISSON),
    "K2:root": ("The CV of any count falls like 1/√Ω.", 'cmelab.show("omega-ladder", preset="two-stable-states")'),
    "K2:poisson": ("Every count is Poisson: its CV is 1/√mean.",
                   "[(np.std(x) / np.mean(x), np.mean(x) ** -0.5) for x in ((2, 4, 6), (8, 10, 12))]  # CV, 1/√mean"),
    "K2:proportional": ("Fluctuations grow like the count, so their share of it never shrinks.", ""),
    "K2:constant": ("Fluctuations have the same size in every volume, so their share falls like 1/Ω.", _POISSON),
    "K2:variance": ("The standard deviation of a Poisson law is its mean.", _POISSON),
    "K2:sd": ("The standard deviation of the count is the relative noise.", _POISSON),
    "K2:square": ("The variance over the squared mean is the CV.", _LOGS),
    "K2:fano": ("The variance over the mean is the CV.", _POISSON),
    "K2:straight": ("A power law shows its power as a slope on plain axes.", _LOGS),
    "K2:swapped": ("The slope of log CV against log Ω is that of log Ω against log CV.", _LOGS),
    "K3:start": ("A larger volume has larger constants, and begins with as many molecules as a small one.", ""),
    "K3:inverted": ("The volume enters upside down: more room makes fewer molecules, and more meetings.", _JARS),
    "K3:everything": ("A larger volume does everything more often, so every constant grows with it.", _JARS),
    "K3:pairs": ("What is made grows with the volume; the constant of a pair does not know it.", _JARS),
    "K3:none": ("A larger volume changes nothing: counts stay, and constants stay.", ""),
    "K3:half": ("n(n - 1) counts each pair twice, so its constant is halved, whatever the rate equation says.",
                _JARS),
    "K3:one-volume": ("A test need not say what the numbers are in a volume other than 1.", _JARS),
    "K3:counts-only": ("Scaling is about counts: a program whose start is right scales rightly.", _JARS),
    "K3:made-only": ("Scaling is about what is made: with start and production right, pairs are right too.", _JARS),
    "K4:births": ("Births do not delay the end: only losses count.", _END),
    "K4:once": ("On the way to the end every count is visited once.", _END),
    "K4:last": ("Wherever it starts, the time to the end is that of a last individual.",
                "[cmelab.exact.sis_extinction_time(20, 1.5, n) for n in (1, 3, 7)]"),
    "K4:pairs": ("A fight takes one individual away.",
                 "cmelab.models.annihilation(k=0.5, n0=2).stoichiometry  # of one event"),
    "K4:alive": ("The probability to be over is the probability to be still there.", _FIRST),
    "K4:transposed": ("The mean times and the probabilities solve the same equations.",
                      'cmelab.show("flux-bars", preset="transposed")'),
    "K4:branching": ("Either it ends at the beginning, or never.", _FIRST),
    "K4:exponential": ("The time to the end is exponential, whatever the start.", _FIRST),
    "K4:sure": ("What ends with certainty has ended already.", _FIRST),
}  # fmt: skip
