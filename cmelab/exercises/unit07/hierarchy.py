"""7.1 to 7.3: how averages change, which moments their equations need, and when that ends."""
from __future__ import annotations

from math import isclose
from random import Random
from typing import Any

from ..exercise import Exercise
from ..ingredients import LIBRARY, rounded
from ..observe import alive
from .moments import average_rates, mean_of

DERIVED = (*LIBRARY, "moment_equations", "close", "linear_noise", "compare")

TEN = (0.0,) * 10 + (1.0,)
TWO_OR_SIX = (0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.5)

# 7.1  How an average changes ---------------------------------------------------------------------------


def some_law(rng: Random) -> tuple[float, ...]:
    """A law on 0 to 5 or 6, in steps of 1/20."""
    weights = [rng.randint(0, 3) for _ in range(5)] + [rng.randint(2, 4)]
    return tuple(w / sum(weights) for w in weights)


def at_mean(p, nu, a, cross=2):
    """The propensity taken at the mean; without its cross term for cross = 0."""
    m = mean_of(lambda n: n, p)
    return nu * a(m), (cross * m * nu + nu**2) * a(m)


def changes(p, nu, a, square):
    """d<n>/dt, and what d<n^2>/dt is for whom an event changes n^2 by square(n)."""
    return mean_of(lambda n: nu * a(n), p), mean_of(lambda n: square(n) * a(n), p)


def chain_rule(p, nu, a):
    """d<n>/dt, and <n^2> taken for <n>^2."""
    dm = mean_of(lambda n: nu * a(n), p)
    return dm, 2 * mean_of(lambda n: n, p) * dm


def about_averages(answer: tuple[float, float], *point: Any) -> str:
    """Every n counted alike, or a direction that no event has."""
    p, nu, a = alive(point)
    if isclose(answer[0], sum(nu * a(n) for n in range(len(p)))) and answer[0]:
        return "You count every n alike; how likely each is stands in p."
    if answer[0] * nu < 0:
        return f"By your first number n {'grows' if answer[0] > 0 else 'falls'}, and each event adds {nu}."
    if answer[1] * nu < 0:
        return f"By your second number n² {'grows' if answer[1] > 0 else 'falls'}, and each event adds {nu} to n."
    return ""


