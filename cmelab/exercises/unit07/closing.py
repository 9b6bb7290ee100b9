"""7.4 to 7.6: the normal closure of 2A -> 0, what it is worth, and the reason in words."""
from __future__ import annotations

from math import isclose
from random import Random

from ..exercise import Exercise
from ..ingredients import rounded
from .hierarchy import DERIVED
from .moments import exact_mean, follow, normal_flow, normal_third, pair_rates

# 7.4  The normal closure -------------------------------------------------------------------------------


def cubed_mean(m: float, v: float, k: float) -> tuple[float, float]:
    """<n^2> with its spread, but <n^3> = <n>^3."""
    dm, ds = pair_rates(m, v, m**3, k)
    return dm, ds - 2 * m * dm


def mean_field(m: float, v: float, k: float) -> tuple[float, float]:
    """All spread left out."""
    dm, ds = pair_rates(m, 0.0, m**3, k)
    return dm, ds - 2 * m * dm


def without_cross(m: float, v: float, k: float) -> tuple[float, float]:
    dm = -2 * k * (m * m + v - m)
    return dm, 4 * k * (m * m + v - m) - 2 * m * dm


def without_square(m: float, v: float, k: float) -> tuple[float, float]:
    dm = -2 * k * (m * m + v - m)
    return dm, -4 * k * (normal_third(m, v) - m * m - v) - 2 * m * dm


def with_third(third: float, m: float, v: float, k: float) -> tuple[float, float]:
    """dm/dt and dv/dt for a guess of <n^3>."""
    dm, ds = pair_rates(m, v, third, k)
    return dm, ds - 2 * m * dm


def on_rate_equation(m: float, v: float, k: float) -> tuple[float, float]:
    """The mean by the rate equation, the variance from it."""
    dm, ds = -2 * k * m * m, pair_rates(m, v, normal_third(m, v), k)[1]
    return dm, ds - 2 * m * dm


def variance_as_square(m: float, v: float, k: float) -> tuple[float, float]:
    """v in every place of <n^2>."""
    return -2 * k * (v - m), -4 * k * (3 * m * v - 2 * m**3) + 8 * k * v - 4 * k * m


def about_flow(answer: tuple[float, float], m: float, v: float, k: float) -> str:
    """Another closure than the one asked for, or a first or a last step that went astray."""
    dm, ds = pair_rates(m, v, normal_third(m, v), k)
    if not isclose(answer[0], dm):
        known = {
            -2 * k * m * m: "Your dm/dt is that of the rate equation",
            -2 * k * m * (m - 1): "Your dm/dt has no v",
            -2 * k * (v - m): "In your dm/dt v stands where ⟨n²⟩ belongs",
        }
        return next((f"{said}; what is ⟨n(n - 1)⟩, written with m and v?" for value, said in known.items()
                     if isclose(answer[0], value)), "")
    s = m * m + v
    for name, third in (("Poisson", normal_third(m, v) + m), ("log-normal", (s / m) ** 3)):
        if isclose(answer[1], with_third(third, m, v, k)[1]):
            return f"Your dv/dt is that of the {name} closure; the one asked for has no skew."
    if any(isclose(answer[1], ds - each) for each in (dm, m * dm, dm**2, -2 * m * dm)):
        return "From d⟨n²⟩/dt you take something; is it d(m²)/dt?"
    return ""


