"""The issue as the public archive shows it, with its corrections and without the site around it."""

import re
from collections.abc import Sequence

from markupsafe import escape

from emag.bundle.sealed_settings import RebuildSettings
from emag.issues.correction import Correction, Parts, corrected
from emag.press.document import Document, public
from emag.press.words import Words, words

_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)


def archive_page(
    document: Document,
    settings: RebuildSettings,
    corrections: Sequence[Correction],
    *,
    number: int,
) -> str:
    """The page as HTML. Raises PressError where the publication's words cannot be read."""
    texts = words(settings)
    page = public(document, archive_url=f"{settings.base_url}/archive/{number}", texts=texts)
    html = corrected(Parts(page.html, page.text), corrections).html
    if not corrections:
        return html
    notes = _notes(corrections, settings, texts)
    return _BODY.sub(lambda body: body[0] + notes, html, count=1)


def _notes(corrections: Sequence[Correction], settings: RebuildSettings, texts: Words) -> str:
    """The dated notes above the issue, in the publication's language."""
    zone = settings.publication.zone
    label = escape(texts.label(""))
    notes = "".join(
        f'<p><time datetime="{correction.at.isoformat()}">'
        f"{escape(texts.day(correction.at.astimezone(zone)))}</time>{label} "
        f'<span lang="{escape(settings.publication.language)}">{escape(correction.note)}</span></p>'
        for correction in corrections
    )
    heading = escape(texts.count("corrections.heading", len(corrections)))
    language = f'lang="{escape(texts.language)}" dir="{texts.direction}"'
    return f"<section {language}><h2>{heading}</h2>{notes}</section>"
