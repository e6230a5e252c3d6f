"""Renders the answers: pages with the headers that keep them private."""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping

from fastapi.responses import HTMLResponse, Response

from subscribers.errors import BadToken, ExpiredToken
from subscribers.tokens import TEST_COPY
from subscribers.web.site import Site

_NONE, _SELF = "'none'", "'self'"
_INLINE = {kind: re.compile(rf"<{kind}>(.*?)</{kind}>", re.DOTALL) for kind in ("style", "script")}
_BASIC = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PRIVATE: Mapping[str, str] = {**_BASIC, "X-Robots-Tag": "noindex, nofollow"}


def page(site: Site, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
    """A page for one person. It is not stored, not indexed, and sends no referrer."""
    return _render(site, template, status, PRIVATE, context)


def public_page(site: Site, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
    """A page that search engines may index."""
    return _render(site, template, status, _BASIC, context)


def message(site: Site, about: str, *, status: int = 200) -> HTMLResponse:
    """A page with one message; `about` is its key in the catalogue of words."""
    return page(site, "message", status=status, about=about)


def for_link(site: Site, answer: Callable[[], Response]) -> Response:
    """Calls `answer`, or says that the link is broken or too old."""
    try:
        return answer()
    except ExpiredToken:
        return too_old(site)
    except BadToken:
        return broken(site)


def too_old(site: Site) -> Response:
    return page(site, "expired", status=410)


def unknown_link(site: Site, ref: str) -> Response:
    """We signed the link, but no reader of this list has or had it: a test copy's is such a one."""
    if ref == TEST_COPY:
        return message(site, "test_link")
    return message(site, "unknown_link", status=404)


def broken(site: Site) -> Response:
    return message(site, "broken", status=404)


def too_much(site: Site) -> Response:
    return message(site, "too_much", status=413)


def unreadable(site: Site) -> Response:
    return message(site, "unreadable", status=400)


def _render(
    site: Site, template: str, status: int, headers: Mapping[str, str], context: dict[str, object]
) -> HTMLResponse:
    html = site.page(f"web/{template}.html", signup_url=f"{site.base_url}/signup", **context)
    scripts = _hashes(html, "script")
    policy = (
        f"default-src 'none'; style-src {_hashes(html, 'style')}; script-src {scripts}; "
        f"connect-src {_NONE if scripts == _NONE else _SELF}; img-src data:; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    return HTMLResponse(html, status, {**headers, "Content-Security-Policy": policy})


def _hashes(html: str, kind: str) -> str:
    """The hashes of the page's inline styles or scripts, for its Content-Security-Policy.

    A nonce would make two equal answers differ.
    """
    digests = (hashlib.sha256(text.encode()).digest() for text in _INLINE[kind].findall(html))
    return " ".join(f"'sha256-{base64.b64encode(d).decode()}'" for d in digests) or _NONE
