"""Fetches the pictures that a command has made necessary."""

from typing import TYPE_CHECKING

from emag.cli.call import now

if TYPE_CHECKING:
    from emag.database import Database
    from emag.settings import Settings


def fetch_pictures(settings: "Settings", database: "Database") -> None:
    """Fetches the pictures that issues and promos have none of yet."""
    from emag import bootstrap
    from emag.desk import pictures

    pictures.fetch_soon(database, settings, bootstrap.pictures(settings), now=now())
