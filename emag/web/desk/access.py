"""Decides who may see a page or press a button, before anything else of a request happens.

Each route has exactly one of these: `reads(…)` for a page, `acts(…)` for a form. Only signing in
and out has none. A route says so in its dependencies, where a test finds it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request

from emag.editors import sessions
from emag.editors.editor import Editor
from emag.editors.role import Permission, permissions
from emag.editors.session import AccessAnswer, Session
from emag.editors.sessions import SignedIn
from emag.newsroom import Newsroom

POLL_HEADER = "x-emag-poll"  # a request that a page makes by itself, which keeps no session alive


@dataclass(frozen=True, slots=True)
class DeskUser:
    """Who asks for a page. `name` is what their acts carry."""

    editor: Editor
    session: Session
    name: str
    now: datetime
    code_is_enough: bool

    @property
    def signed_in(self) -> SignedIn:
        """The person and their session, as verbs take them."""
        return SignedIn(self.editor, self.session, self.name)

    def may(self, permission: Permission | str) -> bool:
        """True if the person's roles allow it, whatever their session may do now."""
        return Permission(permission) in permissions(self.editor.roles)

    def answer(self, permission: Permission | str) -> AccessAnswer:
        """Whether the person may do it in this session, now."""
        return self.session.answer(
            self.editor.roles,
            Permission(permission),
            now=self.now,
            code_is_enough=self.code_is_enough,
        )


class NotSignedIn(Exception):
    """Nobody is signed in: a page leads to the sign-in, a form answers 401."""


class NotAllowed(Exception):
    """The person may not do this. `answer` is what they or their session lack."""

    def __init__(self, answer: AccessAnswer, user: DeskUser) -> None:
        super().__init__(answer.value)
        self.answer, self.user = answer, user


def cookie_name(base_url: str) -> str:
    """The cookie of the session. The prefix needs https (RFC 6265bis, 4.1.3.2)."""
    return "__Host-emag" if base_url.startswith("https:") else "emag"


class Access:
    """Finds the user of a request. `newsroom` has the database and the clock."""

    def __init__(self, newsroom: Newsroom) -> None:
        self._newsroom = newsroom

    def user(self, request: Request) -> DeskUser | None:
        """Who is signed in, if anybody. Records that the session was used."""
        newsroom = self._newsroom
        token = request.cookies.get(cookie_name(newsroom.settings.base_url), "")
        now = newsroom.now()
        signed_in = sessions.find(newsroom.database, token, now=now) if token else None
        if signed_in is None:
            return None
        if POLL_HEADER not in request.headers:
            sessions.touch(newsroom.database, signed_in.session, now=now)
        return self._user(signed_in, now)

    def _user(self, signed_in: SignedIn, now: datetime) -> DeskUser:
        code_is_enough = self._newsroom.settings.desk.approve_with == "code"
        return DeskUser(signed_in.editor, signed_in.session, signed_in.name, now, code_is_enough)

    def reads(self, permission: Permission) -> "DeskGuard":
        """A dependency of a page: somebody with this permission is signed in."""
        return DeskGuard(permission, self.user, needs_session=False)

    def acts(self, permission: Permission) -> "DeskGuard":
        """A dependency of a form: somebody may do this, in this session, now."""
        return DeskGuard(permission, self.user, needs_session=True)


@dataclass(frozen=True)
class DeskGuard:
    """Gives the user of a route, or raises NotSignedIn or NotAllowed.

    With `needs_session` the session must be strong and fresh enough too.
    """

    permission: Permission
    find: Callable[[Request], DeskUser | None]
    needs_session: bool

    def __call__(self, request: Request) -> DeskUser:
        user = self.find(request)
        if user is None:
            raise NotSignedIn
        answer = user.answer(self.permission)
        if answer is AccessAnswer.NO_ROLE or (
            self.needs_session and answer is not AccessAnswer.ALLOWED
        ):
            raise NotAllowed(answer, user)
        return user
