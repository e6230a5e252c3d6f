"""Writes the timetable's notices to the editors, each once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parseaddr

from emag.issues.issue import Issue
from emag.issues.period import in_words
from emag.mailing.letters import notice
from emag.newsroom import Newsroom
from emag.schedule.request import approvers, contents, operators, request, sources, when
from emag.schedule.timetable import DueRun
from subscribers.anchor import end_of_chain
from subscribers.membership import SignupFlood


def approval_needed(newsroom: Newsroom, issue: Issue, trouble: str) -> None:
    """Asks for an approval, with the issue's contents and what prevents an automatic one."""
    number = issue.number
    lines = [f"Issue {number} is drafted: “{issue.subject}”."]
    lines += request(newsroom, issue, trouble=trouble)
    subject = f"Please approve issue {number}: {issue.subject}"
    _tell(newsroom, f"review-{number}", subject, lines, also=approvers(newsroom))


def reminder(newsroom: Newsroom, issue: Issue) -> None:
    """Asks once more, and a second person too, shortly before the issue is to leave."""
    number, second = issue.number, newsroom.settings.approval.second
    seconds = [parseaddr(second)] if second else []
    lines = [f"Nobody has approved issue {number} yet: “{issue.subject}”."]
    lines += request(newsroom, issue)
    subject = f"Issue {number} still waits for approval: it is due on {when(newsroom, issue)}"
    key = f"reminder-{number}-{issue.send_at:%Y%m%d%H%M}"
    _tell(newsroom, key, subject, lines, also=[*seconds, *approvers(newsroom)])


def approved_automatically(newsroom: Newsroom, issue: Issue) -> None:
    """Reports an automatic approval, with how to stop the issue."""
    number, due = issue.number, _when(newsroom, issue.send_at)
    lines = [
        f"The pre-flight of issue {number}, “{issue.subject}”, found nothing that blocks.",
        f"It will be sent on {due}." if due else f"Send it with: emag issue send {number}",
        "",
        *contents(issue),
        *sources(newsroom),
        "",
        f"Stop it:  emag issue cancel {number}",
    ]
    _tell(newsroom, f"approved-{number}", f"Issue {number} is approved: {issue.subject}", lines)


def too_few(newsroom: Newsroom, run: DueRun, sentence: str) -> None:
    """Reports that too few stories gave no issue in this period."""
    due = _when(newsroom, run.send_at)
    lines = [sentence, f"Nothing will be sent on {due}." if due else "Nothing will be sent."]
    lines += ["The stories there are wait for the next issue.", *sources(newsroom)]
    key = f"too-few-{run.schedule}-{run.local_date}"
    _tell(newsroom, key, "No issue this time: too few stories", lines, is_trouble=True)


def missed(newsroom: Newsroom, run: DueRun) -> None:
    """Reports a send for which there was no issue."""
    lines = [
        f"There was no issue to send on {_when(newsroom, run.at)}.",
        "Either nobody drafted one, or the program was not running when it was due.",
        "The stories wait for the next issue. To draft one now: emag issue draft",
    ]
    _tell(
        newsroom,
        f"missed-{run.schedule}-{run.local_date}",
        "No issue was sent",
        lines,
        is_trouble=True,
    )


def unapproved(newsroom: Newsroom, issue: Issue, *, skipped: bool, trouble: str) -> None:
    """Reports an issue that was due and not approved."""
    number = issue.number
    due = _when(newsroom, issue.send_at)
    lines = [f"Issue {number}, “{issue.subject}”, was due on {due} and was not approved."]
    if trouble:
        lines += [trouble]
    if skipped:
        lines += ["It was skipped. Its stories come into the next issue."]
    else:
        lines += ["It is held.", "", *_afterwards(number)]
    word = "skipped" if skipped else "held"
    _tell(
        newsroom,
        f"unapproved-{number}",
        f"Issue {number} is {word}: not approved",
        lines,
        is_trouble=True,
    )


