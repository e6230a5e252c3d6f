"""What every answer carries, and HEAD answered as GET without its body."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Pages bring their own style and no script; a page that needs more says so itself.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DEFAULTS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # A link with a reader's token must not travel to the next site.
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
A_YEAR = "max-age=31536000"


class Guarded:
    """Pure ASGI middleware: a header that a page has set stays as it is."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        defaults = DEFAULTS | ({"Strict-Transport-Security": A_YEAR} if https else {})
        self._defaults = [(k.lower().encode(), v.encode("latin-1")) for k, v in defaults.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = list(message.get("headers", ()))
                names = {name.lower() for name, _ in found}
                found += [pair for pair in self._defaults if pair[0] not in names]
                message = {**message, "headers": found}
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        # RFC 9110, 9.3.2: HEAD is GET without the content; no route has to say it twice.
        await self._app({**scope, "method": "GET"} if head else scope, receive, guarded)
