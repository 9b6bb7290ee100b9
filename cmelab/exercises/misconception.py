"""What a wrong belief is made of."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Misconception:
    """One wrong belief; `show` names a widget and the preset that makes it visible, `code` a line that does it better.
    """

    id: str
    belief: str
    question: str
    show: tuple[str, str]
    code: str = ""

    @property
    def line(self) -> str:
        """The line of code that shows it: opens the widget, or computes."""
        if self.code:
            return self.code
        widget, preset = self.show
        return f'cmelab.show("{widget}", preset="{preset}")'
