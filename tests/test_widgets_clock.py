"""DelayClock against equations solved apart: Runge-Kutta with a memory, roots, and single events."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq

import cmelab
from cmelab import models, path, rate_equations
from cmelab.delays import delay_rate_equations, linear_chain
from cmelab.errors import NetworkError
from cmelab.widgets import DelayClock, autorepressor, clock_memory


def marks(bank, kind, panel):
    return [m for m in bank.marks if m.kind == kind and m.panel == panel]


def reading(bank, label):
    return next(r for r in bank.readings if r.label.startswith(label))


def line(bank, legend):
    mark = next(m for m in bank.marks if m.legend.startswith(legend) and m.kind == "line")
    return mark.channels["x"][0], mark.channels["y"][0]


def by_runge_kutta(tau, end, *, k=100.0, half=20.0, h=4.0, gamma=1.0, steps=400):
    """x' = k/(1 + (x(t - τ)/K)^h) - γ x from nothing, in steps of τ/steps; the past is read off at their middles."""
    dt, x = tau / steps, [0.0]

    def made(i):  # at step i, in halves; nothing is ready before τ
        if i < 2 * steps:
            return 0.0
        j, odd = divmod(i - 2 * steps, 2)
        past = x[j] if not odd else (x[j] + x[j + 1]) / 2
        return k / (1 + (past / half)**h)

    for i in range(round(end / dt)):
        a, b, c, now = made(2 * i), made(2 * i + 1), made(2 * i + 2), x[-1]
        k1 = a - gamma * now
        k2 = b - gamma * (now + dt / 2 * k1)
        k3 = b - gamma * (now + dt / 2 * k2)
        k4 = c - gamma * (now + dt * k3)
        x.append(now + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4))
    return dt * np.arange(len(x)), np.array(x)


@pytest.mark.parametrize("preset", ["start", "below-the-threshold"])
def test_curve_of_the_fixed_delay_is_the_delay_equation(preset):
    bank = DelayClock(preset=preset).bank
    t, x = line(bank, "rate equation, fixed delay")
    s, y = by_runge_kutta(DelayClock.start(preset)["tau"], float(t[-1]))
    assert np.abs(x - np.interp(t, s, y)).max() < 0.1


@pytest.mark.parametrize("given", [(100, 20, 4, 1, 1), (400, 2, 8, 4, 5), (10, 100, 1, 0.4, 0.2), (400, 2, 8, 0.4, 5)])
def test_curve_of_the_fixed_delay_is_that_of_the_solver_of_any_network(given):
    """Also where production turns on and off within a moment of the delay, and where many delays follow each other."""
    end = 12 * given[-1]
    other = delay_rate_equations(models.delayed_autorepressor(*given), np.linspace(0, end, autorepressor.TIMES)).of("X")
    assert autorepressor.delayed_curve(given, end) == pytest.approx(other, abs=1e-4 * other.max())


@pytest.mark.parametrize("stages", [1, 5, 30])
def test_curve_of_the_chain_is_that_of_the_network_with_its_steps(stages):
    """Against `linear_chain` sent through the rate equations of any network: other code, the same counts."""
    values = DelayClock.start(None, {"stages": stages})
    times = np.linspace(0, 6.0, 25)
    other = rate_equations(linear_chain(models.delayed_autorepressor(), stages), times).of("X")
    assert autorepressor.chain_curve(values, times) == pytest.approx(other, abs=1e-3)


def test_thresholds_are_those_known():
    """0.68732 for the fixed delay; 1.479, 0.917, 0.783 and 0.704 for 5, 10, 20 and 100 steps; never for 2 and 3."""
    values = DelayClock.start(None)
    known = {None: 0.68732, 5: 1.479, 10: 0.917, 20: 0.783, 100: 0.704}
    for stages, delay in known.items():
        assert autorepressor.threshold_of(values, stages) == pytest.approx(delay, abs=6e-4)
    assert math.isinf(autorepressor.threshold_of(values, 2)) and math.isinf(autorepressor.threshold_of(values, 3))
    bank = DelayClock().bank
    drawn = marks(bank, "line", "threshold")[0].channels
    assert 10 ** drawn["x"][0][1] == pytest.approx(5, rel=1e-5) and drawn["y"][0][1] == pytest.approx(1.479, abs=1e-3)
    assert drawn["y"][0][-1] == pytest.approx(0.68732, abs=1e-4)
    assert reading(bank, "Threshold").value.fill() == "0.687" and reading(bank, "Chain, n = 5").value.fill() == "1.48"


def test_formula_of_the_threshold_has_the_slope_where_it_rests():
    values = DelayClock.start(None)
    x = float(np.asarray(brentq(lambda x: 100 / (1 + (x / 20)**4) - x, 0, 100)))
    step = 1e-5
    down = (100 / (1 + ((x + step) / 20)**4) - 100 / (1 + ((x - step) / 20)**4)) / (2 * step)
    assert autorepressor.slope(values) == pytest.approx(-down, rel=1e-6)
    assert math.acos(1 / down) / math.sqrt(down**2 - 1) == pytest.approx(0.68732, abs=1e-5)


