"""Adds security headers to every answer, and answers HEAD as GET without a body."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Pages have inline styles and no script; a page that needs more sets its own policy.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DEFAULTS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # A link with a reader's token must not be sent to other sites.
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
A_YEAR = "max-age=31536000"


class SecurityHeaders:
    """ASGI middleware: adds the headers that the page has not set itself."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        defaults = DEFAULTS | ({"Strict-Transport-Security": A_YEAR} if https else {})
        self._defaults = [(k.lower().encode(), v.encode("latin-1")) for k, v in defaults.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                names = {name.lower() for name, _ in headers}
                headers += [pair for pair in self._defaults if pair[0] not in names]
                message = {**message, "headers": headers}
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        # RFC 9110, 9.3.2: HEAD is GET without the content, so no route needs to handle it.
        await self._app({**scope, "method": "GET"} if head else scope, receive, send_with_headers)
