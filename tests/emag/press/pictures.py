"""Serves a plain picture of the right shape for each of emag's own addresses."""

from pathlib import PurePosixPath
from urllib.parse import urlsplit

from emag.content.pictures.picture import BOXES, PictureForm

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 3 2">'
    '<rect width="3" height="2" fill="#7a9"/><circle cx="1" cy="1" r=".6" fill="#dc7"/></svg>'
)


def serve(route) -> None:
    """Answers a page's request: with a picture for one of emag's own, else with nothing."""
    name = PurePosixPath(urlsplit(route.request.url).path).name.partition("@")[0]
    if name not in set(PictureForm):
        route.abort()
        return
    width, height = BOXES[PictureForm(name)]
    route.fulfill(body=SVG.format(2 * width, 2 * height), content_type="image/svg+xml")
