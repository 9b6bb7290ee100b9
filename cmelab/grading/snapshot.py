"""Files as they were before any submission ran: what a submission changes or removes is found out and put back."""
from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LARGEST = 20_000_000  # bytes of a file that can be put back
MOST = 1_000_000_000  # bytes of all files together that can be put back


@dataclass(frozen=True)
class Kept:
    """A file's content, where it is not too large to be kept, and what changes with every change of it."""

    stamp: tuple[int, ...]
    content: bytes | None


def stamp(path: Path) -> tuple[int, ...]:
    """Which file it is, its size, and when it was last changed (a time that no program can set back); () for none."""
    try:
        found = path.lstat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_mode, found.st_size, found.st_ctime_ns


class Snapshot:
    """The files that submissions have no business with; what they are changed to is moved to the folder `changed`."""

    def __init__(self, paths: Iterable[Path], changed: Path):
        self.changed = changed
        self.kept: dict[Path, Kept] = {}
        self._room = MOST
        self._lock = threading.Lock()
        for path in filter(Path.is_file, paths):
            self.keep(path)

    def keep(self, path: Path) -> None:
        """Remember a file as it is now."""
        with self._lock:
            self._keep(path)

    def _keep(self, path: Path) -> None:
        mark = stamp(path)
        before = self.kept.get(path)
        self._room += len(before.content or b"") if before else 0
        small = mark and path.is_file() and mark[3] <= min(LARGEST, self._room)
        content = None
        with contextlib.suppress(OSError):
            content = path.read_bytes() if small else None
        self._room -= len(content or b"")
        self.kept[path] = Kept(mark, content)

    def repair(self) -> list[str]:
        """Put back what was changed or removed since; one sentence for each such file."""
        with self._lock:
            return [self._put_back(path, kept) for path, kept in [*self.kept.items()] if stamp(path) != kept.stamp
                    and _differs(path, kept)]  # fmt: skip

    def _put_back(self, path: Path, kept: Kept) -> str:
        try:
            if kept.content is None:
                raise OSError("it was too large to keep a copy of")
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_file() and not path.is_symlink():
                # Somebody who may have mended it just now: nothing that was written is lost.
                self.changed.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, self.changed / path.name)
            aside = path.with_name(f".{path.name}.{os.getpid()}")
            aside.write_bytes(kept.content)
            aside.chmod(kept.stamp[2] & 0o777)
            os.replace(aside, path)
        except OSError as error:
            self._keep(path)
            return f"{path} was changed or removed while notebooks ran, and could not be put back ({error})."
        self._keep(path)
        return f"{path} was changed or removed while notebooks ran. It is again as it was."


def _differs(path: Path, kept: Kept) -> bool:
    """True where the content or the kind of file is another one; a mere touch is no change."""
    if kept.content is None:
        return stamp(path)[2:4] != kept.stamp[2:4]
    try:
        return path.is_symlink() or path.read_bytes() != kept.content
    except OSError:
        return True