average = Exercise(
    id="7.1",
    title="How averages change",
    topic="moments",
    points=3,
    kind="function",
    name="average_rates",
    reference=average_rates,
    wrong={
        "M1": lambda p, nu, a: at_mean(p, nu, a),
        "M1+M2": lambda p, nu, a: at_mean(p, nu, a, cross=0),
        "M1+M2:cross": lambda p, nu, a: (at_mean(p, nu, a)[0], 2 * mean_of(lambda n: n, p) * at_mean(p, nu, a)[0]),
        "M1:square": chain_rule,
        "M2": lambda p, nu, a: changes(p, nu, a, lambda n: nu**2),
        "M2:cross": lambda p, nu, a: changes(p, nu, a, lambda n: 2 * n * nu),
        "M2:backward": lambda p, nu, a: changes(p, nu, a, lambda n: 2 * n * nu - nu**2),
        "M2:sign": lambda p, nu, a: changes(p, nu, a, lambda n: n**2 - (n + nu) ** 2),
    },
    probes=(
        (TEN, -2, "lambda n: 0.1 * n * (n - 1)"),
        (TWO_OR_SIX, -2, "lambda n: 0.1 * n * (n - 1)"),
        ((0.1, 0.2, 0.4, 0.3), -1, "lambda n: 1.5 * n"),
        ((0.5, 0.25, 0.25), 1, "lambda n: 4.0"),
        ((0.0, 0.3, 0.0, 0.7), 3, "lambda n: 10 * n / (3 + n)"),
        ((1.0,), 2, "lambda n: 0.5"),
    ),
    secret=lambda rng: (some_law(rng), rng.choice((-2, 2, 3)), f"lambda n: {rounded(rng, 0.1, 1.0)} * n * (n - 1)"),
    floor=1e-9,
    hints=(
        "One event takes the count from n to another count. By how much has n changed, and by how much has n²?",
        'Run `cmelab.show("moment-hierarchy", preset="cross-term-forgotten")`, then switch the belief off: '
        "which number does (10 - 2)² - 10² explain?",
        "For every n add `p[n] * a(n) * nu` to the first sum and `p[n] * a(n) * ((n + nu)**2 - n**2)` to the second. "
        "`enumerate(p)` gives n and its probability.",
    ),
    why="Each event changes f by f(n+ν) - f(n), and happens a(n) times per second: average that over the law. At "
        "n = 10, ν = -2, a = 9 you get -18 and (64 - 100) · 9 = -324.",
    implies={
        "M1": "For 2 or 6 molecules, each half, with ν = -2 and a = 0.1 n(n-1) you give d⟨n⟩/dt = -2.4, as if there "
              "were always 4. How often do six molecules react, and how often do two?",
        "M1+M2": "For 2 or 6 molecules, each half, with ν = -2 and a = 0.1 n(n-1) you give d⟨n²⟩/dt = 4.8. "
                 "How often do six molecules react, and how often do two? And what is 4² - 6²?",
        "M1+M2:cross": "For 2 or 6 molecules, each half, with ν = -2 and a = 0.1 n(n-1) you give d⟨n²⟩/dt = -19.2, as "
                       "for a count that is always 4. What does a jar of 2 lose from n², what a jar of 6, how often?",
        "M1:square": "For 2 or 6 molecules, each half, with ν = -2 and a = 0.1 n(n-1) you give d⟨n²⟩/dt = -25.6. "
                     "A jar of 2 loses 4 from n², a jar of 6 loses 20; how often does each?",
        "M2": "At n = 10, ν = -2, a = 9 you give d⟨n²⟩/dt = 36, a square that grows while molecules vanish. "
              "What is 8² - 10²?",
        "M2:cross": "At n = 10, ν = -2, a = 9 you give d⟨n²⟩/dt = -360. An event takes n² from 100 to 64; "
                    "how much is that, nine times a second?",
        "M2:backward": "At n = 10, ν = -2, a = 9 you give d⟨n²⟩/dt = -396: 100 - 144, nine times a second. "
                       "Does the event lead from 12 to 10, or from 10 to 8?",
        "M2:sign": "At n = 10, ν = -2, a = 9 you give d⟨n²⟩/dt = 324, a square that grows while molecules vanish. "
                   "Is the change what n² becomes less what it was, or the other way round?",
    },
    tells=about_averages,
    forbidden=DERIVED,
)  # fmt: skip

bends = Exercise(
    id="7.1b",
    title="More or less than at the mean",
    topic="moments",
    points=1,
    kind="numbers",
    name="signs",
    reference=lambda: (1, 0, -1, 1),
    wrong={
        "M1": lambda: (0, 0, 0, 0),
        "M1:more": lambda: (1, 0, 1, 1),
        "M1:slope": lambda: (1, 1, 1, -1),
        "M1:falls": lambda: (1, 0, -1, -1),
        "M1:straight": lambda: (1, 1, -1, 1),
        "M1:opposite": lambda: (-1, 0, 1, -1),
    },
    hints=(
        "Two dots on the curve of a(n), joined by a line: is the middle of that line above the curve, or below?",
        "Take 2 or 6 molecules, each half of the time: the mean is 4. Work out `(a(2) + a(6)) / 2` and `a(4)` for "
        "each of the four.",
        "n(n-1) and 20/(1+n) bend upwards (+1), 5n is straight (0), and 10n/(3+n) levels off, so it bends "
        "downwards. Where does the chord lie then?",
    ),
    why="Jensen's inequality: where a(n) bends upwards its average is larger than a at the mean, where it bends "
        "downwards smaller, and only where it is straight are both surely the same.",
    implies={
        "M1": "In your {answer} spread never matters. For 2 or 6 molecules n(n-1) is 16 on average; what is it at 4?",
        "M1:more": "In your {answer} 10n/(3+n) gains. For 2 and 6 molecules it is 4 and 6.67, on average 5.33; "
                   "what is it at 4?",
        "M1:slope": "In your {answer} 5n gains: for 2 and 6 molecules it is 10 and 30, on average 20. "
                    "What is it at 4? Is it the slope that counts, or the bend?",
        "M1:falls": "In your {answer} 20/(1+n) loses. For 2 and 6 molecules it is 6.67 and 2.86, on average 4.76; "
                    "what is it at 4?",
        "M1:straight": "In your {answer} 5n gains. For 2 and 6 molecules it is 10 and 30, on average 20; "
                       "what is it at 4?",
        "M1:opposite": "In your {answer} n(n-1) loses. For 2 and 6 molecules it is 2 and 30, on average 16; "
                       "what is it at 4?",
    },
    forbidden=DERIVED,
)

