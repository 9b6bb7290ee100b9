"""Make docs/pictures/NAME.png and docs/widgets.md from the real pages of all widgets, or of those named."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]

from lab_page import FLAGS, demonstrated, serving_demo  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from cmelab.doctor import find_chromium  # noqa: E402
from cmelab.widgets import WIDGETS, designed  # noqa: E402
from cmelab.widgets.gallery import as_markdown  # noqa: E402

MOST, COLOURS = 60_000, (128, 64, 32, 16)  # bytes of a picture, and the numbers of colours tried until it is small


def small(png: bytes) -> bytes:
    """The picture with as many colours as fit into MOST bytes."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in COLOURS:
        out = io.BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(out, "png", optimize=True)
        if out.tell() < MOST:
            break
    return out.getvalue()


def main() -> None:
    """Open each widget as a reader would, and take its picture."""
    pictures = ROOT / "docs" / "pictures"
    with tempfile.TemporaryDirectory() as folder, serving_demo(Path(folder)) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        with demonstrated(browser, address, "", viewport={"width": 960, "height": 1000}) as page:
            for design in [designed(name) for name in sys.argv[1:]] or WIDGETS:
                shown = page.go(f"widget={design.name}&preset={next(iter(design.presets))}")
                shown.caption()
                page.healthy()
                (pictures / f"{design.name}.png").write_bytes(small(shown.root.screenshot()))
        browser.close()
    (ROOT / "docs" / "widgets.md").write_text(as_markdown(), encoding="utf-8")


if __name__ == "__main__":
    main()
