"""Opens Chromium, by Playwright, to draw a printed mail."""

import importlib.util
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from emag.content.pictures.picture import PictureFile
from emag.errors import EmagError

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_WAIT_FOR_PICTURES_MS = 15_000
_COPY = re.compile(r"/pictures/[0-9a-f]{32}/[a-z]+(?:@2x)?\.(?:jpg|png)$")


FindPicture = Callable[[str, str], PictureFile | None]


@contextmanager
def started() -> Iterator[Any]:
    """Yields a browser.

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
            yield browser
        except Error as error:
            raise EmagError(f"Chromium could not take the screenshot: {error.message}") from error
        finally:
            browser.close()


@contextmanager
def mail_page(browser: Any, picture: FindPicture, *, scale: float = 1) -> Iterator[Any]:
    """Yields a page that shows mails: no script runs.

    `picture` gives emag's own pictures by hash and name: the site that serves them may not run.
    """
    context = browser.new_context(device_scale_factor=scale, java_script_enabled=False)
    try:
        page = context.new_page()
        page.route(_COPY, lambda route: _fulfil(route, picture))
        yield page
    finally:
        context.close()


def show(page: Any, html: str, *, width: int, scheme: str, media: str = "screen") -> None:
    """Shows a mail, with its pictures, on a page of this width."""
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, media=media)
    page.set_content(html, wait_until="load", timeout=_WAIT_FOR_PICTURES_MS)


def _browser(playwright: Any) -> Any:
    # Without the first flag Chromium looks for updates, and nothing here may call out by itself.
    arguments = ["--disable-background-networking", "--disable-gpu", "--hide-scrollbars"]
    program = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    return playwright.chromium.launch(executable_path=program, args=arguments)


def _fulfil(route: Any, picture: FindPicture) -> None:
    address, name = str(route.request.url).rsplit("/", 1)
    file = picture(address.rpartition("/")[2], name)
    if file is None:
        route.continue_()
    else:
        route.fulfill(body=file.content, content_type=file.kind)
