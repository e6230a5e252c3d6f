"""Approves an issue at the desk: with a passkey's signature, and a mail to the other editors."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from emag.checks.outside import Outside
from emag.database import Database
from emag.desk.approve import ApprovedIssue, approve
from emag.desk.colleagues import review_link, tell_colleagues
from emag.editors import challenges, passkey_sign_in
from emag.editors.challenges import ChallengePurpose
from emag.editors.sessions import SignedIn
from emag.editors.signatures import holder_of, party
from emag.issues.approval_terms import ApprovalSignature, ApprovalTerms
from emag.issues.issue import Issue
from emag.issues.period import in_words
from emag.settings import Settings


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """What an approver sends: the terms that were on their screen, and the reasons of overrides.

    `nonce` is the page's own; `credential` is what the passkey signed, as the browser wrote it, or
    "" where none is needed.
    """

    terms: ApprovalTerms
    overrides: Mapping[str, str]
    nonce: str = ""
    credential: str = ""
    has_chosen_time: bool = False  # the approver chose when it leaves


def begin_signature(
    database: Database,
    settings: Settings,
    signed_in: SignedIn,
    terms: ApprovalTerms,
    nonce: str,
    *,
    now: datetime,
) -> str:
    """Gives the JSON with which a browser signs the terms. Raises PasskeyRefused."""
    challenge = terms.challenge(nonce)
    with database.transaction() as conn:  # who cancelled the first time signs the same again
        challenges.take(
            conn, challenge, ChallengePurpose.APPROVE, holder=holder_of(signed_in), now=now
        )
    return passkey_sign_in.begin_assertion(
        database, settings, signed_in, ChallengePurpose.APPROVE, challenge=challenge, now=now
    )


def approve_signed(
    database: Database,
    settings: Settings,
    which: int | str,
    request: ApprovalRequest,
    *,
    signed_in: SignedIn,
    now: datetime,
    outside: Outside | None = None,
) -> ApprovedIssue:
    """Approves the issue on the terms that were looked at, and tells the other editors.

    Raises PasskeyRefused for a wrong signature, and what `approve` raises.
    """
    signature = _signature(database, settings, request, signed_in, now)
    result = approve(
        database,
        settings,
        which,
        now=now,
        by=signed_in.name,
        send_at=request.terms.send_at if request.has_chosen_time else None,
        overrides=request.overrides,
        expected=request.terms,
        signature=signature,
        outside=outside,
    )
    _tell(database, settings, result, by=signed_in.name, now=now)
    return result


def _signature(
    database: Database,
    settings: Settings,
    request: ApprovalRequest,
    signed_in: SignedIn,
    now: datetime,
) -> ApprovalSignature | None:
    if not request.credential:
        return None
    assertion = passkey_sign_in.finish_assertion(
        database,
        settings,
        signed_in,
        request.credential,
        purpose=ChallengePurpose.APPROVE,
        challenge=request.terms.challenge(request.nonce),
        now=now,
    )
    site = party(settings)
    return ApprovalSignature(
        request.terms, request.nonce, site.id, site.origin, assertion.written()
    )


def _tell(
    database: Database, settings: Settings, result: ApprovedIssue, *, by: str, now: datetime
) -> None:
    issue = result.issue
    lines = [
        f"{by} approved issue {issue.number}, “{issue.subject}”.",
        _leaves(issue, settings),
        "",
        f"To look at it, or to stop it:  {review_link(settings, issue.number)}",
    ]
    with database.transaction() as conn:
        tell_colleagues(
            conn,
            settings,
            key=f"approved-{issue.number}-{result.revision}",
            subject=f"Issue {issue.number} is approved: {issue.subject}",
            lines=lines,
            by=by,
            now=now,
        )


def _leaves(issue: Issue, settings: Settings) -> str:
    if issue.send_at is None:
        return "It has no time: somebody has to send it."
    return f"It leaves on {in_words(issue.send_at, settings.publication.zone)}."
