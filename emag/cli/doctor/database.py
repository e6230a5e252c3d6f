"""The database and its migrations."""

from collections.abc import Iterator

from emag import bootstrap
from emag.cli.doctor import Finding
from emag.errors import DatabaseError, SettingsError
from emag.settings import Settings


def examine(settings: Settings) -> Iterator[Finding]:
    try:
        bootstrap.open_database(settings).close()
    except (DatabaseError, SettingsError) as error:
        yield Finding("database", str(error))
