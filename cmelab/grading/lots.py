"""Lots that a student cannot foresee and that fall the same way again at every regrade."""
from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from random import Random

FILE = ".secret"


class Lots:
    """Random numbers from a secret of the grading run and from what was handed in."""

    def __init__(self, secret: bytes):
        self.secret = secret

    def draw(self, *what: str) -> Random:
        """A fresh stream for one purpose."""
        key = hmac.new(self.secret, "\0".join(what).encode(), hashlib.sha256).digest()
        return Random(int.from_bytes(key, "big"))


def kept_secret(report: Path) -> bytes:
    """The secret of a grading run: made once, kept in the report's folder where only its owner may read it."""
    path = report / FILE
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        found = b""
    if len(found) < 32:
        found = secrets.token_bytes(32)
        # Written aside and renamed: an interruption leaves no half secret, which would change every mark's lots.
        aside = path.with_name(f"{FILE}.{os.getpid()}")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(found)
        os.replace(aside, path)
    return found
