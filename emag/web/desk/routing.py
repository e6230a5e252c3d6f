"""Makes the routes of a page, and answers refusals: sign in first, not allowed, not possible.

A page that can say more about an error handles it itself.
"""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.routing import compile_path

from emag.editors.session import AccessAnswer
from emag.errors import DocumentChanged, EmagError, NotFound, SettingsError, WrongMove
from emag.web.desk.access import NotAllowed, NotSignedIn
from emag.web.desk.shell import HEADERS, Shell, own_path, with_next
from subscribers.errors import ImportRunning, ListError, NoSuchImport, UnknownReader, UnknownTask

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

# Bytes of one form. Files in forms are spooled: without a limit a stranger could fill the disk.
LARGEST_FORM = 2 << 20

SIGN_IN = "/desk/sign-in"
YOU = "/desk/you"
CONFIRM = "/desk/confirm"  # the page that asks for the passkey again


def routes(shell: Shell) -> APIRouter:
    """A router whose routes answer the errors of verbs as pages."""

    class DeskRoute(_LazyRoute):
        def get_route_handler(self) -> Handler:
            handle = super().get_route_handler()

            async def answer(request: Request) -> Response:
                try:
                    return await handle(request)
                except (NotSignedIn, NotAllowed, EmagError, ListError, SettingsError) as error:
                    return await run_in_threadpool(refusal, shell, request, error)
                except OverflowError:  # a number or a date that no row and no clock can hold
                    absent = NotFound(shell.words("desk.out_of_range"))
                    return await run_in_threadpool(refusal, shell, request, absent)

            return answer

    return APIRouter(route_class=DeskRoute, include_in_schema=False, max_body_size=LARGEST_FORM)


class _LazyRoute(APIRoute):
    """A route that is prepared for its first request: examining its function takes long."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self.path, self.endpoint, self._options = path, endpoint, options
        # What matching an address needs.
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self.methods = {method.upper() for method in options["methods"]}

    def __getattr__(self, name: str) -> Any:
        """Asked for what only a prepared route has."""
        options = self.__dict__.pop("_options", None)
        if options is None:
            raise AttributeError(name)
        super().__init__(self.path, self.endpoint, **options)
        return getattr(self, name)


def refusal(shell: Shell, request: Request, error: Exception) -> Response:
    """The answer to a request that raised one of these errors."""
    if isinstance(error, NotSignedIn):
        return _sign_in_first(shell, request)
    if isinstance(error, NotAllowed):
        return _not_allowed(shell, request, error)
    user = shell.access.user(request)
    return shell.problem(request, user, str(error), to=page_before(request), status=_status(error))


def _status(error: Exception) -> HTTPStatus:
    if isinstance(error, (NotFound, UnknownReader, NoSuchImport, UnknownTask)):
        return HTTPStatus.NOT_FOUND
    is_conflict = isinstance(error, (WrongMove, DocumentChanged, ImportRunning))
    return HTTPStatus.CONFLICT if is_conflict else HTTPStatus.UNPROCESSABLE_ENTITY


def _sign_in_first(shell: Shell, request: Request) -> Response:
    if request.method == "GET":
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(with_next(SIGN_IN, path), HTTPStatus.SEE_OTHER, HEADERS)
    sentence = shell.words("desk.signed_out")
    return shell.problem(
        request,
        None,
        sentence,
        to=with_next(SIGN_IN, page_before(request)),
        status=HTTPStatus.UNAUTHORIZED,
        label="sign_in.heading",
    )


def _not_allowed(shell: Shell, request: Request, error: NotAllowed) -> Response:
    before = page_before(request)
    if error.answer is AccessAnswer.NEEDS_CONFIRMATION:
        return RedirectResponse(with_next(CONFIRM, before), HTTPStatus.SEE_OTHER, HEADERS)
    to, label = before, "desk.go_back"
    if error.answer is AccessAnswer.NEEDS_PASSKEY:
        has_one = error.user.editor.passkeys > 0
        to = with_next(CONFIRM, before) if has_one else YOU
        label = "confirm.use_passkey" if has_one else "passkeys.add"
    sentence = shell.words(f"desk.{error.answer.value.replace('-', '_')}")
    status = HTTPStatus.FORBIDDEN
    return shell.problem(request, error.user, sentence, to=to, status=status, label=label)


def page_before(request: Request) -> str:
    """The page of the desk that a form was sent from."""
    parts = urlsplit(request.headers.get("referer", ""))
    return own_path(parts.path + (f"?{parts.query}" if parts.query else ""))
