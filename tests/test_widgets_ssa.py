"""The widgets of units 01 and 02 that read rates, measure a hazard, step through an SSA and heap up runs."""

from __future__ import annotations

import io
import math
import re
from typing import Any

import ipywidgets
import numpy as np
import pytest

import cmelab
from cmelab import ReactionNetwork, exact, models, path, simulate
from cmelab.errors import NetworkError
from cmelab.widgets import Bank, EnsembleGrow, HazardLimit, Mark, Panel, RateTranslator, SSAStepper, step_rules
from cmelab.widgets.frame import Scale, Text, at
from cmelab.widgets.grow_marks import DRAWN
from cmelab.widgets.look import LIGHT, Look
from cmelab.widgets.picture import bare
from cmelab.widgets.rate_readings import BELIEFS, CONVENTIONS, REACTIONS, Written
from cmelab.widgets.ssa_stepper import RACE
from cmelab.widgets.started_network import started
from cmelab.widgets.typed_network import typed

RACING = ReactionNetwork.parse("0 -> A ; 3\n0 -> B ; 1\n0 -> C ; 0.5")
GENE = ReactionNetwork.parse("on -> off ; 9\noff -> on ; 1", initial={"off": 1})
LEVEL = 4.5  # standard errors: a right program passes all but a few in a million


def mark(bank: Bank, **wanted: Any) -> Mark:
    """The first mark with these properties."""
    return next(m for m in bank.marks if all(getattr(m, name) == value for name, value in wanted.items()))


def told(bank: Bank, tone: str, frame: int | None = None) -> float:
    """The number of the reading in that tone."""
    reading = next(r for r in bank.readings if r.tone == tone)
    return float(reading.value.fill(bank.start if frame is None else frame).split()[-1])


# What the framework gained ----------------------------------------------------------------------------------------


def test_sector_covers_its_share_of_the_disc_clockwise_from_the_top():
    from PIL import Image

    panel = Panel("a", Scale(-1, 1), Scale(-1, 1), equal=True, bare=True)
    quarter = Mark("sectors", "a", {"x": [0.0], "y": [0.0], "start": [0.0], "end": [0.25]}, "blue", 0.9)
    image = Image.open(io.BytesIO(bare(Bank((panel,), (quarter,), Text("One.")), 0, Look(), width=400)))
    blue = np.array([int(LIGHT["blue"][i : i + 2], 16) for i in (1, 3, 5)])
    inside = (np.abs(np.asarray(image.convert("RGB")).astype(int) - blue) < 8).all(axis=2)
    rows, columns = np.nonzero(inside)
    side = columns.max() - columns.min() + 1
    assert inside.sum() == pytest.approx(math.pi * side**2 / 4, rel=0.02)
    assert columns.min() >= image.width / 2 - 2 and rows.max() <= image.height / 2 + 2


def test_many_beliefs_fold_into_a_menu_and_few_stay_buttons():
    assert isinstance(SSAStepper().inputs["rule"], ipywidgets.Dropdown)
    assert isinstance(HazardLimit().inputs["rule"], ipywidgets.RadioButtons)


def test_typed_network_with_numbers_can_be_simulated():
    net = typed("0 -> A ; 3\nA -> 0 ; 0.5", {}).net
    direct = ReactionNetwork.parse("0 -> A ; 3\nA -> 0 ; 0.5")
    assert (simulate(net, [2.0], paths=20, seed=1).counts == simulate(direct, [2.0], paths=20, seed=1).counts).all()


@pytest.mark.parametrize(("text", "starts", "unseen"), [
    ("0 -> M ; 4\nM -> 0 ; 1", {"M": 0}, set()), ("A + B -> C ; 1", {"A": 10, "B": 10, "C": 0}, {"C"}),
    ("E + S <-> C ; 1, 1\nC -> E + P ; 1", {"E": 10, "S": 10, "C": 0, "P": 0}, {"P"}),
    ("0 -> A ; a = 5 / (1 + B)\n0 -> B ; 1", {"A": 0, "B": 0}, {"A"}),
])  # fmt: skip
def test_typed_network_starts_where_something_can_happen(text, starts, unseen):
    assert dict(started({"network": text}).net.counts) == starts
    hidden = {c.name for c in SSAStepper.controls({"network": text}) if c.hidden} - {"first"}
    assert hidden == {f"n_{s}" for s in unseen}


