"""Serves the newest app: a request is answered by the app that was current when it came."""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from emag.newsroom import Newsroom


class LiveApp:
    """An ASGI app that is made anew when the settings change."""

    def __init__(self, newsroom: Newsroom, create: Callable[[Newsroom], ASGIApp]) -> None:
        self._create = create
        self._app = create(newsroom)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def prepare(self, newsroom: Newsroom) -> Callable[[], None]:
        """Makes an app with other settings; what it returns puts it in place."""
        app = self._create(newsroom)

        def take() -> None:
            self._app = app

        return take