# 7.2  Coefficients -------------------------------------------------------------------------------------

coalescence = Exercise(
    id="7.2",
    title="Two become one",
    topic="moments",
    points=2,
    kind="numbers",
    name="coefficients",
    reference=lambda k: (-2 * k, 3 * k, -k),
    wrong={
        "M2": lambda k: (0.0, k, -k),
        "M2:cross": lambda k: (-2 * k, 2 * k, 0.0),
        "M2:backward": lambda k: (-2 * k, k, k),
        "M2:sign": lambda k: (2 * k, -3 * k, k),
        "P1": lambda k: (-2 * k, k, 0.0),
        "P7:reactants": lambda k: (-4 * k, 8 * k, -4 * k),
        "P8:halved": lambda k: (-k, 1.5 * k, -0.5 * k),
    },
    given=lambda rng: {"k": rounded(rng, 0.1, 3.0)},
    default={"k": 0.3},
    unit="1/s",
    hints=(
        "One event takes two A's and gives one back. What is ν?",
        "Put ν = -1 into (n + ν)² - n², and multiply by k n (n-1), on paper. For 2A -> 0 and ν = -2, "
        '`cmelab.show("moment-hierarchy", preset="pairs")` shows what such a result looks like.',
        "`(1 - 2*n) * k * n * (n - 1)`: multiply out, and collect n³, n² and n. The n³ comes with `-2 * k`.",
    ),
    why="ν = -1, so n² changes by -2n + 1 per event: k(1 - 2n)(n² - n) = -2k n³ + 3k n² - k n. At n = 2, the one "
        "reaction 2 -> 1 takes 3 from n², 2k times per second: -6k.",
    implies={
        "M2": "By your {answer}, at n = 2 the square ⟨n²⟩ would change by +2k, k being {k}. "
              "The only event leads from 2 to 1: does n² grow?",
        "M2:cross": "By your {answer}, at n = 2 the square ⟨n²⟩ would change by -8k, k being {k}. "
                    "The event 2 -> 1 takes 3 from n², 2k times per second; what is that?",
        "M2:backward": "By your {answer}, at n = 2 the square ⟨n²⟩ would change by -10k, k being {k}. "
                       "Does the event lead from 3 to 2, or from 2 to 1?",
        "P1": "By your {answer}, at n = 1 the square ⟨n²⟩ would change by -k, k being {k}. "
              "Whom does a lone molecule meet?",
        "M2:sign": "By your {answer}, at n = 2 the square ⟨n²⟩ would change by +6k, k being {k}. "
                   "The only event leads from 2 to 1: does n² grow?",
        "P7:reactants": "By your {answer}, at n = 2 the square ⟨n²⟩ would change by -8k, k being {k}: 4 each time, as "
                        "if nothing were left. Two A's become one; from 2 to what does the event lead?",
        "P8:halved": "By your {answer}, at n = 2 the square ⟨n²⟩ would change by -3k, k being {k}, so each event, "
                     "which takes 3, would come k times per second. What is k n(n-1) at 2?",
    },
    forbidden=DERIVED,
)