# RateTranslator -----------------------------------------------------------------------------------------------------

PAIR, TWO, ZERO, THREE = "2A → products", "A + B → products", "0 → A", "3A → products"
_, FALLING, ODE, EXTENT, MOLAR, _ = CONVENTIONS
_, SAME, FORGOTTEN, INVERTED = BELIEFS


@pytest.mark.parametrize(("options", "right", "wrong"), [
    ({}, 2.0, None), ({"belief": SAME}, 2.0, 6.0), ({"belief": FORGOTTEN}, 2.0, 6.0),
    ({"belief": INVERTED}, 2.0, 18.0),
    ({"reaction": ZERO}, 1.8, None), ({"reaction": ZERO, "belief": FORGOTTEN}, 1.8, 0.6),
    ({"reaction": ZERO, "belief": INVERTED}, 1.8, 0.2),
    ({"reaction": TWO, "n_A": 4, "n_B": 6}, 4.8, None),
    ({"convention": EXTENT}, 4.0, None), ({"convention": FALLING}, 12.0, None),
    ({"reaction": THREE, "omega": 2.0, "n_A": 4}, 0.6 * 2 / 4 * 4, None),
    ({"convention": MOLAR, "n_A": 10}, 1e8 / 6.02214076e8 * 45, None),
])  # fmt: skip
def test_translator_gives_the_numbers_of_the_course(options, right, wrong):
    """Set P: k = 0.6, Omega = 3, n = 5; molar: k = 1e8 per M and s in a femtolitre."""
    bank = RateTranslator(**options).bank
    assert bank.answer == pytest.approx(right)
    assert told(bank, "right") == pytest.approx(right, rel=5e-3)
    assert wrong is None or told(bank, "wrong") == pytest.approx(wrong)
    assert bool(bank.notice) == (wrong is not None)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("reaction", REACTIONS)
def test_propensity_and_rate_equation_agree_where_molecules_are_many(reaction, convention):
    """The equation is written without c; its loss and m a(n) differ by n(n-1).../n^m only."""
    read = Written(REACTIONS[reaction], 0.6, 40.0, convention)
    n, m = 10_000_000, (REACTIONS[reaction] or (1,))[0]
    lost = m * read.c() * read.sets(n, (3, 5))
    assert lost == pytest.approx(float(read.equation(n, (3, 5))), rel=1e-6)


def test_curves_are_the_propensities_of_the_network_read_so():
    """Each curve against `ReactionNetwork.propensities` of the same text in that convention."""
    bank = RateTranslator().bank
    n = np.arange(13)
    options = {"propensity": {"convention": "macroscopic", "volume": 3.0},
               "c · n(n−1)/2": {"convention": "combinatorial"}, "k · n(n−1)": {"convention": "falling"},
               "ODE −2k[A]²": {"convention": "macroscopic", "volume": 3.0, "ode": "extent"}}  # fmt: skip
    for legend, named in options.items():
        net = ReactionNetwork.parse("2A -> B ; 0.6", **named)
        curve = mark(bank, panel="curves", legend=legend).items(0)["y"]
        assert curve == pytest.approx(net.propensities(np.stack([n, 0 * n], 1))[:, 0])


@pytest.mark.parametrize("named", [{}, {"convention": "falling"}, {"convention": "macroscopic", "volume": 5.0},
                                   {"convention": "macroscopic", "volume": 5.0, "ode": "extent"}])  # fmt: skip
