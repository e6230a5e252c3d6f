"""What the doors need: one frozen bag of ports."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from emag.content.sources import Source
from emag.database import Database
from emag.mailing.returns.bounces import BounceReader
from emag.mailing.returns.mailbox import Mailbox
from emag.mailing.returns.webhooks import Feedback
from emag.mailing.transports import Transport
from emag.settings import Settings
from subscribers.tokens import Keys


@dataclass(frozen=True, slots=True)
class Newsroom:
    """Made once by `bootstrap`, handed to every door. `now` gives aware UTC."""

    settings: Settings
    database: Database
    sources: tuple[Source, ...]
    transport: Transport
    feedback: Mapping[str, Feedback]
    keys: Keys
    now: Callable[[], datetime]
    bounces: BounceReader | None = None  # reads mail that came back
    mailbox: Mailbox | None = None  # where it arrives
