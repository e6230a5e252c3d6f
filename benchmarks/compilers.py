"""Compares an issue as mjml-python and as npm's mjml print it: the share of pixels that differ.

.venv/bin/python benchmarks/compilers.py [FILE]    with npm's `mjml`, version 4, on the path

FILE gets a picture of one issue in each theme, ours beside npm's.
"""

import re
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
SAMPLE = "pictures"  # the kind of issue in the picture
SCALE, GAP, TALLEST = 0.4, 12, 1_100
LIMIT = 0.1  # per cent of the pixels
TOPIC_MARK = re.compile(r"\[\[/?when[^\]]*\]\]")
UNSEEN = 8  # of 255: a difference in a colour that nobody sees


def main() -> None:
    command = shutil.which("mjml")
    if command is None:
        sys.exit("There is no `mjml` command on the path: run “npm install mjml@4”")
    drawings: list[Image.Image] = []
    with chromium.started() as browser, tempfile.TemporaryDirectory() as folder:
        page = browser.new_page()
        page.route("**/*", pictures.serve)
        for theme in NAMES:
            for kind in KINDS:
                document = compose(issue_of(kind), settings_of(theme, kind), now=AT)
                reference = by_npm(command, document.mjml, Path(folder))
                pairs = [
                    [shot(page, html, width) for html in (document.html, reference)]
                    for width in WIDTHS
                ]
                shares = [difference(*pair) for pair in pairs]
                if kind == SAMPLE:
                    drawings += [picture for pair in pairs for picture in pair]
                verdict = "" if max(shares) <= LIMIT else "  too much"
                texts = (
                    f"{width} px {share:.3f} %" for width, share in zip(WIDTHS, shares, strict=True)
                )
                print(f"{theme:<12} {kind:<9} {', '.join(texts)}{verdict}")
    if len(sys.argv) > 1:
        side_by_side(drawings).save(sys.argv[1], quality=60, method=6)


def side_by_side(pictures: list[Image.Image]) -> Image.Image:
    """The beginnings of the pictures in a row, in less than half of their size."""
    sizes = [(round(p.width * SCALE), round(p.height * SCALE)) for p in pictures]
    sheet = Image.new("RGB", (sum(width + GAP for width, _ in sizes), TALLEST), "#d9dddb")
    across = GAP // 2
    for picture, size in zip(pictures, sizes, strict=True):
        sheet.paste(picture.resize(size, Image.Resampling.LANCZOS), (across, 0))
        across += size[0] + GAP
    return sheet


def by_npm(command: str, mjml: str, folder: Path) -> str:
    """The same MJML compiled by npm's mjml, and inlined as emag does it."""
    source, target = folder / "issue.mjml", folder / "issue.html"
    source.write_text(prepared(mjml), "utf-8")
    options = ["--config.validationLevel=skip", "-o", str(target)]
    subprocess.run([command, str(source), *options], check=True, capture_output=True)
    return without_unused_rules(inline(finished(target.read_text("utf-8"))))


def shot(page: Any, html: str, width: int) -> Image.Image:
    html = TOPIC_MARK.sub("", html)
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