@pytest.mark.parametrize("text", ["0 -> A", "A -> 0", "2A -> B", "A + B -> C", "3A -> 0", "A + B + C -> 0"])
def test_translator_takes_a_network_in_its_own_convention(text, named):
    counts = {s: i + 4 for i, s in enumerate("ABC") if s in text.partition("->")[0]}
    net = ReactionNetwork.parse(f"{text} ; 0.3", initial=counts, **named)
    bank = RateTranslator(network=net).bank
    assert bank.answer == pytest.approx(float(net.propensities(net.initial)[0]))


def test_translator_says_when_a_belief_does_no_harm():
    assert "changes nothing" in RateTranslator(convention=CONVENTIONS[0], belief=SAME).bank.notice
    with pytest.raises(NetworkError, match="rate-translator: it takes one reaction with a constant"):
        RateTranslator(network="2A + B -> C ; 1")


# HazardLimit --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("preset", "a"), [("start", 2.0), ("forty", 40.0), ("race", 4.5), ("one-molecule", 0.5)])
def test_measured_share_is_that_of_an_exponential_wait(preset, a):
    """A binomial share for every window; those of one set of trials hang together, so the largest is what is judged."""
    bank = HazardLimit(preset=preset, trials=20_000.0).bank
    dt = np.array([float(at(bank.caption.values["dt"], f)[0]) for f in range(bank.frames)])
    share = mark(bank, kind="dots", panel="P", colour="ink").items(0)["y"].astype(float)
    p = 1 - np.exp(-a * dt)
    assert np.abs((share - p) / np.sqrt(p * (1 - p) / 20_000)).max() < LEVEL
    ratio = mark(bank, kind="dots", panel="ratio", colour="ink").items(0)["y"]
    assert ratio == pytest.approx(share / dt, rel=1e-5) and dt[-1] < 0.005 / a
    assert abs(ratio[-1] - a) < LEVEL * math.sqrt(a / dt[-1] / 20_000)


def test_trials_are_those_of_simulate():
    """Production: something has happened where M is there. The same paths, without the species that counts events."""
    bank = HazardLimit(preset="forty", trials=500.0, seed=3).bank
    dt = np.array([float(at(bank.caption.values["dt"], f)[0]) for f in range(bank.frames)])
    many = simulate(models.production(40.0), np.sort(dt.round(12)), paths=500, seed=3)
    share = mark(bank, kind="dots", panel="P", colour="ink").items(0)["y"]
    assert share == pytest.approx((many.of("M") > 0).mean(axis=0)[::-1])
    first = mark(bank, kind="dots", panel="rows", colour="blue").items(0)
    shown = int(np.isfinite(first["y"]).sum())
    assert shown == (many.of("M")[:24, -1] > 0).sum()
    assert path(models.production(40.0), 1.0, seed=3).times[1] == pytest.approx(float(first["x"][0]), abs=dt[0] / 400)


def test_event_that_leaves_the_state_counts_too():
    bank = HazardLimit(network="E -> E ; 3", n_E=1, dt=0.2).bank
    p = 1 - math.exp(-0.6)
    assert abs(float(bank.caption.fill(bank.start).split("share of ")[1].split(",")[0]) - p) < LEVEL * math.sqrt(
        p * (1 - p) / 10_000
    )


def test_forty_is_a_propensity_and_no_probability():
    """P5: a = 40, dt = 0.01: 0.3297, not 0.4 and not 40."""
    wrong = [told(HazardLimit(preset="forty", rule=rule).bank, "wrong") for rule in ("P = a dt, however long dt is",
                                                                                  "P = a")]  # fmt: skip
    bank = HazardLimit(preset="forty").bank
    assert told(bank, "right") == 0.3297 and bank.answer == pytest.approx(1 - math.exp(-0.4))
    assert wrong == [0.4, 40.0]
    assert "40 is more than 1" in HazardLimit(preset="forty-is-no-probability").bank.notice


def test_nothing_happens_where_nothing_can():
    bank = HazardLimit(n_A=1).bank
    assert "something happened in 0 of 10000 trials" in bank.caption.fill(0) and bank.answer == 0


