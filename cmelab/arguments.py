"""Arguments that every door takes: times, whole numbers, names of species; each refused with a sentence."""
from __future__ import annotations

import math
from typing import TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import NetworkError


def species_index(species: tuple[str, ...], name: str) -> int:
    """Position of a species, or a sentence that lists the species there are."""
    if name not in species:
        raise NetworkError(f"there is no species {name!r}; the species are {', '.join(map(repr, species))}.")
    return species.index(name)


def as_times(times: ArrayLike) -> NDArray[np.float64]:
    """Times as a float array (T,): finite, >= 0 and increasing; the network is at its initial state at t = 0."""
    try:
        given = np.asarray(times)
    except (TypeError, ValueError):  # lists of unequal length
        given = np.array(None)
    if given.size and given.dtype.kind not in "iuf":
        raise NetworkError(f"times={times!r}; give a number or a list of increasing numbers >= 0.")
    # A copy of our own: kernels are compiled for arrays that lie in one piece and can be written.
    grid = np.array(given, float, ndmin=1, order="C")
    if grid.ndim != 1 or grid.size == 0:
        raise NetworkError(f"times has shape {grid.shape}; give one or more numbers in a row.")
    if not np.isfinite(grid).all() or grid[0] < 0:
        bad = grid[~(np.isfinite(grid) & (grid >= 0))]
        raise NetworkError(f"times contains {bad[0]:g}; every time must be finite and >= 0.")
    if (np.diff(grid) <= 0).any():
        i = int(np.argmax(np.diff(grid) <= 0))
        raise NetworkError(f"times must increase; {grid[i]:g} is followed by {grid[i + 1]:g}.")
    return grid


def whole(name: str, value: object, least: int, most: int = 2**63 - 1) -> int:
    """A whole number between least and most, or a sentence."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not least <= value <= most:
        raise NetworkError(f"{name}={value!r}; it must be a whole number from {least} to {most}.")
    return int(value)


def share(name: str, value: object) -> float:
    """A number between 0 and 1, both excluded, or a sentence."""
    if not is_real(value) or not 0 < value < 1:
        raise NetworkError(f"{name}={value!r}; it must be a number between 0 and 1, such as 0.01.")
    return float(value)


def positive(name: str, value: object, unit: str) -> float:
    """A finite number above 0, or a sentence."""
    if not is_real(value) or not 0 < value < math.inf:
        raise NetworkError(f"{name}={value!r}; it must be a positive number, {unit}.")
    return float(value)


def is_real(value: object) -> TypeGuard[float]:
    """True for one real number of Python or numpy; a truth value is none."""
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
