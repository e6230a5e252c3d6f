"""Serves the desk's style and scripts at addresses with their hash, so that browsers keep them."""

import hashlib
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, Request, Response

from emag.web.desk.packing import packed_file

FOLDER = Path("desk") / "static"
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file that pages load: its content, its type, and its address."""

    content: bytes
    media_type: str
    address: str


class StaticFiles:
    """The files of `templates/desk/static`, by their path there. The first folder wins.

    `generated` holds files that follow from the settings.
    """

    def __init__(self, folders: Sequence[Path], generated: Mapping[str, str]) -> None:
        self._files = {name: _file(name, text.encode()) for name, text in generated.items()}
        for folder in reversed(folders):
            top = folder / FOLDER
            for path in sorted(top.rglob("*")):
                if path.suffix in {".css", ".js", ".svg"}:
                    name = path.relative_to(top).as_posix()
                    self._files[name] = _file(name, path.read_bytes())
        self._by_address = {file.address: file for file in self._files.values()}

    def address(self, name: str) -> str:
        """Where a page loads the file from. Raises KeyError."""
        return self._files[name].address

    def at(self, address: str) -> StaticFile | None:
        return self._by_address.get(address)


def router(files: StaticFiles) -> APIRouter:
    """The files themselves. They hold nothing secret, so they need no session."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/desk/static/{digest}/{name:path}")
    def static(request: Request, digest: str, name: str) -> Response:
        file = files.at(f"/desk/static/{digest}/{name}")
        if file is None:
            return Response(status_code=HTTPStatus.NOT_FOUND)
        content, headers = packed_file(request, file.content)
        return Response(
            content, media_type=file.media_type, headers={"Cache-Control": FOR_EVER, **headers}
        )

    return routes


def _file(name: str, content: bytes) -> StaticFile:
    digest = hashlib.sha256(content).hexdigest()[:16]
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return StaticFile(content, media_type, f"/desk/static/{digest}/{name}")