# SSAStepper ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", SSAStepper.presets)
def test_steps_are_the_path_of_cmelab(preset):
    shown = SSAStepper(preset=preset)
    net, last = started(shown.values).net, shown.bank.frames - 1
    walked = path(net, 500.0, seed=shown.values["seed"])
    for s, name in enumerate(net.species):
        dots = mark(shown.bank, kind="dots", panel="path", legend=name).items(last)
        assert dots["x"] == pytest.approx(walked.times[: last + 2], rel=1e-6)
        assert (dots["y"] == walked.states[: last + 2, s]).all()


def test_wait_and_wheel_give_the_events_of_the_path():
    """E / a0 and the sector under the hand, with the propensities of birth-death written out: 4 and n."""
    bank = SSAStepper(preset="start").bank
    walked = path(models.birth_death(4.0, 1.0), 50.0, seed=4)
    hand, sectors = mark(bank, kind="arrows"), [m for m in bank.marks if m.kind == "sectors"]
    for e in range(bank.frames):
        n = int(walked.states[e, 0])
        shares = [4 / (4 + n), n / (4 + n)]
        drawn = [float(at(m.channels["end"], e)[0] - at(m.channels["start"], e)[0]) for m in sectors]
        assert drawn == pytest.approx(shares, abs=1e-6)
        v = hand.items(e)
        turn = math.atan2(float(v["x1"][0]), float(v["y1"][0])) / (2 * math.pi) % 1.0
        assert int(turn >= shares[0]) == walked.fired[e]
        bar = mark(bank, kind="cells", panel="wait", colour="blue").items(e)
        assert float(bar["x1"][0]) == pytest.approx(walked.times[e + 1] - walked.times[e], rel=1e-5)
        level, tau = (float(mark(bank, kind="dots", panel="wait").items(e)[k][0]) for k in "yx")
        assert level == pytest.approx(math.exp(-(4 + n) * tau), abs=1e-5)


def test_draws_are_exponential_and_uniform():
    """Kolmogorov-Smirnov at the level 0.001, and no correlation between the two."""
    from scipy import stats

    seen = step_rules.steps(RACING, 7, 4000)
    assert stats.kstest(seen.exponential, "expon").pvalue > 1e-3
    assert stats.kstest(seen.uniform, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(seen.exponential, seen.uniform)[0, 1]) < LEVEL / math.sqrt(4000)


@pytest.mark.parametrize(("rule", "right", "wrong"), [
    (step_rules.SCALE, 0.222, 4.5), (step_rules.LARGEST, 0.667, 1.0), (step_rules.ALIKE, 0.667, 0.333),
    (step_rules.OWN_CLOCK, 0.222, 2.0), (step_rules.OVERDUE, 0.222, 0.0),
])  # fmt: skip
def test_wrong_rules_give_the_numbers_of_the_course(rule, right, wrong):
    """a = (3, 1, 0.5)."""
    bank = SSAStepper(preset="race", rule=rule).bank
    assert (told(bank, "right"), told(bank, "wrong")) == (right, wrong)
    assert rule.split(":")[0] in bank.notice


