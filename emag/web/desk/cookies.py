"""The cookies of the desk: one for a session, one for a browser that signs in."""

import secrets
from datetime import timedelta

from fastapi import Request, Response

from emag.editors.browser import family
from emag.editors.sessions import digest
from emag.editors.sign_in import Caller
from emag.web.desk.access import cookie_name

_SIGN_IN_TIME = timedelta(minutes=15)  # longer than a code or a challenge lives
_TOKEN_BYTES = 32


def set_session(response: Response, base_url: str, token: str) -> None:
    """Gives the browser a session. It forgets it when it is closed."""
    _set(response, cookie_name(base_url), base_url, token)


def end_session(response: Response, base_url: str) -> None:
    """Takes the session from the browser. With the prefix this needs Secure and the same path."""
    _set(response, cookie_name(base_url), base_url, "", max_age=0)


def own_secret(request: Request, base_url: str) -> str:
    """The secret of a browser that signs in; empty before it has one."""
    return request.cookies.get(_name(base_url), "")


def new_secret() -> str:
    """A secret that binds codes and challenges to one browser."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def set_secret(response: Response, base_url: str, secret: str) -> None:
    """Gives the browser its secret. With "" it is taken away."""
    age = int(_SIGN_IN_TIME.total_seconds()) if secret else 0
    _set(response, _name(base_url), base_url, secret, max_age=age)


def caller(request: Request, secret: str) -> Caller:
    """Where a request comes from."""
    ip = request.client.host if request.client else ""
    agent = request.headers.get("user-agent", "")
    return Caller(ip, family(agent), digest(secret) if secret else "")


def _name(base_url: str) -> str:
    return f"{cookie_name(base_url)}-sign-in"


def _set(
    response: Response, name: str, base_url: str, value: str, *, max_age: int | None = None
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path="/",
        httponly=True,
        samesite="lax",
        secure=base_url.startswith("https:"),
    )
