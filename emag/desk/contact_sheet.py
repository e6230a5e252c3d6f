"""Draws one picture of an issue as kinds of mail programs show it, side by side."""

import base64
import io
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Any

from PIL import Image

from emag.checks.client_models import MODELS, ClientModel
from emag.desk import chromium
from emag.desk.chromium import FindPicture

NAME = "contact-sheet.png"
LIMIT = 2_000_000  # bytes
_SCALE = 0.6
_STRIP = 5_000  # pixels of the sheet: what is taller goes on in a strip to its right
_TALLEST = 15_800  # pixels of a picture: Chromium draws no page above 16,384
_SHARES = (1.0, 0.85, 0.7, 0.55, 0.4, 0.25)  # of the sheet's size, until it is under the limit
_COLOURS = 256
_STYLE = """
body { margin: 0; padding: 32px; width: max-content; background: #d9dddb; color: #101413;
  font: 15px/1.35 "Liberation Sans", Arial, sans-serif; }
h1, h2, p, figure { margin: 0; }
h1 { font-size: 22px; }
h2 { font-size: 18px; }
main { display: flex; align-items: flex-start; gap: 24px; margin-top: 20px; }
figcaption { width: 0; min-width: 100%; height: 72px; overflow: hidden; }
.strips { display: flex; gap: 8px; }
.strips div { overflow: hidden; outline: 1px solid #8b9390; }
.paper .strips div { padding: 26px; background: #ffffff; }
img { display: block; }
"""
_EXPLANATION = "Models of mail programs, not the programs themselves: they may differ."


def draw(browser: Any, html: str, out: Path, *, picture: FindPicture) -> Path:
    """Writes contact-sheet.png into `out`. `picture` gives emag's own pictures by hash and name."""
    with chromium.mail_page(browser, picture, scale=_SCALE) as page:
        figures = [_figure(page, html, model) for model in MODELS]
        title = page.title()
    with chromium.mail_page(browser, picture) as page:
        page.set_content(_layout(title, figures))
        sheet = page.screenshot(full_page=True, clip=_whole(page, "body"))
    path = out / NAME
    path.write_bytes(_small(sheet))
    return path


def _figure(page: Any, html: str, model: ClientModel) -> str:
    media = "print" if model.is_on_paper else "screen"
    mail = model.change(html)
    chromium.show(page, mail, width=model.width, scheme=model.scheme.value, media=media)
    area = _whole(page, "html")
    longest = _TALLEST / _SCALE
    is_wide = page.evaluate("document.documentElement.scrollWidth") > model.width
    remark = model.remark + (" – wider than the screen" if is_wide else "")
    remark += " – cut at the end" if area["height"] > longest else ""
    clip = area | {"height": min(area["height"], longest)}
    png = base64.b64encode(page.screenshot(full_page=True, clip=clip)).decode()
    width, height = round(area["width"] * _SCALE), round(clip["height"] * _SCALE)
    look = "paper" if model.is_on_paper else "screen"
    return (
        f'<figure class="{look}">'
        f"<figcaption><h2>{escape(model.title)}</h2>"
        f"<p>{model.width} px: {escape(remark)}</p></figcaption>"
        f'<div class="strips">{"".join(_strips(png, width, height))}</div></figure>'
    )


def _strips(png: str, width: int, height: int) -> Iterator[str]:
    for top in range(0, height, _STRIP):
        yield (
            f'<div style="width:{width}px;height:{min(_STRIP, height - top)}px">'
            f'<img width="{width}" style="margin-top:-{top}px" alt="" '
            f'src="data:image/png;base64,{png}"></div>'
        )


def _whole(page: Any, selector: str) -> dict[str, float]:
    return dict(page.locator(selector).first.bounding_box()) | {"x": 0, "y": 0}


def _layout(title: str, figures: Iterable[str]) -> str:
    return (
        f"<!DOCTYPE html><style>{_STYLE}</style><h1>{escape(title)}</h1><p>{_EXPLANATION}</p>"
        f"<main>{''.join(figures)}</main>"
    )


def _small(png: bytes) -> bytes:
    """The picture in few colours, and smaller if it has too many bytes."""
    whole = Image.open(io.BytesIO(png)).convert("RGB")
    content = b""
    for share in _SHARES:
        size = (round(whole.width * share), round(whole.height * share))
        picture = whole if share == 1 else whole.resize(size, Image.Resampling.LANCZOS)
        stream = io.BytesIO()
        picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
        content = stream.getvalue()
        if len(content) < LIMIT:
            break
    return content
