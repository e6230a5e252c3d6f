"""Signs editors in with a code by mail. An unknown address gets the same answers as a known one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from emag.audit import record
from emag.audit.entry import AuditKind
from emag.database import Database
from emag.editors import code, code_store, editor, letters, sessions, store, tallies
from emag.editors.code import CodeAnswer
from emag.editors.limit import LIMITS, LimitScope, is_worth_an_entry
from emag.editors.session import OpenedBy
from emag.editors.sessions import SignedIn
from emag.settings import Settings
from subscribers.firewall import network
from subscribers.tokens import Keys


class CodeRequest(StrEnum):
    """What became of a request for a code."""

    ACCEPTED = "accepted"  # whether or not somebody has that address
    NO_ADDRESS = "no-address"  # the text is no address
    PERSON_LIMIT = "person-limit"
    NETWORK_LIMIT = "network-limit"


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request comes from: its address, its browser's name, and the hash of its cookie."""

    ip: str = ""
    browser: str = ""
    cookie: str = ""

    @property
    def network(self) -> str:
        """What attempts are counted by. Without an address all are counted together."""
        return network(self.ip, private=True)


@dataclass(frozen=True, slots=True)
class CodeResult:
    """What became of a code; with the token of the session that it opened or confirmed."""

    answer: CodeAnswer
    token: str = ""
    is_first: bool = False  # the person had never signed in before


def request_code(
    database: Database,
    settings: Settings,
    keys: Keys,
    text: str,
    *,
    caller: Caller,
    now: datetime,
) -> CodeRequest:
    """Mails a code to the editor with this address, for the browser that requests it."""
    parsed = editor.parse(text)
    if parsed is None:
        return CodeRequest.NO_ADDRESS
    address = parsed[1]
    with database.transaction() as conn:
        refusal = _count(conn, keys.fingerprint(address), caller.network, now=now)
        if refusal:
            return refusal
        person = next((e for e in store.listing(conn) if e.address == address), None)
        secret = code.new()
        holder = person.address if person else ""
        code_store.put(conn, keys, secret, address=holder, browser=caller.cookie, now=now)
        letters.queue_code(conn, settings, person, secret, now=now)
    return CodeRequest.ACCEPTED


def _count(conn: Connection, person: str, origin: str, *, now: datetime) -> CodeRequest | None:
    """Counts a request by person and network. Returns the limit that it exceeds."""
    if tallies.is_full(conn, LimitScope.NETWORK, origin, now=now):
        return CodeRequest.NETWORK_LIMIT
    tallies.count(conn, LimitScope.NETWORK, origin, now=now)
    if tallies.is_full(conn, LimitScope.PERSON, person, now=now):
        return CodeRequest.PERSON_LIMIT
    tallies.count(conn, LimitScope.PERSON, person, now=now)
    return None


def with_code(
    database: Database, keys: Keys, text: str, *, caller: Caller, now: datetime
) -> CodeResult:
    """Signs the person in to whom the code was mailed."""
    if _has_failed_too_often(database, caller, now=now):
        return CodeResult(CodeAnswer.LIMIT)
    with database.transaction() as conn:
        answer, address = code_store.redeem(conn, keys, text, browser=caller.cookie, now=now)
        person = next((e for e in store.listing(conn) if e.address == address), None)
        if answer is CodeAnswer.RIGHT and person is not None:
            opened_by, browser = OpenedBy.CODE, caller.browser
            token = sessions.open_on(
                conn, address, opened_by, now=now, browser=browser, ip=caller.ip
            )
            return CodeResult(answer, token, person.last_seen is None)
        if answer is not CodeAnswer.NONE:
            record_failure(conn, f"code {answer.value}", address, caller=caller, now=now)
    return CodeResult(CodeAnswer.WRONG if answer is CodeAnswer.RIGHT else answer)


def confirm_with_code(
    database: Database,
    keys: Keys,
    text: str,
    *,
    signed_in: SignedIn,
    caller: Caller,
    now: datetime,
) -> CodeResult:
    """Records that somebody who is signed in has proved again who they are, by a code."""
    if _has_failed_too_often(database, caller, now=now):
        return CodeResult(CodeAnswer.LIMIT)
    with database.transaction() as conn:
        answer, address = code_store.redeem(conn, keys, text, browser=caller.cookie, now=now)
        if answer is CodeAnswer.RIGHT and address == signed_in.editor.address:
            token = sessions.confirm_on(conn, signed_in, OpenedBy.CODE, now=now, ip=caller.ip)
            return CodeResult(answer, token)
        if answer is not CodeAnswer.NONE:
            record_failure(conn, f"code {answer.value}", address, caller=caller, now=now)
    return CodeResult(CodeAnswer.WRONG if answer is CodeAnswer.RIGHT else answer)


def _has_failed_too_often(database: Database, caller: Caller, *, now: datetime) -> bool:
    """A flood from one network is refused without writing anything."""
    with database.reading() as conn:
        return tallies.is_full(conn, LimitScope.FAILURE, caller.network, now=now)


def record_failure(
    conn: Connection, detail: str, address: str, *, caller: Caller, now: datetime
) -> None:
    """Records a failed sign-in: the 1st, 10th, 100th … from a network in ten minutes.

    In a flood from many networks, the 100th, 1,000th … from everywhere.
    """
    count = tallies.count(conn, LimitScope.FAILURE, caller.network, now=now)
    everywhere = tallies.count(conn, LimitScope.FAILURES, "", now=now)
    if everywhere > LIMITS[LimitScope.FAILURES].most:
        count = everywhere
    if is_worth_an_entry(count):
        minutes = int(LIMITS[LimitScope.FAILURE].window.total_seconds() // 60)
        text = detail if count == 1 else f"{detail}; {count} failures in {minutes} minutes"
        kind, ip = AuditKind.SIGN_IN_FAILED, caller.ip
        record.append(conn, kind, by="", now=now, subject=address, detail=text, ip=ip)
