"""Takes screenshots of a printed mail as PNG files, in Chromium."""

from pathlib import Path
from typing import Any

from emag.desk import chromium, contact_sheet
from emag.desk.chromium import FindPicture

WIDTHS = (600, 375)  # CSS pixels: a mail program's reading pane, a phone
SCHEMES = ("light", "dark")


def take(html: str, out: Path, *, picture: FindPicture) -> list[Path]:
    """Writes issue-600-light.png and so on into `out`, each as long as the mail is.

    The last file is the contact sheet: the mail as kinds of mail programs show it.
    `picture` gives emag's own pictures by hash and name: the site that serves them may not run.
    Raises EmagError, saying what to install, where Playwright or Chromium is missing.
    """
    with chromium.started() as browser:
        with chromium.mail_page(browser, picture) as page:
            files = [
                _screenshot(page, html, width, scheme, out)
                for width in WIDTHS
                for scheme in SCHEMES
            ]
        return [*files, contact_sheet.draw(browser, html, out, picture=picture)]


def _screenshot(page: Any, html: str, width: int, scheme: str, out: Path) -> Path:
    path = out / f"issue-{width}-{scheme}.png"
    chromium.show(page, html, width=width, scheme=scheme)
    page.screenshot(path=path, full_page=True)
    return path
