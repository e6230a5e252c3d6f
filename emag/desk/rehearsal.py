"""Try an issue out: render it for every reader, or send test copies of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Event

from emag.audit import record
from emag.audit.entry import AuditKind
from emag.checks import Fault
from emag.desk.look import Inspection, look
from emag.desk.outside import look_and_ask
from emag.errors import TransportError
from emag.issues import approval
from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.sending import rehearse as mailing
from emag.mailing.sending.rehearse import Rehearsal
from emag.newsroom import Newsroom


@dataclass(frozen=True, slots=True)
class TestCopy:
    """What became of the test copy to one address."""

    __test__ = False  # no test case, whatever its name

    number: int
    to: str
    receipt: Receipt


def rehearse(
    newsroom: Newsroom,
    which: int | str,
    *,
    stop: Event | None = None,
    watch: Callable[[Mapping[str, int]], None] | None = None,
) -> tuple[int, Rehearsal]:
    """Renders an issue for everybody who would get it now, and sends nothing.

    Returns its number and the result, whose faults begin with what the pre-flight blocks on.
    Raises NotFound, and PressError if the issue cannot be printed.
    """
    view = look_and_ask(
        newsroom.database, newsroom.settings, newsroom.outside, which, now=newsroom.now()
    )
    number = view.issue.number
    rehearsal = mailing.rehearse(
        newsroom.database,
        number,
        view.document,
        edition=view.edition,
        settings=newsroom.settings,
        keys=newsroom.keys,
        now=newsroom.now,
        stop=stop,
        progress=watch,
    )
    blocking = [fault.message for fault in _not_overridden(newsroom, number, view.blocking)]
    return number, replace(rehearsal, faults=(*blocking, *rehearsal.faults))


def send_test(
    newsroom: Newsroom, which: int | str, *, to: Sequence[str], by: str
) -> list[TestCopy]:
    """Sends a copy, marked as a test, to each address.

    Raises NotFound, PressError, and DatabaseError if the database is a copy. What the mail server
    says about one address does not keep the others from getting theirs.
    """
    view = look(newsroom.database, newsroom.settings, which, now=newsroom.now())
    number = view.issue.number
    copies = [TestCopy(number, one, _send_one(newsroom, view, one)) for one in dict.fromkeys(to)]
    detail = ", ".join(f"{copy.to} {copy.receipt.outcome}" for copy in copies)
    with newsroom.database.transaction() as conn:
        kind, subject = AuditKind.TESTED, f"issue {number}"
        record.append(conn, kind, by=by, now=newsroom.now(), subject=subject, detail=detail)
    return copies


def _send_one(newsroom: Newsroom, view: Inspection, address: str) -> Receipt:
    try:
        return mailing.send_test(
            newsroom.database,
            view.issue.number,
            view.document,
            edition=view.edition,
            to=address,
            transport=newsroom.transport,
            settings=newsroom.settings,
            keys=newsroom.keys,
            now=newsroom.now(),
        )
    except TransportError as error:  # the other addresses are still tried
        return Receipt(Outcome.UNSENT, str(error))


def _not_overridden(newsroom: Newsroom, number: int, faults: Sequence[Fault]) -> list[Fault]:
    with newsroom.database.reading() as conn:
        rules = {rule for rule, *_ in approval.overrides(conn, number)}
    return [fault for fault in faults if fault.rule not in rules]
