"""What every page of the desk shares: its templates and texts, who asks, and how it answers."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from emag.checks.rules.size import LIMIT
from emag.desk.viewer import IssueViewer
from emag.editors.passkey import host_fault
from emag.newsroom import Newsroom
from emag.press import theme
from emag.press.bytecode import SharedBytecode
from emag.press.words import english, words
from emag.settings import Theme
from emag.web.desk import notice
from emag.web.desk.access import Access, DeskUser
from emag.web.desk.fault_links import alike, fault_link
from emag.web.desk.notice import Notice
from emag.web.desk.packing import packed
from emag.web.desk.phrases import Phrasebook
from emag.web.desk.recent import RecentFigures
from emag.web.desk.static import StaticFiles
from emag.web.desk.waiting import SlowRequests

# No inline style or script, and nothing from another host. A mail's preview is a page of its own
# in a frame, with its own policy.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    # Under “no-referrer” a form would send “Origin: null”, and could not be told from a forged one.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Shell:
    """Renders pages and answers forms. Safe from several threads.

    Templates get texts by their key, as in `say("pool.heading")`, and `user`, `path`, `notice`.
    """

    def __init__(self, newsroom: Newsroom, *, nudge: Callable[[], None] | None = None) -> None:
        """`nudge` tells the engine that there is something to do."""
        self.newsroom = newsroom
        self.nudge = nudge or (lambda: None)
        self.access = Access(newsroom)
        self.figures = RecentFigures()
        self.slow = SlowRequests()
        settings = newsroom.settings
        self.viewer = IssueViewer(newsroom.database, settings)
        self.files = StaticFiles(settings.template_folders, {"look.css": _look(settings.theme)})
        self.words = words(settings, desk=True)
        self.phrases = Phrasebook(english(settings, desk=True), self.words)
        self.zone = settings.publication.zone
        loader = FileSystemLoader(settings.template_folders)
        self._templates = Environment(
            loader=loader,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            bytecode_cache=SharedBytecode(self.words, self.zone),
        )
        self._templates.filters |= {
            "day": self.day,
            "closing": self.closing,
            "short_day": self.short_day,
            "phrase": self.phrases,
            "moment": self.moment,
            "weekday": self.weekday,
            "as_date": date.fromisoformat,
            "clock": lambda at: f"{at.astimezone(self.zone):%H:%M}",
            "number": self.words.number,
            "preview_topic": lambda topic: ("topics", topic),
        }
        self._templates.globals |= {
            "say": self.say,
            "count": lambda key, n: escape(self.words.count(key, n)),
            "words": self.words,
            "act": self.phrases.act,
            "title": settings.publication.title,
            "language": settings.publication.language,
            "asset": self.files.address,
            "has_passkeys": not host_fault(settings.base_url),
            "code_approves": settings.desk.approve_with == "code",
            "work": newsroom.work_accounts.label if newsroom.work_accounts else "",
            "fault_link": fault_link,
            "alike": alike,
            "offered_topics": settings.signup.topics,
            "size_limit": LIMIT,
        }

    def say(self, key: str, **values: object) -> Markup:
        """A text of the words files as HTML; values are escaped unless they are Markup."""
        return escape(self.words.texts[key]).format(**values)

    def day(self, at: date | datetime) -> str:
        """“Friday 6 March 2026”, in the publication's zone."""
        return self.words.long_day(
            at.astimezone(self.zone).date() if isinstance(at, datetime) else at
        )

    def closing(self, at: date | datetime) -> str:
        """“Friday 6 March 2026”, with “, 12:00” where the advert names a time."""
        if not isinstance(at, datetime):
            return self.day(at)
        local = at.astimezone(self.zone)
        return f"{self.words.long_day(local.date())}, {local:%H:%M}"

    def weekday(self, at: datetime) -> str:
        """“Friday”, in the publication's zone."""
        return self.words.dates.weekday_name(at.astimezone(self.zone))

    def short_day(self, at: date | datetime) -> str:
        """“6 March 2026”, in the publication's zone."""
        return self.words.day(at.astimezone(self.zone) if isinstance(at, datetime) else at)

    def moment(self, at: datetime) -> str:
        """“Friday 6 March 2026, 07:30 GMT”, in the publication's zone and with its name."""
        local = at.astimezone(self.zone)
        return f"{self.words.long_day(local.date())}, {local:%H:%M %Z}"

    def page(
        self,
        request: Request,
        user: DeskUser | None,
        template: str,
        *,
        status: int = HTTPStatus.OK,
        problems: Mapping[str, str] | None = None,
        **context: Any,
    ) -> Response:
        """A page as the answer; 304 where the browser has it already.

        `problems` maps the id of a field to what is wrong with it; the page lists them at its top.
        """
        note = notice.read(request.cookies.get(notice.COOKIE))
        if note is not None and note.key not in self.words:
            note = None
        html = self._templates.get_template(f"desk/{template}").render(
            user=user,
            path=request.url.path,
            notice=note,
            problems={field: self.phrases(text) for field, text in (problems or {}).items()},
            now=self.newsroom.now(),
            **context,
        )
        return self._answer(request, html, status, has_notice=note is not None)

    def _answer(self, request: Request, html: str, status: int, *, has_notice: bool) -> Response:
        tag = f'W/"{hashlib.sha256(html.encode()).hexdigest()[:24]}"'
        headers = HEADERS | {"ETag": tag}
        if status == HTTPStatus.OK and request.headers.get("if-none-match") == tag:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        content, encoding = packed(request, html.encode())
        response = HTMLResponse(content, status, headers | dict(encoding))
        if has_notice:
            response.delete_cookie(notice.COOKIE, path="/desk")
        return response

    def back(
        self,
        to: str,
        key: str = "",
        *,
        issue: int = 0,
        act: int = 0,
        is_problem: bool = False,
        **values: object,
    ) -> Response:
        """Leads from a form to a page, which shows the text `key` once.

        With `issue` and `act` it has an “Undo” button beside it.
        """
        response = RedirectResponse(to, HTTPStatus.SEE_OTHER, HEADERS)
        if key:
            texts = {name: str(value) for name, value in values.items()}
            note = Notice(key, texts, issue, act, is_problem)
            response.set_cookie(
                notice.COOKIE,
                note.written(),
                max_age=notice.SECONDS,
                path="/desk",
                httponly=True,
                samesite="lax",
                secure=self.newsroom.settings.base_url.startswith("https:"),
            )
        return response

    def json(self, text: str | None) -> Response:
        """What a script asked for; 429 for None, where it asked too often."""
        if text is None:
            return Response(status_code=HTTPStatus.TOO_MANY_REQUESTS, headers=HEADERS)
        return Response(text, media_type="application/json", headers=HEADERS)

    def problem(
        self,
        request: Request,
        user: DeskUser | None,
        sentence: str,
        *,
        to: str,
        status: int,
        label: str = "desk.go_back",
    ) -> Response:
        """A page that says what could not be done, and leads to `to` by a link with that text."""
        page = "problem.html"
        sentence = self.phrases(sentence)
        return self.page(request, user, page, status=status, sentence=sentence, to=to, label=label)


def with_next(path: str, to: str) -> str:
    """The address of a page that leads on to `to` when it is finished."""
    return f"{path}?next={quote(to, safe='')}"


def own_path(path: str | None, *, default: str = "/desk") -> str:
    """A path of the desk to lead to, else `default`: never another host's address."""
    parts = urlsplit(path or "")
    is_own = not parts.scheme and not parts.netloc and (parts.path + "/").startswith("/desk/")
    if "\\" in parts.path or ".." in parts.path.split("/"):
        return default
    return quote(parts.path) + (f"?{parts.query}" if parts.query else "") if is_own else default


def _look(settings: Theme) -> str:
    """The publication's colours, for the masthead only."""
    look = theme.look(settings)
    light, dark = (
        f":root {{ --band: {of.band}; --band-ink: {of.band_ink}; }}"
        for of in (look.light, look.dark)
    )
    return f"{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}\n"