@pytest.mark.parametrize(("tau", "circles"), [(0.6, False), (0.8, True)])
def test_below_the_threshold_the_swing_dies_and_above_it_stays(tau, circles):
    """By the equation solved apart, over a long time; the widget calls the same delays a clock."""
    _, x = by_runge_kutta(tau, 150.0 * tau, steps=60)
    late = np.ptp(x[-len(x) // 10:])
    assert (late > 5) == circles
    bank = DelayClock(tau=tau).bank
    assert (bank.answer is not None) == circles


def test_period_and_amplitude_are_those_of_the_equation():
    bank = DelayClock().bank
    t, x = by_runge_kutta(1.0, 60.0)
    late, s = x[t > 40], t[t > 40]
    tops = s[1:-1][(late[1:-1] > late[:-2]) & (late[1:-1] >= late[2:])]
    assert bank.answer == pytest.approx(np.diff(tops).mean(), rel=5e-3)
    assert float(reading(bank, "Period").value.fill()) == pytest.approx(np.diff(tops).mean(), rel=5e-3)
    assert float(reading(bank, "Amplitude").value.fill()) == pytest.approx(np.ptp(late) / 2, rel=0.02)


def test_rounds_reads_a_known_wave():
    t = np.linspace(0, 20, 401)
    period, swing = autorepressor.rounds(t, 10 + 3 * np.sin(2 * np.pi * t / 2.5))
    assert period == pytest.approx(2.5, rel=2e-3) and swing == pytest.approx(3, rel=0.01)
    assert math.isnan(autorepressor.rounds(t, np.full(t.size, 4.0))[0])


def test_queue_is_what_was_started_and_is_not_ready():
    """Counted event by event: a start puts one in, the completion τ later takes it out."""
    net, tau = models.delayed_autorepressor(), 1.0
    log, times = path(net, 12.0, seed=3), np.linspace(0, 12, 49)
    counted = clock_memory.queue(log, tau, times)
    for f, t in enumerate(times):
        past = log.fired[log.times[1:] <= t]
        assert counted[f].sum() == (past == 0).sum() - (past == len(net.reactions)).sum()
    begun = log.times[1:][log.fired == 0]
    remaining = begun + tau - times[30]
    remaining = remaining[(remaining > 0) & (begun <= times[30])]
    assert counted[30].tolist() == np.histogram(remaining, clock_memory.BINS, (0, tau))[0].tolist()


def test_same_count_and_another_queue_have_another_future():
    """Y3, on the events themselves: the same X; after one moment something is ready soon, after the other nothing."""
    net = models.delayed_autorepressor()
    pair = clock_memory.same_count(net, 1.0, 1.0, 1)
    soon = round(clock_memory.SOON * clock_memory.BINS)
    assert pair.first[:soon].sum() == pair.due[0] == 0 and pair.second[:soon].sum() == pair.due[1] > 5
    assert 0 < pair.share < 1
    bank = DelayClock(preset="count-is-markov").bank
    told = [r.value.fill() for r in bank.readings]
    assert told[:2] == ["0", "1"] and 0 < float(told[2]) < 1 and "Y3" in bank.notice


def test_chance_from_the_count_alone_is_a_share_of_many_moments():
    """Against other paths: moments with this count after which a completion follows soon; 5 standard errors."""
    net = models.delayed_autorepressor()
    pair = clock_memory.same_count(net, 1.0, 1.0, 1)
    shares = []
    for seed in range(100, 112):
        log = path(net, 120.0, seed=seed)
        times = np.linspace(12, 118, 3000)
        ready = log.times[1:][log.fired == len(net.reactions)]
        nxt = ready[np.minimum(np.searchsorted(ready, times, side="right"), ready.size - 1)]
        shares.append(((nxt - times) <= pair.soon)[log.at(times)[:, 0] == pair.count].mean())
    error = np.std(shares, ddof=1) * math.sqrt(1 + 1 / len(shares))
    assert abs(pair.share - np.mean(shares)) < 5 * error


def test_rate_at_completion_stops_the_clock():
    """Y4: x' = k/(1 + (x/K)^h) - γ x from τ on, which has no way to swing; its paths vary far less."""
    bank = DelayClock(preset="rate-at-completion").bank
    t, x = line(bank, "rate equation of this belief")
    assert (x[t < 0.99] == 0).all() and (np.diff(x) > -1e-3).all()
    assert x[-1] == pytest.approx(brentq(lambda x: 100 / (1 + (x / 20)**4) - x, 0, 100), rel=1e-3)
    _, wrong = line(bank, "path of this belief")
    _, true = line(bank, "exact paths")
    late = true.size // 2
    assert wrong[late:].std() < 0.6 * true[late:].std()
    assert reading(bank, "With this belief").value.fill() == "no clock" and "Y4" in bank.notice


def test_clock_takes_a_network_and_refuses_others():
    text = "0 -> P ; a = 60 / (1 + (P/15)^3) ; delay erlang(8, 2.5)\nP -> 0 ; 0.5"
    values = cmelab.show("delay-clock", network=text).values
    assert [values[name] for name in ("k", "half", "h", "gamma", "tau", "stages")] == [60, 15, 3, 0.5, 2.5, 8]
    assert cmelab.show("delay-clock", network=models.delayed_autorepressor()).values == DelayClock.start(None)
    for network in (models.birth_death(), models.delayed_production(5.0, 1.0, 3.0), models.receptor(),
                    "0 -> X ; a = 50/(1 + X) + 3 ; delay 1\nX -> 0 ; 1"):
        with pytest.raises(NetworkError, match="represses its own gene"):
            DelayClock(network=network)