def held_back(newsroom: Newsroom, issue: Issue) -> None:
    """Reports an approved issue that is held because the program was not running in time."""
    number = issue.number
    lines = [
        f"Issue {number}, “{issue.subject}”, was due on {_when(newsroom, issue.send_at)}.",
        "The program was not running then. It is too late to send it without asking: it is held.",
        "",
        *_afterwards(number),
    ]
    _tell(newsroom, f"late-{number}", f"Issue {number} is held: too late", lines, is_trouble=True)


def is_sent(newsroom: Newsroom, issue: Issue, counts: Mapping[str, int]) -> None:
    """Reports a sent issue, with the counts of its deliveries."""
    number = issue.number
    named = [
        name
        for name in ("accepted", "deferred", "refused", "skipped", "doubtful")
        if counts.get(name)
    ]
    sums = ", ".join(f"{counts[name]} {name}" for name in named) or "no reader"
    lines = [f"Issue {number}, “{issue.subject}”, is sent: {sums}."]
    if counts.get("deferred"):
        lines += ["The deferred ones are tried again by themselves, for up to a day."]
    if counts.get("doubtful"):
        lines += [
            "The outcome of the doubtful ones is not known. They are not sent again by themselves.",
            f"See them:  emag deliveries {number} --status doubtful",
        ]
    lines += _consent_record(newsroom)
    _tell(newsroom, f"sent-{number}", f"Issue {number} is sent", lines)


def _consent_record(newsroom: Newsroom) -> list[str]:
    """The last entry of the consent record: kept in a mailbox, it shows any later change."""
    with newsroom.database.reading() as conn:
        end = end_of_chain(conn)
    if not end.sequence:
        return []
    return [
        "",
        f"The record of consent has {end.sequence} entries. If you keep this mail, you can check",
        "later that none of them was changed or removed:",
        f"emag consent verify --against {end.sequence}:{end.hash}",
    ]


def flood(newsroom: Newsroom, wave: SignupFlood) -> bool:
    """Reports far more sign-ups than usual. True if a notice was written now."""
    zone = newsroom.settings.publication.zone
    lines = [
        f"Since {in_words(wave.since, zone)} far more people have signed up than usual.",
        f"Their {wave.held} confirmation mails are held, because this may be an attack: then they",
        "would reach people who did not ask for them.",
        "",
        "See who they are:     emag subscriber list --status pending",
        "They are readers:     emag subscriber held --release",
        "They are an attack:   emag subscriber held --drop",
    ]
    key = f"flood-{wave.since.isoformat(timespec='seconds')}"
    return (
        _tell(newsroom, key, "Sign-ups spike: confirmations are held", lines, is_trouble=True) > 0
    )


def trouble(newsroom: Newsroom, key: str, subject: str, lines: Sequence[str]) -> int:
    """Tells editors and operators of trouble, once of each key. Returns how many letters."""
    return _tell(newsroom, key, subject, lines, also=operators(newsroom), is_trouble=True)


def _afterwards(number: int) -> Sequence[str]:
    return (
        f"Send it:       emag issue approve {number}, then emag issue send {number}",
        f"Cancel it:     emag issue cancel {number}",
        "Until then its stories may come into the next issue.",
    )


def _when(newsroom: Newsroom, moment: datetime | None) -> str:
    return in_words(moment, newsroom.settings.publication.zone) if moment else ""


def _tell(
    newsroom: Newsroom,
    key: str,
    subject: str,
    lines: Sequence[str],
    *,
    also: Sequence[tuple[str, str]] = (),
    is_trouble: bool = False,
) -> int:
    with newsroom.database.transaction() as conn:
        return notice.notify_editors(
            conn,
            settings=newsroom.settings,
            key=key,
            subject=subject,
            text="\n".join(lines) + "\n",
            now=newsroom.now(),
            also=also,
            is_trouble=is_trouble,
        )
