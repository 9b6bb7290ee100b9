"""Pictures of a comparison: (axes, data) functions that compute nothing."""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .network import ReactionNetwork

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .outcomes import Outcome

# Distinct in lightness too; the yardstick is drawn in black under all others.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C564B", "#7F7F7F")
DASHES = ("-", "--", "-.", ":")


def draw_bands(axes: Axes, net: ReactionNetwork, outcomes: Sequence[Outcome], name: str) -> Axes:
    """Mean of one species in time, and one standard deviation up and down where a method has a variance of its own.

    The first method with a variance has a filled band, the others thin edges: many fillings hide each other.
    """
    filled = next((o.method for o in outcomes if len(o.var)), "")
    s = net.species.index(name)
    for i, out in enumerate(o for o in outcomes if o.ran):
        style = _style(out, i)
        mean = out.mean[:, s]
        axes.plot(out.times, mean, marker="o" if out.times.size == 1 else "", label=out.method, **style)
        if len(out.var) and (out.var[:, s] >= 0).all():
            spread = np.sqrt(out.var[:, s])
            if out.method == filled:
                axes.fill_between(out.times, mean - spread, mean + spread, color="0.5", alpha=0.25, linewidth=0)
            else:
                axes.plot(out.times, np.stack([mean - spread, mean + spread], 1), **{**style, "linewidth": 0.6})
    axes.set_xlabel("time (1/rate)")
    axes.set_ylabel(f"{name} (molecules), mean ± standard deviation")
    axes.legend(frameon=False, ncols=2)
    return axes


def draw_laws(axes: Axes, outcomes: Sequence[Outcome], name: str, row: int) -> Axes:
    """Law of one count at one recorded time, for every method that has one and reached it."""
    times = np.empty(0)
    for i, out in enumerate(o for o in outcomes if name in o.laws and len(o.times) > row):
        law, times = out.laws[name], out.times
        shown = np.flatnonzero(law.p[row] > 1e-6)
        inside = slice(shown[0], shown[-1] + 1)
        counts, p = law.counts[inside], law.p[row, inside]
        axes.stairs(p, np.append(counts, counts[-1:] + 1) - 0.5, label=out.method, **_style(out, i))
    if times.size:
        axes.axvspan(min(axes.get_xlim()[0], -0.5), -0.5, color="0.9", linewidth=0, zorder=0)
        axes.set_title(f"t = {times[row]:g}")
        axes.legend(frameon=False)
    axes.set_xlabel(f"{name} (molecules); grey: no count is there")
    axes.set_ylabel("probability")
    return axes


def _style(out: Outcome, i: int) -> dict:
    if out.method == "cme":
        return {"color": "black", "linewidth": 2.5, "zorder": 1.5}
    return {"color": COLOURS[i % len(COLOURS)], "linestyle": DASHES[i // len(COLOURS) % len(DASHES)], "linewidth": 1.4}