# 7.3  When it closes -----------------------------------------------------------------------------------


def linear_rates(mean: float, second: float, k: float, gamma: float) -> tuple[float, float]:
    """d<n>/dt and d<n^2>/dt of 0 -> M, M -> 0."""
    return k - gamma * mean, k * (2 * mean + 1) + gamma * (mean - 2 * second)


linear = Exercise(
    id="7.3",
    title="Made and lost",
    topic="linear networks",
    points=3,
    kind="function",
    name="linear_flow",
    reference=linear_rates,
    wrong={
        "M4": lambda mean, second, k, gamma: linear_rates(mean, mean**2, k, gamma),
        "M4:poisson": lambda mean, second, k, gamma: linear_rates(mean, mean + mean**2, k, gamma),
        "M1:square": lambda mean, second, k, gamma: (k - gamma * mean, 2 * mean * (k - gamma * mean)),
        "M2": lambda mean, second, k, gamma: (k - gamma * mean, k + gamma * mean),
        "M2:cross": lambda mean, second, k, gamma: (k - gamma * mean, 2 * k * mean - 2 * gamma * second),
        "M2:backward": lambda mean, second, k, gamma: (
            k - gamma * mean, k * (2 * mean - 1) - gamma * (mean + 2 * second)),
        "M2:minus": lambda mean, second, k, gamma: (
            k - gamma * mean, k * (2 * mean + 1) - gamma * (mean + 2 * second)),
        "M2:raw": lambda mean, second, k, gamma: (
            k - gamma * mean, k + gamma * mean - 2 * gamma * (second - mean**2)),
    },
    probes=((3.0, 11.0, 8.0, 1.0), (0.0, 0.0, 5.0, 1.0), (8.0, 72.0, 4.0, 1.0), (2.0, 4.0, 1.0, 0.5),
            (5.0, 40.0, 3.0, 2.0), (1.5, 3.0, 0.5, 2.0)),
    secret=lambda rng: (float(m := rng.randint(2, 9)), m * m + rounded(rng, 0.5, 1.5) * m * 2, rounded(rng, 1.0, 9.0),
                        rounded(rng, 0.5, 2.0)),
    hints=(
        "Each reaction changes n² in its own way: by how much, when one molecule comes, and when one goes?",
        'Run `cmelab.show("moment-hierarchy", preset="linear")` and read the equation of ⟨M²⟩. '
        "Is there a red arrow at order 2?",
        "Coming: `k * (2 * mean + 1)`. Going: n² changes by -2n + 1, `gamma * n` times per second, on average "
        "`gamma * (mean - 2 * second)`. Add both; nothing has to be guessed.",
    ),
    why="d⟨n⟩/dt = k - γ⟨n⟩ and d⟨n²⟩/dt = k(2⟨n⟩ + 1) + γ(⟨n⟩ - 2⟨n²⟩): nothing above ⟨n²⟩ is asked for, so "
        "both are exact for all times, and no closure is needed.",
    implies={
        "M4": "At ⟨n⟩ = 3, ⟨n²⟩ = 11, k = 8, γ = 1 you give 41, and the same for every ⟨n²⟩. "
              "You were told ⟨n²⟩; why guess ⟨n⟩²?",
        "M4:poisson": "At ⟨n⟩ = 3, ⟨n²⟩ = 11, k = 8, γ = 1 you give 35, and the same for every ⟨n²⟩. "
                      "You were told ⟨n²⟩; why guess it from ⟨n⟩?",
        "M1:square": "At ⟨n⟩ = ⟨n²⟩ = 0, k = 5 you give d⟨n²⟩/dt = 0. When a molecule comes, some jars hold 1 and most "
                     "hold 0; is ⟨n²⟩ still 0?",
        "M2": "At ⟨n⟩ = 8, ⟨n²⟩ = 72, k = 4, γ = 1 you give d⟨n²⟩/dt = 12, while the mean falls from 8 to 4. "
              "Where does the large ⟨n²⟩ go?",
        "M2:cross": "At ⟨n⟩ = ⟨n²⟩ = 0, k = 5 you give d⟨n²⟩/dt = 0. When a molecule comes, "
                    "n² goes from 0 to 1; how often does that happen?",
        "M2:backward": "At ⟨n⟩ = ⟨n²⟩ = 0, k = 5 you give d⟨n²⟩/dt = -5: a square below zero. "
                       "Where does the event lead, from 0 to 1 or from -1 to 0?",
        "M2:minus": "At ⟨n⟩ = 2, ⟨n²⟩ = 4, k = 1, γ = 0.5 you give d⟨n²⟩/dt = 0. From 2 a molecule goes once per "
                    "second and takes n² from 4 to 1; how much is that? And which sign has (-1)²?",
        "M2:raw": "At ⟨n⟩ = 8, ⟨n²⟩ = 72, k = 4, γ = 1 you give d⟨n²⟩/dt = -4. That is how the variance 72 - 64 "
                  "changes. ⟨n⟩² falls as well; does ⟨n²⟩ fall by no more?",
    },
    forbidden=DERIVED,
)  # fmt: skip

