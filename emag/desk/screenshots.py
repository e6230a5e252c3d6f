"""Takes screenshots of a printed mail as PNG files, in Chromium."""

import importlib.util
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emag.content.picture import PictureFile
from emag.errors import EmagError

WIDTHS = (600, 375)  # CSS pixels: a mail program's reading pane, a phone
SCHEMES = ("light", "dark")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_WAIT_FOR_PICTURES_MS = 15_000
_COPY = re.compile(r"/pictures/[0-9a-f]{32}/[a-z]+(?:@2x)?\.(?:jpg|png)$")


FindPicture = Callable[[str, str], PictureFile | None]


def take(html: str, out: Path, *, picture: FindPicture) -> list[Path]:
    """Writes issue-600-light.png and so on into `out`, each as long as the mail is.

    `picture` gives emag's own pictures by hash and name: the site that serves them may not run.
    Raises EmagError, saying what to install, where Playwright or Chromium is missing.
    """
    if importlib.util.find_spec("playwright") is None:
        raise EmagError("Screenshots need Playwright: run “pip install 'emag[shots]'”")
    from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 - optional, and heavy

    with sync_playwright() as playwright:
        try:
            browser = _browser(playwright)
        except Error:
            raise EmagError(
                "Screenshots need Chromium: install the system's chromium package, "
                "or run “playwright install chromium”"
            ) from None
        try:
            return [
                _screenshot(browser, html, width, scheme, out, picture)
                for width in WIDTHS
                for scheme in SCHEMES
            ]
        except Error as error:
            raise EmagError(f"Chromium could not take the screenshot: {error.message}") from error
        finally:
            browser.close()


def _browser(playwright: Any) -> Any:
    # Without the first flag Chromium looks for updates, and nothing here may call out by itself.
    arguments = ["--disable-background-networking", "--disable-gpu", "--hide-scrollbars"]
    program = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    return playwright.chromium.launch(executable_path=program, args=arguments)


def _screenshot(  # noqa: PLR0917 - one picture
    browser: Any, html: str, width: int, scheme: str, out: Path, picture: FindPicture
) -> Path:
    path = out / f"issue-{width}-{scheme}.png"
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=False
    )
    try:
        page = context.new_page()
        page.route(_COPY, lambda route: _fulfil(route, picture))
        page.set_content(html, wait_until="load", timeout=_WAIT_FOR_PICTURES_MS)
        page.screenshot(path=path, full_page=True)
    finally:
        context.close()
    return path


def _fulfil(route: Any, picture: FindPicture) -> None:
    address, name = str(route.request.url).rsplit("/", 1)
    file = picture(address.rpartition("/")[2], name)
    if file is None:
        route.continue_()
    else:
        route.fulfill(body=file.content, content_type=file.kind)
