"""Compares the document that an approver saw with the one there is now."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from emag.database import Database
from emag.desk.look import Inspection
from emag.errors import DocumentChanged, NotFound
from emag.issues import acts, state, store
from emag.issues.act import Act, ActKind
from emag.issues.approval_terms import ApprovalTerms, terms_difference
from emag.issues.difference import difference
from emag.issues.issue import Issue
from emag.press.compose import compose
from emag.settings import Settings

LOOK_BACK = 40  # acts
SHORTEST = 8  # characters of a hash that name a document
_HASH = re.compile(rf"[0-9a-fA-F]{{{SHORTEST},64}}")


def refuse_other_terms(
    database: Database,
    settings: Settings,
    printed: Inspection,
    expected: ApprovalTerms,
    *,
    send_at: datetime | None,
    now: datetime,
) -> None:
    """Raises DocumentChanged, with the difference, unless the terms are still those `expected`.

    Those are the document, when it leaves, and whom it goes to.
    """
    issue = printed.issue
    terms = ApprovalTerms.of(issue, printed.hash, send_at=send_at)
    others = list(terms_difference(expected, terms, settings.publication.zone))
    refuse_another(database, settings, printed, expected.hash, others=others, now=now)


def refuse_another(
    database: Database,
    settings: Settings,
    printed: Inspection,
    expected: str,
    *,
    others: Sequence[str] = (),
    now: datetime,
) -> None:
    """Raises DocumentChanged, with the difference, unless the document has the hash `expected`.

    `expected` may be shortened to its first characters. `others` are differences besides the
    document. Raises NotFound for what is no hash.
    """
    issue, current = printed.issue, printed.hash
    if not _HASH.fullmatch(expected):
        raise NotFound(
            f"“{expected}” is no hash of a document: give at least the first {SHORTEST} characters "
            "of the “hash” that “emag issue show --json” prints."
        )
    is_same = current.startswith(expected.lower())
    if is_same and not others:
        return
    documents = [] if is_same else _differences(database, settings, issue, expected.lower(), now)
    differences = [*documents, *others]
    clauses = "; ".join(differences) or (
        "no state of it had this document since its last changes, "
        "so a source, a template or a setting has changed"
    )
    raise DocumentChanged(
        f"Issue {issue.number} is not what you looked at any more: {clauses}. Look at it again, "
        "then approve it.",
        differences=differences,
        hash=current,
    )


def _differences(
    database: Database, settings: Settings, issue: Issue, expected: str, now: datetime
) -> list[str]:
    """What changed since the issue had the document `expected`; empty if it never had."""
    for earlier in _earlier(database, settings, issue):
        if compose(earlier, settings, now=now).hash.startswith(expected):
            return difference(earlier, issue)
    return []


class _RolledBack(Exception):
    """Ends a transaction of which nothing may stay."""


def _earlier(database: Database, settings: Settings, issue: Issue) -> list[Issue]:
    """The issue before its last act, before the last two, and so on."""
    states: list[Issue] = []
    with suppress(_RolledBack), database.transaction() as conn:
        for act in _content(acts.listing(conn, issue.number))[-LOOK_BACK:][::-1]:
            state.write(conn, issue.number, act.target, act.before)
            title = settings.publication.title
            states.append(store.follow_picks(conn, issue.number, fallback=title))
        raise _RolledBack
    return states


def _content(listed: Sequence[Act]) -> list[Act]:
    return [act for act in listed if act.kind is not ActKind.STATUS]