def test_wrong_rules_are_walked_and_not_only_told():
    """4000 events of a = (3, 1, 0.5) by each rule from the same draws: means within 4.5 standard errors."""
    right = step_rules.steps(RACING, 11, 4000)
    walked = {rule: step_rules.believed(RACING, rule, right) for rule in step_rules.RULES}

    def mean_wait(rule: str, reaction: int | None = None) -> tuple[float, float]:
        kept = walked[rule].waits[walked[rule].fired == reaction] if reaction is not None else walked[rule].waits
        return float(kept.mean()), float(kept.std() / math.sqrt(len(kept)))

    for rule, reaction, expected in [
        (step_rules.EXACT, None, 1 / 4.5), *((step_rules.EXACT, r, 1 / 4.5) for r in range(3)),
        (step_rules.SCALE, None, 4.5), *((step_rules.OWN_CLOCK, r, 1 / a) for r, a in enumerate((3, 1, 0.5))),
    ]:  # fmt: skip
        mean, error = mean_wait(rule, reaction)
        assert abs(mean - expected) < LEVEL * error, (rule, reaction)
    assert walked[step_rules.OVERDUE].waits == pytest.approx(1 / 4.5)
    assert (walked[step_rules.LARGEST].fired == 0).all()
    for rule, shares in ((step_rules.ALIKE, (1 / 3,) * 3), (step_rules.EXACT, (6 / 9, 2 / 9, 1 / 9))):
        for r, p in enumerate(shares):
            assert abs((walked[rule].fired == r).mean() - p) < LEVEL * math.sqrt(p * (1 - p) / 4000)
    again = walked[step_rules.EXACT]
    assert again.times == pytest.approx(right.times) and (right.fired == again.fired).all()


def test_wait_that_is_left_does_not_know_what_has_passed():
    """S4: of the waits longer than 1/a0, the mean of what comes after is 1/a0 again."""
    waits = step_rules.steps(RACING, 5, 20_000).waits
    left = waits[waits > 1 / 4.5] - 1 / 4.5
    assert abs(left.mean() - 1 / 4.5) < LEVEL * left.std() / math.sqrt(len(left))


def test_wrong_path_is_drawn_from_the_wrong_walk():
    for rule in (step_rules.SCALE, step_rules.ALIKE, step_rules.OWN_CLOCK, step_rules.OVERDUE):
        bank = SSAStepper(preset="race", rule=rule).bank
        wrong = step_rules.believed(RACING, rule, step_rules.steps(RACING, RACE["seed"], 30))
        line = mark(bank, kind="line", panel="path", colour="purple").items(29)
        assert len(line["x"]) == 3 * 62
        for s in range(3):
            own = slice(62 * s, 62 * s + 61, 2)
            assert line["x"][own] == pytest.approx(wrong.times, rel=1e-6)
            assert (line["y"][own] == wrong.states[:, s]).all()


def test_event_average_counts_short_visits_too_much():
    """S5: the gene is on a tenth of the time, and after every second event."""
    bank = SSAStepper(preset="event-average").bank
    over_time, over_events = (float(x) for x in re.findall(r"([\d.]+) over", bank.notice))
    assert over_events == 0.5 and abs(over_time - 0.1) < 0.01
    last = bank.frames - 1
    exactly = path(GENE, float(bank.caption.fill(last).split("t = ")[1].split(",")[0]) * 1.001, seed=5)
    assert told(bank, "right", last) == pytest.approx(exactly.time_average()[0], rel=0.02)
    assert told(bank, "wrong", last) == 0.5


def test_straight_lines_find_fractions_of_molecules():
    bank = SSAStepper(preset="straight-lines").bank
    walked = path(models.birth_death(4.0, 1.0), 50.0, seed=4)
    for e in range(bank.frames):
        middle = (walked.times[e] + walked.times[e + 1]) / 2
        assert told(bank, "right", e) == walked.at([middle])[0, 0]
        assert told(bank, "wrong", e) == (walked.states[e, 0] + walked.states[e + 1, 0]) / 2
        assert told(bank, "wrong", e) % 1 == 0.5


def test_log_names_the_last_six_events():
    bank = SSAStepper(preset="race").bank
    walked = path(RACING, 50.0, seed=RACE["seed"])
    column = [m for m in bank.marks if m.kind == "labels" and m.panel == "log"]
    for e in (0, 3, 12, 29):
        seen = np.flatnonzero(np.isfinite(column[0].items(e)["y"]))
        assert seen.tolist() == list(range(max(0, e - 5), e + 1))
    assert [int(t.split(":")[0]) - 1 for t in column[2].texts] == walked.fired[:30].tolist()


