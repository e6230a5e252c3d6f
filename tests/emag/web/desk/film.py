"""Draws a film strip of the steps of a week at the desk, for the README and the docs."""

import base64
from pathlib import Path

MAX_BYTES = 400_000  # of a picture
WIDE = 1000  # pixels; a wider frame is a desktop's
LAYOUT = """<!DOCTYPE html><style>
body { margin: 0; background: #dfe5e1; padding: 40px; width: max-content;
       font: 600 22px system-ui, sans-serif; color: #33403a; }
div { display: flex; gap: 36px; align-items: flex-start; }
figure { margin: 0; } figcaption { padding: 0 0 14px; text-align: center; }
img { display: block; border-radius: 14px; border: 1px solid #c4cfc9; }
img.phone { border: 9px solid #1d2321; border-radius: 34px; width: 375px; }
</style><div>"""


def draw(browser, frames: list[tuple[str, bytes]], folder: Path) -> None:
    """Writes desk-phone.png, with the phone's frames in a row, and a file for each wide frame."""
    folder.mkdir(parents=True, exist_ok=True)
    phone = [frame for frame in frames if _width(frame[1]) < WIDE]
    _write(folder / "desk-phone.png", _laid_out(browser, phone))
    for name, picture in frames:
        if _width(picture) >= WIDE:
            _write(folder / f"desk-{name.lower().replace(' ', '-')}.png", picture)


def _width(picture: bytes) -> int:
    return int.from_bytes(picture[16:20])  # the header of a PNG


def _laid_out(browser, frames: list[tuple[str, bytes]]) -> bytes:
    figures = "".join(
        f"<figure><figcaption>{name}</figcaption><img class=phone "
        f"src='data:image/png;base64,{base64.b64encode(picture).decode()}'></figure>"
        for name, picture in frames
    )
    page = browser.new_page(viewport={"width": 600, "height": 600})
    page.set_content(LAYOUT + figures + "</div>")
    picture = page.locator("body").screenshot()
    page.close()
    return picture


def _write(file: Path, picture: bytes) -> None:
    assert len(picture) < MAX_BYTES, f"{file.name} has {len(picture):,} octets"
    file.write_bytes(picture)
