"""Compares an issue as mjml-python and as npm's mjml print it: the share of pixels that differ.

.venv/bin/python benchmarks/compilers.py    with npm's `mjml`, version 4, on the path
"""

import shutil
import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from emag.press.compose import compose  # noqa: E402 - the tests' issues are no package
from emag.press.inline import inline  # noqa: E402
from emag.press.mjml import finished, prepared  # noqa: E402
from emag.press.unused_rules import without_unused_rules  # noqa: E402
from tests import chromium  # noqa: E402
from tests.emag.press import pictures  # noqa: E402
from tests.emag.press.conftest import AT  # noqa: E402
from tests.emag.press.kinds import KINDS, NAMES, VALUES, issue_of, settings_of  # noqa: E402

WIDTHS = (600, 375)
LIMIT = 0.1  # per cent of the pixels
UNSEEN = 8  # of 255: a difference in a colour that nobody sees


def main() -> None:
    command = shutil.which("mjml")
    if command is None:
        sys.exit("There is no `mjml` command on the path: run “npm install mjml@4”")
    with chromium.started() as browser, tempfile.TemporaryDirectory() as folder:
        page = browser.new_page()
        page.route("**/*", pictures.serve)
        for theme in NAMES:
            for kind in KINDS:
                document = compose(issue_of(kind), settings_of(theme, kind), now=AT)
                reference = by_npm(command, document.mjml, Path(folder))
                shares = [
                    difference(*(shot(page, html, width) for html in (document.html, reference)))
                    for width in WIDTHS
                ]
                verdict = "" if max(shares) <= LIMIT else "  too much"
                texts = (
                    f"{width} px {share:.3f} %" for width, share in zip(WIDTHS, shares, strict=True)
                )
                print(f"{theme:<12} {kind:<9} {', '.join(texts)}{verdict}")


def by_npm(command: str, mjml: str, folder: Path) -> str:
    """The same MJML compiled by npm's mjml, and inlined as emag does it."""
    source, target = folder / "issue.mjml", folder / "issue.html"
    source.write_text(prepared(mjml), "utf-8")
    options = ["--config.validationLevel=skip", "-o", str(target)]
    subprocess.run([command, str(source), *options], check=True, capture_output=True)
    return without_unused_rules(inline(finished(target.read_text("utf-8"))))


def shot(page: Any, html: str, width: int) -> Image.Image:
    for name, value in VALUES.items():
        html = html.replace(f"[[{name}]]", value)
    page.set_viewport_size({"width": width, "height": 800})
    page.set_content(html)
    return Image.open(BytesIO(page.screenshot(full_page=True))).convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    """The share of pixels that differ, in per cent. What only one of them has differs."""
    size = (max(one.width, other.width), max(one.height, other.height))
    pair = [Image.new("RGB", size, ground) for ground in ("white", "black")]
    for picture, canvas in zip((one, other), pair, strict=True):
        canvas.paste(picture)
    bands = ImageChops.difference(*pair).split()
    most = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    same = sum(most.histogram()[: UNSEEN + 1])
    return 100 * (1 - same / (size[0] * size[1]))


if __name__ == "__main__":
    main()