def test_sentence_of_a_sector_says_that_all_waits_are_alike():
    bank = SSAStepper(preset="race").bank
    assert bank.selection
    said = [float(bank.selection.text.fill(0, r).split("it is ")[1].split()[0]) for r in range(3)]
    fired = np.array([3, 1, 0.5]) / 4.5 * 20_000
    assert (np.abs(np.array(said) - 1 / 4.5) < 5e-4 + LEVEL / 4.5 / np.sqrt(fired)).all()


def test_stepper_says_when_nothing_can_happen():
    shown = SSAStepper(network="A + B -> 0 ; 1", n_A=3, n_B=0)
    assert "every propensity is zero" in shown.caption and shown.bank.frames == 1
    dry = SSAStepper(preset="runs-dry").bank
    assert dry.frames == 8 and "After event 8 no reaction can fire any more" in dry.notice


@pytest.mark.parametrize(("text", "said"), [
    ("A -> B ; 1\nB -> C ; 1\nC -> D ; 1\nD -> E ; 1", r"up to 4 species and 6 reactions; this network has 5 and 4"),
    ("0 -> A ; 1 ; delay 2", "has a delay"), ("0 -> A ; a = 0 - 1", "propensity that is negative"),
])  # fmt: skip
def test_stepper_refuses_in_a_sentence(text, said):
    shown = SSAStepper()
    seen = shown.stage.bank
    shown.inputs["network"].value = text
    assert re.search(said, shown.stage.error) and shown.stage.bank == seen


def test_stepper_takes_a_network_made_in_code():
    net = ReactionNetwork.parse("E + S <-> C ; 0.1, 1\nC -> E + P ; 2", initial={"E": 3, "S": 25, "P": 1})
    shown = SSAStepper(network=net, seed=9)
    dots = mark(shown.bank, kind="dots", panel="path", legend="P").items(29)
    assert (dots["y"] == path(net, 100.0, seed=9).of("P")[:31]).all()


# EnsembleGrow -------------------------------------------------------------------------------------------------------


def test_runs_needed_for_one_percent():
    """S7: birth-death settled at mean 4 has CV 0.5, so 2500 runs."""
    bank = EnsembleGrow().bank
    assert told(bank, "right") == 2500 and bank.answer == pytest.approx(2500, abs=0.5)


@pytest.mark.parametrize("frame", [0, 4, 12, 20])
def test_heap_is_the_histogram_of_so_many_runs(frame):
    bank = EnsembleGrow(preset="start", runs=1000.0).bank
    n = int(at(bank.label.values["n"], frame)[0])
    many = simulate(models.birth_death(4.0, 1.0), np.linspace(0, 10, 61), paths=n, seed=1)
    bars = mark(bank, kind="bars", panel="heap").items(frame)["y"]
    direct = many.histogram("M", 10.0)
    assert bars[: len(direct)] == pytest.approx(direct, abs=1e-6) and not bars[len(direct) :].any()
    assert float(bank.caption.fill(frame).split("10 is ")[1].split(",")[0]) == pytest.approx(
        many.mean()[-1, 0], abs=0.006
    )


@pytest.mark.parametrize(("preset", "law"), [
    ("start", lambda n: exact.birth_death(n, 10.0, 4.0, 1.0)), ("decay", lambda n: exact.pure_death(n, 1.0, 0.5, 20)),
])  # fmt: skip
def test_exact_law_is_the_closed_form(preset, law):
    bank = EnsembleGrow(preset=preset).bank
    dashes = mark(bank, kind="dots", panel="heap").items(0)
    assert dashes["y"] == pytest.approx(law(np.arange(len(dashes["y"]))), abs=1e-6)


def test_band_is_the_standard_error():
    """sd of a Poisson law of mean 4(1 - exp(-t)), over the root of N, around that mean."""
    bank = EnsembleGrow(preset="start").bank
    for frame in (0, 5, 20):
        n = float(at(bank.label.values["n"], frame)[0])
        area = mark(bank, kind="area", panel="runs").items(frame)
        x, up = area["x"][:31], area["y"][:31]
        mean = 4 * (1 - np.exp(-x))
        assert up == pytest.approx(mean + np.sqrt(mean / n), abs=1e-4)
    funnel = mark(bank, kind="area", panel="mean").items(0)
    assert funnel["y"][:41] - 4 == pytest.approx(2 / 10 ** (funnel["x"][:41] / 2), abs=3e-4)


