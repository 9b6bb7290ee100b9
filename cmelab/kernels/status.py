"""What a kernel can answer; the public door turns each into one sentence."""
from __future__ import annotations

REACHED = 0      # the last time was reached
ABSORBED = 1     # no reaction can fire any more: the state holds for ever, every time is filled
PAUSED = 2       # the slice of work is used up: call again to go on (so that an interrupt is answered)
MAX_EVENTS = 3   # more reactions fired than allowed
EXPLOSIVE = 4    # the total propensity is infinite, or time no longer moves
INVALID = 5      # a propensity is negative or not a number
TOO_MANY = 6     # a count passed 2^53, beyond which floats no longer see single molecules
FULL = 8         # the arrays given are too small: call again with larger ones, nothing is lost
ROOT = 9         # the root of a negative propensity was asked for
NOT_RUN = 7      # an earlier path failed first
