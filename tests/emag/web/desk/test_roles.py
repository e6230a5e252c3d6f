"""Every page and form of the desk, as each role and signed out: a table made from the routes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi.routing import APIRoute

from emag.editors.role import Permission, Role, permissions
from emag.editors.session import NEEDS_CONFIRMATION, NEEDS_STRONG, OpenedBy
from emag.web import app as web
from emag.web.desk.access import DeskGuard

# What somebody must reach who is not signed in. Everything else has a guard.
OPEN = {
    "GET /desk/sign-in",
    "POST /desk/sign-in",
    "GET /desk/sign-in/code",
    "POST /desk/sign-in/code",
    "POST /desk/sign-in/options",
    "POST /desk/sign-in/passkey",
    "POST /desk/sign-out",
    "GET /desk/static/{digest}/{name:path}",
}
REFUSALS = {401, 403}
MANY = 80  # routes of the desk at least: an empty table would pass every test


@dataclass(frozen=True)
class Guarded:
    """A route of the desk and what it asks for."""

    method: str
    path: str
    guard: DeskGuard

    @property
    def address(self) -> str:
        """The path with a value for each of its parameters."""
        return re.sub(r"\{[^}]*\}", "1", self.path)


def desk_routes(press) -> Iterator[APIRoute]:
    """Every one: FastAPI keeps an included router as it is, so its routes are below it."""
    waiting = [*web.create(press.newsroom).routes]
    for route in waiting:
        below = getattr(route, "original_router", None)
        waiting += below.routes if below else []
        if isinstance(route, APIRoute) and (route.path + "/").startswith("/desk/"):
            yield route


def guarded(press) -> list[Guarded]:
    return [
        Guarded(method, route.path, guard)
        for route in desk_routes(press)
        for method in route.methods
        for guard in [dependency.call for dependency in route.dependant.dependencies]
        if isinstance(guard, DeskGuard)
    ]


def test_the_table_holds_every_page(press):
    paths = {route.path for route in desk_routes(press)}
    assert {"/desk", "/desk/pool", "/desk/issues/{which}/review/approve"} <= paths
    assert len(guarded(press)) > MANY


def test_every_route_has_exactly_one_guard_or_is_open(press):
    for route in desk_routes(press):
        guards = [d.call for d in route.dependant.dependencies if isinstance(d.call, DeskGuard)]
        for method in route.methods:
            name = f"{method} {route.path}"
            assert len(guards) == (0 if name in OPEN else 1), name


def test_a_form_needs_a_session_that_may_act(press):
    forms = [route for route in guarded(press) if route.method != "GET"]
    assert [route.path for route in forms if not route.guard.needs_session] == []


def test_signed_out_nothing_is_shown_and_nothing_is_done(desk):
    client = desk.client()
    for route in guarded(desk.press):
        answer = client.request(route.method, route.address, follow_redirects=False)
        if route.method == "GET":
            assert answer.status_code == 303, route
            assert answer.headers["location"].startswith("/desk/sign-in?next="), route
        else:
            assert answer.status_code in REFUSALS, route


@pytest.mark.parametrize("role", Role)
def test_a_role_reaches_what_it_may_and_nothing_else(desk, role):
    client = desk.signed_in("Ann <ann@example.org>", role)
    desk.press.issue("A new bridge")
    before = desk.press.dump()
    for route in guarded(desk.press):
        may = route.guard.permission in permissions([role])
        if may and route.method != "GET":
            continue  # what it does is tested with its page
        answer = client.request(route.method, route.address, follow_redirects=False)
        assert (answer.status_code == 403) == (not may), (route, answer.status_code)
        assert answer.status_code < 500, route
    assert desk.press.dump() == before


def test_a_session_that_a_mailed_code_opened_does_no_grave_thing(desk):
    client = desk.signed_in(opened_by=OpenedBy.CODE)
    for route in guarded(desk.press):
        if route.method != "GET" and route.guard.permission in NEEDS_STRONG:
            answer = client.request(route.method, route.address, follow_redirects=False)
            assert answer.status_code == 403, route


def test_what_cannot_be_undone_needs_a_fresh_proof(desk, clock):
    client = desk.signed_in()
    clock.forward(minutes=11)
    for route in guarded(desk.press):
        if route.method != "GET" and route.guard.permission in NEEDS_CONFIRMATION:
            answer = client.request(route.method, route.address, follow_redirects=False)
            assert answer.status_code == 303, route
            assert answer.headers["location"].startswith("/desk/confirm?next="), route


def test_every_permission_belongs_to_a_role():
    assert permissions(Role) == set(Permission)