which_close = Exercise(
    id="7.3b",
    title="Which ones close",
    topic="linear networks",
    points=2,
    kind="numbers",
    name="closes",
    reference=lambda: (1, 0, 1, 1, 1, 0),
    wrong={
        "M4": lambda: (0, 0, 0, 0, 0, 0),
        "M4:linear-only": lambda: (1, 0, 0, 0, 1, 0),
        "M4:product": lambda: (1, 0, 1, 0, 1, 0),
        "M4:pairs": lambda: (1, 0, 0, 1, 1, 0),
        "M4:finite": lambda: (1, 1, 1, 1, 1, 0),
        "M4:catalyst": lambda: (1, 0, 1, 1, 1, 1),
        "M4:switch": lambda: (1, 0, 1, 1, 0, 0),
    },
    hints=(
        "Which counts can be reached at all, and which count never changes?",
        'Run `cmelab.show("moment-hierarchy", preset="finite-support")` and `preset="catalyst"`, and turn the switch '
        "*reachable states* off and on. What becomes of the red arrow?",
        "Linear: 1 and 5. From 3 A only the counts 3 and 1 can be reached, where n² = 4n - 3. With E = 2 for good, "
        "E · S is 2 S. In the two that are left nothing helps.",
    ),
    why="Reactions with at most one reactant molecule never ask for more. Two reachable counts, or a count that never "
        "changes, turn a higher moment into a sum of lower ones. From 10 A six counts can be reached, too many for "
        "order 2; and in A + B -> B the count of B fluctuates.",
    implies={
        "M4": "In your {answer} nothing closes, not even 1: made and lost. Its equation of ⟨n²⟩ is "
              "k(2⟨n⟩ + 1) + γ(⟨n⟩ - 2⟨n²⟩). What above order 2 do you see?",
        "M4:linear-only": "In your {answer} 3 and 4 do not close. From 3 A only 3 and 1 can be reached: is n² = 4n - 3 "
                          "at both? And if E = 2 for good, what is E · S?",
        "M4:product": "In your {answer} network 4 does not close. No reaction changes E, and E = 2: "
                      "what is the product E · S then?",
        "M4:pairs": "In your {answer} network 3 does not close. From 3 A only 3 and 1 can be reached: "
                    "is n² = 4n - 3 at both?",
        "M4:finite": "In your {answer} network 2 closes. From 10 A six counts can be reached: is there one line or "
                     "parabola through n³ at 0, 2, 4, 6, 8 and 10?",
        "M4:catalyst": "In your {answer} network 6 closes. Its first reaction gives B back; do the other two leave "
                       "the number of B alone?",
        "M4:switch": "In your {answer} network 5 does not close. Count the reactant molecules of each of its "
                     "reactions: is there one with two?",
    },
    forbidden=DERIVED,
)