def test_runs_appear_one_after_another():
    bank = EnsembleGrow(preset="start").bank
    lines = mark(bank, kind="line", panel="runs", colour="sky")
    many = simulate(models.birth_death(4.0, 1.0), np.linspace(0, 10, 61), paths=DRAWN, seed=1).of("M")
    for frame in (0, 2, 9, 30):
        v = lines.items(frame)
        drawn = np.isfinite(v["x"]).reshape(DRAWN, -1)
        number = min(int(at(bank.label.values["n"], frame)[0]), DRAWN)
        assert drawn[:, :-1].all(axis=1).sum() == number and drawn[:number, :-1].all() and not drawn[:, -1].any()
        assert (v["y"].reshape(DRAWN, -1)[:, :-1:2] == many).all()


@pytest.mark.parametrize(("preset", "paths"), [("one-run", 1), ("ten-runs", 10)])
def test_belief_in_few_runs_is_what_these_runs_say(preset, paths):
    bank = EnsembleGrow(preset=preset).bank
    few = simulate(models.birth_death(4.0, 1.0), [10.0], paths=paths, seed=1)
    assert told(bank, "wrong") == pytest.approx(few.mean()[0, 0])
    believed = mark(bank, kind="bars", panel="heap", hollow=True).items(5)["y"]
    direct = few.histogram("M", 10.0)
    assert believed[: len(direct)] == pytest.approx(direct) and "S7" in bank.notice


def test_events_of_a_gene_are_half_on():
    """S5: 0.1 of the time, 0.5 of the events; the time average is that of `Path.time_average`."""
    bank = EnsembleGrow(preset="gene-events").bank
    last = bank.frames - 1
    assert told(bank, "wrong", last) == 0.5
    walked = step_rules.first_events(GENE, 1, 5000)
    whole = path(GENE, float(walked.times[-1]), seed=1).time_average()[0]
    assert told(bank, "right", last) == pytest.approx(whole, abs=5e-4)
    bars = mark(bank, kind="bars", panel="heap", hollow=True).items(last)["y"]
    assert bars == pytest.approx([0.5, 0.5])


def test_event_average_of_birth_death_is_four_and_a_half():
    """Events see n with weight a0(n) P(n): E[n (4 + n)] / E[4 + n] = 4.5, by the spread over 20 seeds."""
    found = []
    for seed in range(20):
        bank = EnsembleGrow(preset="event-average", seed=seed).bank
        values = bank.readings[0].value.values
        found.append([float(at(values[name], bank.frames - 1)[0]) for name in ("time", "event")])
    mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / math.sqrt(20)
    assert (np.abs(mean - [4.0, 4.5]) < LEVEL * error).all() and (error < 0.06).all()


def test_species_of_a_network_can_be_chosen():
    shown = EnsembleGrow(network="A -> B ; 1", t=1.0, runs=100.0)
    assert shown.values["species"] == "A"
    shown.inputs["species"].value = "B"
    p = mark(shown.bank, kind="dots", panel="heap").items(0)["y"]
    assert p == pytest.approx(exact.binomial(np.arange(len(p)), 10, 1 - math.exp(-1)), abs=1e-6)
    shown.inputs["network"].value = "0 -> M ; 2"
    assert shown.stage.error == "" and shown.values["species"] == "M"


def test_unbounded_law_is_answered_in_a_sentence():
    shown = EnsembleGrow()
    shown.inputs["network"].value = "A -> 2A ; 9"
    assert "states" in shown.stage.error


def test_every_new_widget_is_shown_by_name():
    for design in (RateTranslator, HazardLimit, SSAStepper, EnsembleGrow):
        assert cmelab.show(design.name).design is design
