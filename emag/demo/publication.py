"""Writes the publication's folder of the demo."""

from datetime import datetime
from pathlib import Path
from secrets import token_urlsafe

from emag.demo import material

_SETTINGS = """\
[publication]
title = "{title}"
tagline = "{tagline}"
url = "{site}"
sender = "{title} <hello@noticeboard.example>"
reply_to = "The editors <editors@noticeboard.example>"
editors = ["Rosalind Ames <rosalind@noticeboard.example>"]
postal_address = "{title}, 3 Corn Exchange Yard, Marrowby MB1 4NB"
write_for_us = "{site}/"
write_for_us_text = "What worked, or failed in a way worth telling? Six hundred words are plenty."

[schedule]
draft = "off"   # the demo drafts the issues itself
send = "fri 07:30"

[desk]
approve_with = "code"   # so that approving works at once, on any machine

[[sources]]
name = "blog"
kind = "feed"
url = "{site}/blog/feed.xml"
section = "posts"

[[sources]]
name = "board"
kind = "jobs"
url = "{site}/jobs/feed.xml"
section = "jobs"

[[sources]]
name = "dates"
kind = "folder"
path = "events"
section = "events"

[[sections]]
name = "posts"
title = "New on the blog"
limit = 15
order = "featured"

[[sections]]
name = "jobs"
title = "Featured jobs"
limit = 8
order = "featured"

[[sections]]
name = "events"
title = "Dates"
limit = 6

[transport]
kind = "smtp"
host = "127.0.0.1"
port = {smtp_port}
security = "none"

[theme]
name = "{theme}"

[network]
allow_private = true   # the feeds are on this machine
"""

_SECRETS = """\
EMAG_SECRET_KEY={secret_key}
EMAG_SIGNUP_SECRET={signup_secret}
EMAG_BASE_URL={base_url}
"""

_EVENT = """\
---
title: "{title}"
kind: event
starts: {starts}
place: "{place}"
link: "{link}"
---
{text}
"""


def write(
    folder: Path, *, now: datetime, base_url: str, site: str, smtp_port: int, theme: str
) -> None:
    """Writes emag.toml, .env with new keys, and a Markdown file for each event."""
    names = {"title": material.TITLE, "tagline": material.TAGLINE, "site": site, "theme": theme}
    (folder / "emag.toml").write_text(_SETTINGS.format(**names, smtp_port=smtp_port), "utf-8")
    keys = {name: token_urlsafe(32) for name in ("secret_key", "signup_secret")}
    (folder / ".env").write_text(_SECRETS.format(**keys, base_url=base_url), "utf-8")
    (folder / "events").mkdir()
    for event in material.events(now):
        text = _EVENT.format(
            title=event.title,
            starts=event.starts.isoformat(),
            place=event.place,
            link=f"{site}/events/{event.slug}",
            text=event.text,
        )
        (folder / "events" / f"{event.slug}.md").write_text(text, "utf-8")
