"""Pictures of a printed mail as PNG files, taken in Chromium."""

import importlib.util
import shutil
from pathlib import Path
from typing import Any

from emag.errors import EmagError

WIDTHS = (600, 375)  # CSS pixels: a mail program's reading pane, a phone
SCHEMES = ("light", "dark")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_WAIT_FOR_PICTURES_MS = 15_000


def take(html: str, out: Path) -> list[Path]:
    """Writes issue-600-light.png and so on into `out`, each as long as the mail is.

    Raises EmagError, saying what to install, where there is no Playwright or no Chromium.
    """
    if importlib.util.find_spec("playwright") is None:
        raise EmagError("Pictures need Playwright: run “pip install 'emag[shots]'”")
    from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 - optional, and heavy

    with sync_playwright() as playwright:
        try:
            browser = _browser(playwright)
        except Error:
            raise EmagError(
                "Pictures need Chromium: install the system's chromium package, "
                "or run “playwright install chromium”"
            ) from None
        try:
            return [_shot(browser, html, width, how, out) for width in WIDTHS for how in SCHEMES]
        except Error as error:
            raise EmagError(f"Chromium could not take the picture: {error.message}") from error
        finally:
            browser.close()


def _browser(playwright: Any) -> Any:
    # Quiet: a browser that looks for updates would be the only thing here that calls out.
    arguments = ["--disable-background-networking", "--disable-gpu", "--hide-scrollbars"]
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    return playwright.chromium.launch(executable_path=found, args=arguments)


def _shot(browser: Any, html: str, width: int, scheme: str, out: Path) -> Path:
    path = out / f"issue-{width}-{scheme}.png"
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=False
    )
    try:
        page = context.new_page()
        page.set_content(html, wait_until="load", timeout=_WAIT_FOR_PICTURES_MS)
        page.screenshot(path=path, full_page=True)
    finally:
        context.close()
    return path
