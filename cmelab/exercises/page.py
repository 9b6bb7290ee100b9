"""The shell of every page that is written: one file that needs nothing else, light and dark, on screen and paper."""
from __future__ import annotations

from html import escape

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #59636e; --line: #d1d9e0; --panel: #f5f7f9;
  --ground: #ffffff; --word: #8a3ffc; --text: #0a6b4b; --digit: #0550ae; --heat: 0, 114, 178; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #9aa4af; --line: #3d444d; --panel: #1e2329;
  --ground: #14171b; --word: #c297ff; --text: #6fd3a8; --digit: #79b8ff; --heat: 86, 180, 233; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); max-width: 64em;
  margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.5em; line-height: 1.25; margin: .5em 0; } h2 { font-size: 1.2em; margin: 1.6em 0 .4em; }
h3 { font-size: 1.05em; margin: 1.2em 0 .3em; } p { margin: .4em 0; }
p, ul, ol, section, figure { max-width: 50em; } a { color: var(--digit); }
.soft, caption, figcaption { color: var(--soft); } caption, figcaption { text-align: left; font-size: .9em; }
section { border-left: 4px solid; padding: .1em 1em; margin: 1.5em 0; } section h2 { margin-top: .2em; }
code, pre { font: .92em/1.45 ui-monospace, Menlo, Consolas, monospace; }
pre { overflow-x: auto; padding: .6em .8em; background: var(--panel); border: 1px solid var(--line); }
pre b { color: var(--word); font-weight: 600; } pre i { color: var(--soft); }
pre q { color: var(--text); quotes: none; } pre u { color: var(--digit); text-decoration: none; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: .4em 0; }
th, td { padding: .25em .6em; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th { font-weight: 600; } thead th { border-bottom: 2px solid var(--line); vertical-align: bottom; }
.note, tbody th, th:first-child { text-align: left; } tbody th { font-weight: normal; white-space: nowrap; }
.heat td { text-align: center; min-width: 1.6em; padding: .25em .35em; border: 1px solid var(--line); }
.legend { list-style: none; padding: 0; margin: .4em 0; font-size: .9em; } li { margin: .25em 0; }
figure { margin: 1em 0; } svg { max-width: 100%; height: auto; display: block; } svg text { fill: var(--soft);
  font: 12px system-ui, sans-serif; } svg .bar { fill: rgb(var(--heat)); } svg .axis { stroke: var(--soft); }
@media print { body { max-width: none; margin: 0; font-size: 10.5pt; } section, figure, tr, pre { break-inside: avoid; }
  h2, h3 { break-after: avoid; } pre { white-space: pre-wrap; } * { print-color-adjust: exact; }
  .wide { overflow: visible; } .heat { font-size: .8em; } .heat th, .heat td { padding: .2em .3em; } }
"""
# No script runs on a page that shows what students wrote.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def head(*names: str) -> str:
    """The first row of a table."""
    cells = "".join(f'<th scope="col">{escape(each)}</th>' for each in names)
    return f"<thead><tr>{cells}</tr></thead>"


def page(title: str, body: str) -> str:
    """One HTML page that needs nothing else."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{STYLE}</style></head>\n'
        f"<body>\n<main>\n<h1>{escape(title)}</h1>\n{body}\n</main>\n</body></html>\n"
    )
