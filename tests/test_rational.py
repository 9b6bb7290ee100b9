"""The rational method against the certified one, and where it must step back."""
from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

from cmelab import NetworkError, ReactionNetwork, enumerate_states, generator, models, solve
from cmelab.kernels.rational import rational_steps
from cmelab.rational import AT_INFINITY, POLES, RESIDUES, rational

STIFF = ReactionNetwork.parse("A <-> B ; 2e3, 3e3\nA -> A ; 5", initial={"A": 30})


def test_the_approximation_is_that_of_the_exponential_on_the_negative_axis():
    """Of order 16, with an error of about 2e-16 for every x <= 0."""
    x = -np.concatenate([[0.0], np.geomspace(1e-6, 1e8, 400)])
    r = AT_INFINITY + 2 * np.real((RESIDUES / (x[:, None] - POLES)).sum(axis=1))
    assert np.abs(r - np.exp(x)).max() < 2e-13


def test_a_step_is_the_matrix_function_of_the_chain():
    """Dense complex solves of the same rates: no elimination by hand."""
    rng, size, h = np.random.default_rng(1), 12, 0.3
    up, down, leave, p = rng.random((4, size))
    up[-1] = down[0] = 0.0
    out = up + down + leave
    a = np.diag(up[:-1], -1) + np.diag(down[1:], 1) - np.diag(out)
    wanted = AT_INFINITY * p + 2 * np.real(
        sum(w * np.linalg.solve(h * a - z * np.eye(size), p) for w, z in zip(RESIDUES, POLES, strict=True)))
    found, shape = p.copy(), (size, 4, POLES.size)
    parts = [np.stack([np.real(x), np.imag(x)]) for x in (POLES, RESIDUES)]
    rational_steps(up, down, out, h, 1, *parts, AT_INFINITY, found, np.empty(size), np.empty(shape))
    assert found == pytest.approx(wanted, abs=1e-13)
    assert found == pytest.approx(expm(h * a) @ p, abs=1e-13)


@pytest.mark.parametrize(("net", "t", "bounds"), [
    (models.schlogl(), 2.0, 1500), (models.schlogl(n0=0), 0.1, 1500), (STIFF, 1.0, None),
    (models.sis(2, 1, 200, 100), [0.0, 0.5, 3.0], None), (models.birth_death(50, 1), [0.1, 9.0], 90),
    (ReactionNetwork.parse("2A <-> B ; 1e-3, 0.1", initial={"A": 1000}), 2.0, None)])
def test_where_it_answers_it_keeps_to_what_it_states(net, t, bounds):
    """Below the certified law up to what that may lack, never negative, its distance within what is lost."""
    sure, quick = solve(net, t, bounds=bounds), solve(net, t, bounds=bounds, method="rational")
    assert (sure.method, quick.method) == ("uniformisation", "rational")
    assert (quick.states == sure.states).all()
    assert (quick.p >= 0).all()
    assert (quick.p <= sure.p + sure.lost[:, None] + 1e-14).all()
    assert (np.abs(quick.p - sure.p).sum(axis=1) <= quick.lost + 1e-12).all()
    assert (quick.lost <= sure.lost + 1e-10).all()


def test_far_in_the_tail_it_fails_without_a_sign_and_the_gate_sees_it():
    """Birth-death from 1000 down to its mean 10: one step is wrong by far more than tol."""
    net = models.birth_death(10, 1, 1000)
    space = enumerate_states(net, bounds=1400)
    sure = solve(net, 1.0, bounds=1400)
    up, down = np.full(1401, 10.0), np.arange(1401.0)
    found, parts = np.zeros(1401), [np.stack([np.real(x), np.imag(x)]) for x in (POLES, RESIDUES)]
    found[1000] = 1.0
    rational_steps(up, down, up + down, 1.0, 1, *parts, AT_INFINITY, found, np.empty(1401), np.empty((1401, 4, 8)))
    assert np.abs(found - sure.p[0]).sum() > 1e-6
    assert rational(net, space, np.array([1.0]), 1e-10) is None
    solution = solve(net, 1.0, bounds=1400, method="rational")
    assert solution.method == "uniformisation"
    assert (solution.p == sure.p).all()


@pytest.mark.parametrize("n0", [0, 250, 560, 800, 1200, 1500])
@pytest.mark.parametrize("t", [1e-3, 0.1, 2.0])
def test_from_every_start_the_error_is_within_what_is_lost(n0, t):
    """Schlogl, whose stationary law spans hundreds of decades; whichever method answered."""
    net = models.schlogl(n0=n0)
    quick, sure = (solve(net, t, bounds=1500, method=m, progress=False) for m in ("rational", "uniformisation"))
    assert (quick.p >= 0).all()
    assert (quick.p <= sure.p + sure.lost[:, None] + 1e-13).all()
    assert np.abs(quick.p - sure.p).sum() <= quick.lost[0] + 1e-12
    assert quick.lost[0] <= sure.lost[0] + 1e-10


@pytest.mark.parametrize("net", [models.annihilation(0.1, 30), models.heterodimerisation(0.2, 4, 6),
                                 models.michaelis_menten(), models.telegraph()])
def test_networks_that_are_no_chain_are_answered_by_uniformisation(net):
    bounds = {"M": 60} if "M" in net.species else None
    solution = solve(net, 0.5, bounds=bounds, method="rational")
    space = enumerate_states(net, bounds=bounds)
    steps = np.abs(generator(net, space).tocoo().row - generator(net, space).tocoo().col).max()
    assert solution.method == ("rational" if steps <= 1 else "uniformisation")


def test_it_needs_finitely_many_states_and_a_method_needs_a_known_name():
    with pytest.raises(NetworkError, match=r"needs finitely many states; give bounds"):
        solve(models.birth_death(), 1.0, method="rational")
    with pytest.raises(NetworkError, match=r"method='cram'; it must be one of uniformisation, rational"):
        solve(models.birth_death(), 1.0, method="cram")


def test_a_law_says_by_which_method_it_was_found():
    assert solve(models.schlogl(), 0.5, bounds=900, method="rational").method == "rational"
    assert "rational (estimated" in repr(solve(models.schlogl(), 0.5, bounds=900, method="rational"))
