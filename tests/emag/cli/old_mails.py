"""Mails that have left as files, the links in them, and the pages where these lead."""

import re
from contextlib import contextmanager
from email import message_from_bytes, policy

import httpx

from emag import bootstrap
from emag.demo import hosting
from emag.web import app as web

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def mails_in(folder):
    """The newest mail to each reader, by the part of their address before the @."""
    files = sorted((folder / "outbox").glob("*.eml"))
    mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    return {str(mail["To"]).partition("@")[0]: mail for mail in mails}


def link(mail, part):
    """The path of a link, such as that of “unsubscribe”."""
    text = mail.get_body(("plain",)).get_content()
    return re.search(rf"https?://[^/\s]+(/{part}/[^\s>]+)", text)[1]


@contextmanager
def opened(folder, clock):
    """The newsroom of a folder, and a client of its pages by real HTTP."""
    newsroom = bootstrap.open_newsroom(folder, now=clock)
    with (
        hosting.listen(0) as listener,
        hosting.serving(web.create(newsroom), listener) as base,
        httpx.Client(base_url=base, timeout=60) as client,
    ):
        yield newsroom, client
    newsroom.transport.close()
    newsroom.database.close()
