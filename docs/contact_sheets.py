"""Makes the contact sheets in docs/images: each theme, with each kind of issue, in each program."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont, ImageOps

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from emag.checks.cascade import Scheme  # noqa: E402 - the tests' issues are no package
from emag.checks.client_models import MODELS, PHONE, ClientModel, unchanged  # noqa: E402
from emag.content.pictures.picture import PictureFile, StoredPicture, Use, WantedPicture  # noqa: E402
from emag.content.sources import crops  # noqa: E402
from emag.desk import chromium  # noqa: E402
from emag.issues.issue import Issue  # noqa: E402
from emag.press.compose import compose  # noqa: E402
from emag.press.document import fill  # noqa: E402
from tests.emag.press.conftest import AT, an_issue  # noqa: E402
from tests.emag.press.kinds import KINDS, NAMES, PROMOS, VALUES, issue_of, settings_of  # noqa: E402

IMAGES = ROOT / "docs" / "images"
DRAWINGS = sorted((ROOT / "emag" / "demo" / "pictures").glob("*.png"))
MAX_BYTES = 400_000  # of a sheet
DESKTOP = ClientModel("Desktop", "", 600, unchanged)
ON_PHONES = ClientModel("Phone", "", PHONE, unchanged)
DARK_PHONE = ClientModel("Phone, dark", "", PHONE, unchanged, Scheme.DARK)
SCALE = 0.4
TALLEST = 3_600  # CSS pixels that a sheet shows of a mail
GAP, LABEL = 16, 22
GROUND, INK = "#d9dddb", "#101413"
QUALITIES = (80, 70, 60, 50, 40, 30)


@dataclass(frozen=True)
class Figure:
    """A mail as a program shows it."""

    label: str
    picture: Image.Image


def main() -> None:
    themes = sys.argv[1:] or NAMES
    with chromium.started() as browser:
        for theme in themes:
            kinds = [figure for kind in KINDS for figure in of_a_kind(browser, theme, kind)]
            write(f"kinds-{theme}", sheet(kinds, columns=8))
            programs = list(of_programs(browser, theme))
            write(f"programs-{theme}", sheet(programs, columns=5))


def of_a_kind(browser: Any, theme: str, kind: str) -> Iterator[Figure]:
    """A kind of issue on a desktop and on a phone."""
    html, drawings = printed(theme, issue_of(kind), kind)
    for model in (DESKTOP, ON_PHONES):
        yield Figure(f"{kind}, {model.width} px", shot(browser, html, drawings, model))


def of_programs(browser: Any, theme: str) -> Iterator[Figure]:
    """One issue in all models of mail programs."""
    html, drawings = printed(theme, a_week(), "every")
    for model in (*MODELS, DARK_PHONE):
        label = f"{model.title}, {model.width} px"
        yield Figure(label, shot(browser, html, drawings, model))


def a_week() -> Issue:
    """An issue of the usual size."""
    return an_issue(8, 5, 3, note="", promos=PROMOS[1:])


def printed(theme: str, issue: Issue, kind: str) -> tuple[str, dict[str, PictureFile]]:
    """The HTML of an issue, and its pictures by hash and form."""
    document = compose(issue, settings_of(theme, kind), now=AT)
    return fill(document, VALUES).html, dict(drawn(issue))


def drawn(issue: Issue) -> Iterator[tuple[str, PictureFile]]:
    for stored in issue.pictures:
        wanted = WantedPicture(stored.url, stored.use)
        for file in crops.make(drawing(stored), wanted).files:
            yield f"{stored.hash} {file.name.partition('.')[0]}", file


def drawing(stored: StoredPicture) -> bytes:
    """One of the demo's pictures, in the size of this one."""
    names = {path.stem: path for path in DRAWINGS}
    name = "letter" if stored.use is Use.PROMO else Path(stored.url).stem
    number = int(name) if name.isdigit() else 0
    out = BytesIO()
    with Image.open(names.get(name, DRAWINGS[number % len(DRAWINGS)])) as image:
        size = (stored.width, stored.height)
        ImageOps.fit(image.convert("RGB"), size).save(out, "PNG")
    return out.getvalue()


def shot(
    browser: Any, html: str, drawings: dict[str, PictureFile], model: ClientModel
) -> Image.Image:
    def picture(hash_: str, name: str) -> PictureFile | None:
        return drawings.get(f"{hash_} {name.partition('.')[0]}")

    media = "print" if model.is_on_paper else "screen"
    with chromium.mail_page(browser, picture, scale=SCALE) as page:
        mail = model.change(html)
        chromium.show(page, mail, width=model.width, scheme=model.scheme.value, media=media)
        height = min(page.locator("body").bounding_box()["height"], TALLEST)
        clip = {"x": 0, "y": 0, "width": model.width, "height": height}
        return Image.open(BytesIO(page.screenshot(full_page=True, clip=clip))).convert("RGB")


def sheet(figures: Iterable[Figure], *, columns: int) -> Image.Image:
    """The figures in rows, with their labels."""
    figures = list(figures)
    rows = [figures[at : at + columns] for at in range(0, len(figures), columns)]
    width = max(sum(f.picture.width + GAP for f in row) for row in rows) + GAP
    height = sum(max(f.picture.height for f in row) + LABEL + GAP for row in rows) + GAP
    whole = Image.new("RGB", (width, height), GROUND)
    pen = ImageDraw.Draw(whole)
    down = GAP
    for row in rows:
        across = GAP
        for figure in row:
            pen.text((across, down), figure.label, fill=INK, font=ImageFont.load_default(14))
            whole.paste(figure.picture, (across, down + LABEL))
            across += figure.picture.width + GAP
        down += max(f.picture.height for f in row) + LABEL + GAP
    return whole


def write(name: str, picture: Image.Image) -> None:
    """Writes the picture at the best quality that is light enough."""
    for quality in QUALITIES:
        out = BytesIO()
        picture.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= MAX_BYTES:
            break
    (IMAGES / f"{name}.webp").write_bytes(out.getvalue())
    sys.stdout.write(f"{name}.webp  {out.tell():,} bytes, {picture.size}, quality {quality}\n")


if __name__ == "__main__":
    main()
