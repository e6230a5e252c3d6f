"""Writes the next revision: the difference between the newest one and the tables."""

import re
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from alembic import command
from alembic.config import Config

from emag import bootstrap
from emag.database import Database


def revise(message: str, versions: Path) -> None:
    for module in bootstrap.TABLES:
        import_module(module)
    shipped = sorted(path.name[:4] for path in versions.glob("[0-9]*.py"))
    following = f"{int(shipped[-1]) + 1 if shipped else 1:04}"
    config = Config()
    config.set_main_option("script_location", str(versions.parent).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.db")
        with database.transaction() as conn:
            config.attributes["connection"] = conn
            if shipped:
                command.upgrade(config, "head")
            command.revision(config, message=message, rev_id=following, autogenerate=True)
        database.close()


if __name__ == "__main__":
    if len(sys.argv) != 2 or not re.match(r"\w", sys.argv[1]):  # noqa: PLR2004 - itself and a message
        sys.exit('Say what changed: revise.py "add a column for …"')
    revise(sys.argv[1], bootstrap.MIGRATIONS / "versions")