normal = Exercise(
    id="7.4",
    title="The normal closure",
    topic="closures",
    points=4,
    kind="function",
    name="normal_flow",
    reference=normal_flow,
    wrong={
        "M1": mean_field,
        "M1:third": cubed_mean,
        "M1:zero": lambda m, v, k: with_third(0.0, m, v, k),
        "M1:product": lambda m, v, k: with_third(m * (m * m + v), m, v, k),
        "M2": without_cross,
        "M2:cross": without_square,
        "M2:noise": lambda m, v, k: (-2 * k * (m * m + v - m), 4 * k * (m * m + v - m)),
        "M2:raw": lambda m, v, k: pair_rates(m, v, normal_third(m, v), k),
        "M2:same": variance_as_square,
        "M2:same-third": lambda m, v, k: with_third(3 * m * v - 2 * m**3, m, v, k),
        "K1": on_rate_equation,
    },
    probes=((10.0, 0.0, 0.1), (4.0, 4.0, 0.1), (5.0, 3.0, 0.1), (2.0, 1.0, 1.0), (7.0, 2.5, 0.2), (1.0, 1.0, 0.5)),
    secret=lambda rng: (float(rng.randint(3, 12)), rounded(rng, 1.0, 6.0), rounded(rng, 0.1, 1.0)),
    floor=1e-9,
    hints=(
        "What are ⟨n²⟩ and ⟨n³⟩, written with m and v, when the law has no skew? And how does v follow from them?",
        "Test yourself on the law 2 or 6, each half: m = 4, v = 4, and no skew. Your rates must be the exact ones, "
        "which 7.1 gives.",
        "`s = m**2 + v`, `third = m**3 + 3*m*v`, `dm = -2*k*(s - m)`, `ds = -4*k*third + 8*k*s - 4*k*m`. "
        "Since v = s - m², `dv = ds - 2*m*dm`.",
    ),
    why="The equations are exact, but for the one guess ⟨n³⟩ = m³ + 3mv; and dv/dt = d⟨n²⟩/dt - 2m dm/dt. "
        "For the law 2 or 6 (m = v = 4) and k = 0.1 your rates are -3.2 and -4.8: exact, since it has no skew.",
    implies={
        "M1": "At m = 4, v = 4, k = 0.1 you give dm/dt = -2.4, the loss of exactly 4 molecules. "
              "Two or six molecules have this m and v; how fast do they vanish?",
        "M1:third": "At m = 4, v = 4, k = 0.1 you give dv/dt = 14.4. For 2 or 6 molecules, which have this m and v, "
                    "⟨n³⟩ is 112; what is 4³?",
        "M2": "At m = 4, v = 4, k = 0.1 you give dv/dt = 32. That is d⟨n²⟩/dt = 6.4 less 2m dm/dt. "
              "Can ⟨n²⟩ grow while molecules vanish?",
        "M2:cross": "At m = 10, v = 0, k = 0.1 you give dv/dt = 0. Ten for certain: after a moment some jars hold "
                    "10 and some hold 8; is there still no variance?",
        "M2:noise": "At m = 4, v = 4, k = 0.1 you give dv/dt = 6.4: a variance that never falls. When all molecules "
                    "are gone, how large is it?",
        "M2:raw": "At m = 10, v = 0, k = 0.1 you give dv/dt = -324: a variance below zero at once. That is how ⟨n²⟩ "
                  "changes; what is taken away from ⟨n²⟩ to get v?",
        "M1:zero": "At m = 4, v = 4, k = 0.1 you give dv/dt = 40. Two or six molecules have this m and v and no skew; "
                   "is the mean of 8 and 216 nothing?",
        "M1:product": "At m = 4, v = 4, k = 0.1 you give dv/dt = 8. For 2 or 6 molecules, which have this m and v, "
                      "⟨n³⟩ is 112; what is 4 times 20?",
        "M2:same": "At m = 10, v = 0, k = 0.1 you give dm/dt = 2, a mean that grows while molecules vanish. "
                   "Ten for certain: is ⟨n²⟩ then 0, as v is?",
        "M2:same-third": "At m = 4, v = 4, k = 0.1 you give dv/dt = 72. In 3ms - 2m³ you took 4 for s, which makes "
                         "⟨n³⟩ = -80: can a mean of cubes of counts be below zero?",
        "K1": "At m = 10, v = 0, k = 0.1 you give dm/dt = -20. Ten for certain have a = 9 events per second, and each "
              "takes two; how many is that?",
    },
    tells=about_flow,
    forbidden=DERIVED,
)

# 7.5  What it is worth ---------------------------------------------------------------------------------


def late(rng: Random) -> dict[str, float]:
    """An odd start, and a time at which the exact mean nears the last molecule, which the closure does not know of."""
    k = rng.choice((0.1, 0.2, 0.25, 0.4, 0.5, 1.0))
    return {"n0": rng.choice((5, 7, 9, 11)), "k": k, "t": round(rng.uniform(0.42, 0.58) / k, 2)}


