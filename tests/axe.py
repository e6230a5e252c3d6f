"""Fetches axe-core, which finds faults of accessibility in a page.

`make test` runs this script, which puts axe-core into the virtual environment. Without npm or a
network the audits are skipped.
"""

import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "axe-core@4.14.1"
SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
SCRIPT = Path(sys.prefix) / "share" / "axe-core" / f"{SHA256[:12]}.min.js"
PATIENCE = 60  # seconds


def fetched() -> bytes:
    """Returns the script from npm's package. Raises OSError with a sentence."""
    npm = shutil.which("npm")
    if npm is None:
        raise OSError("there is no npm on this machine")
    with tempfile.TemporaryDirectory() as folder:
        pack = [npm, "pack", "--silent", "--fetch-retries=1", "--fetch-timeout=20000", PACKAGE]
        try:
            subprocess.run(pack, cwd=folder, check=True, capture_output=True, timeout=PATIENCE)
        except subprocess.SubprocessError as error:
            raise OSError(f"npm could not fetch {PACKAGE}") from error
        package = next(Path(folder).glob("axe-core-*.tgz")).read_bytes()
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        script = archive.extractfile("package/axe.min.js").read()
    if hashlib.sha256(script).hexdigest() != SHA256:
        raise OSError(f"{PACKAGE} has another content than these tests were written for")
    return script


def main() -> None:
    if SCRIPT.is_file():
        return
    try:
        script = fetched()
    except OSError as error:
        sys.stderr.write(f"The audits of the pages are skipped: {error}.\n")
        return
    SCRIPT.parent.mkdir(parents=True, exist_ok=True)
    aside = SCRIPT.with_suffix(".new")
    aside.write_bytes(script)
    aside.replace(SCRIPT)


if __name__ == "__main__":
    main()
