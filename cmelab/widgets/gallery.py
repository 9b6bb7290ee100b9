"""The pages of `cmelab demo`: every widget with its picture, or the one that the address names, alone."""

from __future__ import annotations

import html
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import ipywidgets

from ..errors import NetworkError, SimulationError, StateSpaceError
from . import WIDGETS, address, designed
from .design import Design

_HERE = Path(__file__).resolve().parent
# In a clone the pictures lie among the documents; in a wheel, beside this file.
PICTURES = next((p for p in (_HERE / "pictures", _HERE.parents[1] / "docs" / "pictures") if p.is_dir()), _HERE)
ALL = '<p class="cmelab-more"><a href="?">All widgets</a></p>'
MADE = "Made by `make pictures` from the real pages. `cmelab demo` shows the same gallery, live."
STYLE = """<style>
main.cmelab-gallery { font: 16px/1.45 system-ui, sans-serif; max-width: 1260px; margin: 0 auto; padding: 4px 12px 20px;
  color: var(--jp-ui-font-color0); }
main.cmelab-gallery h1 { font-size: 28px; font-weight: 600; margin: 8px 0; }
main.cmelab-gallery ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(330px, 1fr)); gap: 20px;
  list-style: none; margin: 18px 0; padding: 0; }
main.cmelab-gallery li { border: 1px solid var(--jp-border-color1); border-radius: 8px; overflow: hidden; margin: 0; }
main.cmelab-gallery li a { color: inherit; text-decoration: none; display: block; height: 100%; }
main.cmelab-gallery a:hover h2, main.cmelab-gallery a:focus-visible h2 { text-decoration: underline; }
main.cmelab-gallery a:focus-visible { outline: 3px solid #0072b2; outline-offset: -3px; }
main.cmelab-gallery img { display: block; width: 100%; aspect-ratio: 16 / 11; object-fit: contain; background: #fff; }
main.cmelab-gallery h2 { font-size: 19px; font-weight: 600; margin: 8px 12px 2px; }
main.cmelab-gallery li p { margin: 0 12px 12px; }
</style>"""


def page(query: str | None = None) -> Any:
    """What the address asks for; the query is the one that Voila tells the kernel."""
    query = os.environ.get("QUERY_STRING", "") if query is None else query
    name = dict(parse_qsl(query)).get("widget")
    if not name:
        return _page(gallery())
    try:
        design = designed(name)
        return design(**address.read(design, query)).follow()
    except (NetworkError, SimulationError, StateSpaceError) as error:
        said = f'<p role="alert">{html.escape(str(error))}</p>'
        return _page(f'{STYLE}<main class="cmelab-gallery"><h1>This address leads nowhere</h1>{said}{ALL}</main>')


def _page(text: str) -> ipywidgets.HTML:
    """As a widget, because links in an output would each open a window of their own."""
    return ipywidgets.HTML(text, layout={"width": "100%", "margin": "0"})


def gallery() -> str:
    """Every widget: its picture, its title, one sentence. Each opens at an address of its own, on stage."""
    cards = "".join(_card(design) for design in WIDGETS)
    return (
        f'{STYLE}<main class="cmelab-gallery"><h1>The widgets of cmelab</h1><p>Each opens in stage mode. Space plays, '
        f"the arrow keys and a presenter's clicker step.</p><ul>{cards}</ul></main>"
    )


def _card(design: Design) -> str:
    where = urlencode({"widget": design.name, "stage": 1})
    title, words = html.escape(design.title), html.escape(design.summary)
    picture = f'<img loading="lazy" alt="" src="voila/files/{design.name}.png">'
    return f'<li><a href="?{where}">{picture}<h2>{title}</h2><p>{words}</p></a></li>'


def as_markdown() -> str:
    """The same gallery for the documents: every widget with its picture, the Python that shows it, its presets."""
    parts = ["# The widgets", MADE]
    for design in WIDGETS:
        presets = ", ".join(f"`{name}`" for name in design.presets)
        parts += [
            f"## {design.title}",
            design.summary,
            f"![{design.title}: {design().caption}](pictures/{design.name}.png)",
            f'`cmelab.show("{design.name}")`, or on stage `cmelab demo {design.name}`. Presets: {presets}.',
        ]
    return "\n\n".join(parts) + "\n"