against_exact = Exercise(
    id="7.5",
    title="Closure and master equation",
    topic="closures",
    points=2,
    kind="numbers",
    name="both",
    reference=lambda n0, k, t: (follow(normal_flow, n0, k, t)[0], exact_mean(n0, k, t)),
    wrong={
        "M1": lambda n0, k, t: (follow(mean_field, n0, k, t)[0], exact_mean(n0, k, t)),
        "K1": lambda n0, k, t: (follow(normal_flow, n0, k, t)[0], n0 / (1 + 2 * k * n0 * t)),
        "K1:closed": lambda n0, k, t: (n0 / (1 + 2 * k * n0 * t), exact_mean(n0, k, t)),
        "M3": lambda n0, k, t: (follow(normal_flow, n0, k, t)[0],) * 2,
        "M3:twice": lambda n0, k, t: (exact_mean(n0, k, t),) * 2,
        "P8:halved": lambda n0, k, t: (follow(normal_flow, n0, k, t)[0], exact_mean(n0, k / 2, t)),
    },
    given=late,
    default={"n0": 5, "k": 0.2, "t": 2.5},
    unit="molecules",
    hints=(
        "Where do your two equations start, when there are n0 molecules for certain? And which counts can be reached?",
        'Run `cmelab.show("closure-bench", preset="normal-breaks")` with an odd start: where do the solid and the '
        "dashed line end up? (There c stands for 2k.)",
        "Closure: `solve_ivp(lambda t, y: normal_flow(*y, k), (0, t), (n0, 0.0), rtol=1e-9, atol=1e-9).y[0, -1]`. "
        "Exact: `cmelab.solve(net, t).mean()[-1, 0]`, with the network of the lesson.",
    ),
    why="An odd count ends at 1: the last molecule finds no partner. The closure knows a mean and a variance, and "
        "not which counts can be reached; from 5, with k = 0.2 at t = 2.5, it says 0.946 where 1.142 is exact.",
    implies={
        "M1": "The first number of your {answer} has no spread in it. Start at n0 = {n0} with variance 0: "
              "does the variance stay 0?",
        "K1": "The second number of your {answer} is the rate equation, n0/(1 + 2 k n0 t). It goes to 0; "
              "from n0 = {n0}, two at a time, where must the count end?",
        "K1:closed": "The first number of your {answer} is the rate equation, n0/(1 + 2 k n0 t), which has no variance "
                     "in it. Your closure has; does the mean not ask for it?",
        "M3": "Your {answer} has the closure twice. From n0 = {n0}, two at a time, the count can never be below 1: "
              "what did the master equation say?",
        "M3:twice": "Your {answer} has the master equation twice. What do your own two equations of 7.4 give, from "
                    "m = {n0} and v = 0?",
        "P8:halved": "The second number of your {answer} belongs to a = k n(n-1)/2. Which convention does the network "
                     "of the lesson name, and what are its propensities?",
    },
    forbidden=("close", "moment_equations", "compare", "linear_noise"),
)


def misses(answer: tuple[float, ...]) -> tuple[bool, bool, float]:
    """(a start and a time that can be looked at, nothing below zero on the way, relative miss of the mean), k = 1."""
    if len(answer) != 2 or answer[0] != int(answer[0]) or not (2 <= answer[0] <= 20 and 0 < answer[1] <= 2):
        return False, False, 0.0
    n0, t = int(answer[0]), float(answer[1])
    m, _, sound = follow(normal_flow, n0, 1.0, t)
    exact = exact_mean(n0, 1.0, t)
    return True, sound, abs(m / exact - 1)


def is_silent(answer: tuple[float, ...]) -> bool:
    fits, sound, miss = misses(answer)
    return fits and sound and miss > 0.1


def agrees(answer: tuple[float, ...]) -> bool:
    fits, sound, miss = misses(answer)
    return fits and sound and miss <= 0.1


def has_broken(answer: tuple[float, ...]) -> bool:
    fits, sound, _ = misses(answer)
    return fits and not sound


def about_witness(answer: tuple[float, ...]) -> str:
    """Out of the bounds that the question sets."""
    return "" if misses(answer)[0] else "Give a whole start from 2 to 20, and a time above 0 that is at most 2."


silent = Exercise(
    id="7.5b",
    title="Wrong without a warning",
    topic="closures",
    points=2,
    kind="witness",
    name="witness",
    reference=is_silent,
    wrong={"M3": agrees, "M3:broken": has_broken},
    examples={"right": (5.0, 0.5), "M3": (10.0, 0.1), "M3:broken": (10.0, 1.0)},
    hints=(
        "Which starts lead to an end that the closure cannot know of?",
        'Run `cmelab.show("closure-bench", preset="normal-breaks")` with 5 molecules and drag the time: between '
        "which times is the dashed line wrong, and no cross to be seen yet?",
        "Take an odd start. The exact mean stops at 1; the closure passes below it at about `t = 0.4` and breaks at "
        "about `t = 0.87`. Any time between, such as 0.6, will do.",
    ),
    why="Mean and variance are positive, and the mean is off by more than a tenth: a number that looks sound proves "
        "nothing. Only the master equation, or many exact paths, can tell.",
    implies={
        "M3": "At {answer} (start, time) the closure is off by 10 % at most. When does its guess about ⟨n³⟩ go wrong?",
        "M3:broken": "At {answer} (start, time) the mean or the variance has fallen below 0, and everybody is warned. "
                     "When is it wrong, and nothing to be seen?",
    },
    tells=about_witness,
    forbidden=("close", "compare"),
)

# 7.6  In words -----------------------------------------------------------------------------------------

explain = Exercise(
    id="7.6",
    title="Explain it to a modeller",
    topic="closures",
    points=1,
    kind="text",
    name="explanation",
    hints=(
        "What did the colleague's program have to make up, and who checked it?",
        'Look at `cmelab.show("closure-bench", preset="two-modes")`: which of the two lines looks sound?',
        "Say which moment is guessed, then one sign of a bad guess, then why the lack of a sign proves nothing, and "
        "what you would compare with.",
    ),
    why="A person reads this one. Full point: a moment above the order was guessed; a positive variance proves "
        "nothing; compare with the master equation or exact paths (or say when no guess is needed). Half a point: "
        "one or two of the three.",
)
