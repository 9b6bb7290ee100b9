"""Python with its words, texts, numbers and comments set apart, as HTML; code that is no Python stays plain."""
from __future__ import annotations

import io
import keyword
import tokenize
from html import escape

# Elements whose looks the style sheet of a page gives; without one they still read as code.
WORD, TEXT, NUMBER, COMMENT = "b", "q", "u", "i"


def highlighted(source: str) -> str:
    """HTML of a piece of code: every character of it, escaped."""
    lines = source.splitlines(keepends=True)
    parts: list[str] = []
    row, column = 1, 0

    def until(end: tuple[int, int], element: str = "") -> None:
        nonlocal row, column
        text = ""
        while row < end[0] and row <= len(lines):
            text, row, column = text + lines[row - 1][column:], row + 1, 0
        if row <= len(lines):
            text, column = text + lines[row - 1][column : end[1]], end[1]
        parts.append(f"<{element}>{escape(text)}</{element}>" if element else escape(text))

    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if element := _element(token):
                until(token.start)
                until(token.end, element)
    except (tokenize.TokenError, SyntaxError):
        # An open bracket, a stray indent: what was read keeps its looks, the rest is plain.
        pass
    until((len(lines) + 1, 0))
    return "".join(parts)


def _element(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.NAME and keyword.iskeyword(token.string):
        return WORD
    # From Python 3.12 on an f-string is several tokens.
    if token.type == tokenize.STRING or tokenize.tok_name[token.type].startswith("FSTRING"):
        return TEXT
    return {tokenize.NUMBER: NUMBER, tokenize.COMMENT: COMMENT}.get(token.type, "")
