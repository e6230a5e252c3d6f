"""Makes the pictures in docs/images: runs the demo and takes screenshots in Chromium."""

import base64
import json
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parent / "images"
MAX_BYTES = 150_000  # of a picture
READY = "ends the demo"
READER = "Kit Marlowe-Jones"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars"]
THEMES = ("broadsheet", "council")
DESKTOP, PHONE, NARROW = (700, 740), (375, 640), (320, 600)

LAYOUT = """<!DOCTYPE html><style>
body { margin: 0; background: #dfe5e1; display: flex; gap: 40px; padding: 48px;
       align-items: flex-start; width: max-content; }
img { display: block; border-radius: 14px; border: 1px solid #c4cfc9; }
img.phone { border: 9px solid #1d2321; border-radius: 34px; }
img:nth-child(3) { margin-top: 70px; } img:nth-child(2) { margin-top: 25px; }
</style>"""


@dataclass(frozen=True)
class View:
    """One screenshot. `before` acts on the page first, as a reader would."""

    path: str
    size: tuple[int, int] = PHONE
    dark: bool = False
    down: int = 0  # pixels scrolled
    before: Callable[[Any], None] | None = None


def main() -> None:
    with sync_playwright() as playwright:
        program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        with demo() as base:
            for name, views in pictures(base).items():
                draw(browser, base, name, views)
        for theme in THEMES:
            with demo(theme) as base:
                draw(browser, base, f"theme-{theme}", views_of_an_issue(newest(base)[0]))
        browser.close()


def draw(browser: Any, base: str, name: str, views: list[View]) -> None:
    """Writes a picture with these views side by side."""
    picture = lighter(laid_out(browser, [(view, shot(browser, base, view)) for view in views]))
    (IMAGES / f"{name}.png").write_bytes(picture)
    sys.stdout.write(f"{name}.png  {len(picture):,} octets\n")
    if len(picture) > MAX_BYTES:
        sys.exit(f"{name}.png is larger than {MAX_BYTES:,} octets")


def views_of_an_issue(number: int) -> list[View]:
    issue = f"/inbox/{number}/html/"
    return [
        View(f"{issue}light", (600, 760)),
        View(f"{issue}light", down=1150),
        View(f"{issue}dark"),
    ]


def pictures(base: str) -> dict[str, list[View]]:
    number, mail = newest(base)
    preferences, leave = (
        re.search(rf"/{kind}/[\w.~-]+", mail)[0] for kind in ("preferences", "unsubscribe")
    )
    return {
        "issue": views_of_an_issue(number),
        "preview": [View("/preview/", (1240, 820), before=wait)],
        "sign-up": [
            View("/signup", DESKTOP),
            View("/signup", NARROW, before=mistype),
            View("/signup", NARROW, dark=True),
        ],
        "own-page": [
            View(preferences, (700, 560)),
            View(preferences, (320, 560), before=to_the_record),
            View(preferences, (320, 560), dark=True),
        ],
        "leaving": [
            View(leave, NARROW),
            View(leave, NARROW, dark=True, before=press),
            View(preferences, NARROW, before=erase),
        ],
    }


def newest(base: str) -> tuple[int, str]:
    """Returns number and source of the newest mail to READER."""
    for number in range(get(f"{base}/inbox/count")["count"], 0, -1):
        source = read(f"{base}/inbox/{number}/source").replace("=\r\n", "").replace("=\n", "")
        if READER in source:
            return number, source
    sys.exit(f"The demo has sent nothing to {READER}")


def wait(page: Any) -> None:
    page.wait_for_timeout(2_500)  # the frames load one after the other


def mistype(page: Any) -> None:
    page.get_by_label("Email address").fill("ann@gmial.com")
    page.wait_for_timeout(500)  # the form refuses faster typing
    press(page)
    page.wait_for_selector("#meant")


def press(page: Any) -> None:
    page.locator("main button").last.click()
    page.wait_for_load_state()


def to_the_record(page: Any) -> None:
    page.locator("summary").click()
    page.locator(".part").nth(1).scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, document.querySelectorAll('.part')[1].offsetTop)")


def erase(page: Any) -> None:
    page.locator("button.grave").click()
    page.wait_for_load_state()


@contextmanager
def demo(theme: str = "noticeboard") -> Iterator[str]:
    """Runs the demo on a free port, in a theme; yields its address."""
    command = [sys.executable, "-m", "emag", "demo", "--port", "0", "--theme", theme]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:  # noqa: S603 - our own
        try:
            output = ""
            for line in running.stdout or ():
                output += line
                if READY in line:
                    break
            address = re.search(r"http://localhost:\d+(?=/signup)", output)
            if not address:
                sys.exit(f"The demo did not start:\n{output}")
            yield address[0]
        finally:
            running.send_signal(signal.SIGINT)


def shot(browser: Any, base: str, view: View) -> bytes:
    width, height = view.size
    scheme = "dark" if view.dark else "light"
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(base + view.path)
    if view.before:
        view.before(page)
    if view.down:
        page.evaluate(f"scrollTo(0, {view.down})")
    picture: bytes = page.screenshot()
    context.close()
    return picture


def laid_out(browser: Any, shots: list[tuple[View, bytes]]) -> bytes:
    images = (
        f'<img class="{"phone" if view.size[0] <= PHONE[0] else "window"}" '
        f'src="data:image/png;base64,{base64.b64encode(png).decode()}" alt="{escape(view.path)}">'
        for view, png in shots
    )
    page = browser.new_page(viewport={"width": 1_400, "height": 800})
    page.set_content(LAYOUT + "".join(images))
    picture: bytes = page.locator("body").screenshot()
    page.close()
    return picture


def lighter(png: bytes) -> bytes:
    """The picture in 256 colours: a third of the bytes."""
    out = BytesIO()
    with Image.open(BytesIO(png)) as image:
        few = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        few.save(out, "PNG", optimize=True)
    return out.getvalue()


def read(address: str) -> str:
    with urllib.request.urlopen(address) as answer:  # noqa: S310 - the demo, on this machine
        return str(answer.read().decode())


def get(address: str) -> Any:
    return json.loads(read(address))


if __name__ == "__main__":
    main()
