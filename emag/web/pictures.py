"""Serves the pictures of mails, archive and desk at addresses with their hash."""

from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Response

from emag.content.pictures import fetching
from emag.database import Database

# A file never changes under its address. The policy is for a browser that opens it by itself.
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


def router(database: Database) -> APIRouter:
    """The files, for everybody: no session is read, and nothing is noted of who asks."""
    routes = APIRouter(tags=["pictures"])

    @routes.get("/pictures/{hash_}/{name}")
    def file(hash_: str, name: str) -> Response:
        picture = fetching.find(database, hash_, name)
        if picture is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        headers = {**_HEADERS, "ETag": f'"{hash_}"'}
        return Response(picture.content, media_type=picture.kind, headers=headers)

    return routes
