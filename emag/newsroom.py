"""The newsroom: settings, database and adapters, as every entry point needs them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from emag.condition import Condition

if TYPE_CHECKING:
    from emag.alerts import AlertChannel
    from emag.checks.outside import Outside
    from emag.content.pages.page import StoryPages
    from emag.content.pictures.picture import PictureFetcher
    from emag.content.sources import Source
    from emag.database import Database
    from emag.editors.work_account import WorkAccounts
    from emag.mailing.returns.bounces import BounceReader
    from emag.mailing.returns.mailbox import Mailbox
    from emag.mailing.returns.webhooks import Feedback
    from emag.mailing.sending.sender import Sender
    from emag.mailing.transports import Transport
    from emag.settings import Settings
    from subscribers.desk import ReaderDesk
    from subscribers.tokens import Keys


@dataclass(frozen=True, slots=True)
class Newsroom:
    """`bootstrap` builds it once for each process. `now` returns the time, aware and in UTC."""

    settings: "Settings"
    database: "Database"
    sources: "tuple[Source, ...]"
    sender: "Sender"
    feedback: "Mapping[str, Feedback]"
    keys: "Keys"
    now: "Callable[[], datetime]"
    readers: "ReaderDesk"  # the list's face for editors
    bounces: "BounceReader | None" = None  # reads bounce mail
    mailbox: "Mailbox | None" = None  # the mailbox that bounces arrive in
    pages: "StoryPages | None" = None  # asks the pages of stories
    pictures: "PictureFetcher | None" = None  # fetches pictures from their sources
    alerts: "tuple[AlertChannel, ...]" = ()  # the ways by which trouble is told beside the relay
    outside: "Outside | None" = None  # asks links and DNS for the pre-flight
    work_accounts: "WorkAccounts | None" = None  # where editors sign in with an account of theirs
    condition: Condition = field(default_factory=Condition)  # what this process knows of trouble

    @property
    def transport(self) -> "Transport":
        """How mail leaves: the sender's transport, for letters and test copies too."""
        return self.sender.transport
