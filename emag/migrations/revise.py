"""Writes the next revision: the difference between the newest one and the tables."""

import re
import runpy
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from emag import migrate
from emag.database import Database

FIRST = "the first tables"


def revise(message: str, versions: Path) -> Path:
    """Writes a revision into the folder and returns its file."""
    migrate.declared()
    shipped = sorted(path.name[:4] for path in versions.glob("[0-9]*.py"))
    following = f"{int(shipped[-1]) + 1 if shipped else 1:04}"
    config = Config(stdout=sys.stderr)
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
    (file,) = versions.glob(f"{following}_*.py")
    file.write_text(re.sub(r"^ *# ### .*\n", "", file.read_text(), flags=re.MULTILINE))
    return file


def begin_again(versions: Path) -> Path:
    """Writes the first revision anew. Only before a release: afterwards it never changes."""
    for path in versions.glob("[0-9]*.py"):
        path.unlink()
    return revise(FIRST, versions)


if __name__ == "__main__":
    versions = migrate.MIGRATIONS / "versions"
    runpy.run_path(str(Path(__file__).with_name("draw_tables.py")), run_name="__main__")
    if sys.argv[1:] == ["--first"]:
        print(begin_again(versions))  # noqa: T201 - a script
    elif len(sys.argv) == 2 and re.match(r"\w", sys.argv[1]):  # noqa: PLR2004 - script and message
        print(revise(sys.argv[1], versions))  # noqa: T201 - a script
    else:
        sys.exit('Say what changed: revise.py "add a column for …"')
