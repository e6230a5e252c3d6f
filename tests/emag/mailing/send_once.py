"""A sender in a process of its own, for a test to kill; its clock may be some seconds off."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from emag.database import Database
from emag.mailing.sending import deliver
from emag.mailing.sending.sender import Sender, Terms
from emag.mailing.transports.smtp import SmtpTransport
from emag.settings import load
from subscribers.tokens import Keys


def main(folder: str, url: str, port: str, number: str, off: str = "0") -> None:
    settings = load(Path(folder))
    database = Database(url)
    transport = SmtpTransport("127.0.0.1", int(port), "none", timeout=10.0)

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(off))

    print("sending", flush=True)  # noqa: T201 - the test waits for it
    counts = deliver.deliver(
        Sender(database, transport, Terms.of(settings), now),
        int(number),
        settings=settings,
        keys=Keys(settings.environment.secret_key),
    )
    transport.close()
    database.close()
    print(json.dumps(counts), flush=True)  # noqa: T201 - the test reads it


if __name__ == "__main__":
    main(*sys.argv[1:])
