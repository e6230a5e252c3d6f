"""Examines settings that are allowed each by itself and make no sense together."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from emag.doctor.problem import Problem
from emag.settings import Settings
from emag.settings.times import Slot

WEEK = timedelta(days=7)
LONG = timedelta(days=5)  # between the draft and the send of one issue


def examine(settings: Settings) -> Iterator[Problem]:
    for sentence in (
        *_schedule(settings),
        *_approval(settings),
        *_sections(settings),
        *_sending(settings),
        *_network(settings),
    ):
        yield Problem("settings", sentence, "warn")


def _minute(slot: Slot) -> timedelta:
    return timedelta(days=slot.weekday, hours=slot.at.hour, minutes=slot.at.minute)


def _schedule(settings: Settings) -> Iterator[str]:
    schedule = settings.schedule
    if schedule.send and not schedule.draft:
        yield "schedule.send is set and schedule.draft is off: nothing is there to send. Set both"
    if schedule.draft and not schedule.send:
        yield "schedule.draft is set and schedule.send is off: an issue waits until you send it"
    weekly = [slot for slot in schedule.send if not slot.nth]
    for draft in (slot for slot in schedule.draft if not slot.nth and weekly):
        gap, send = min(((_minute(s) - _minute(draft)) % WEEK, str(s)) for s in weekly)
        if gap > LONG or not gap:
            yield (
                f"schedule.draft “{draft}” is no time before schedule.send “{send}”: the issue "
                f"would wait {gap.days or 7} days. Draft it a day before"
            )
        elif settings.approval.remind and settings.approval.remind >= gap:
            yield (
                "approval.remind is longer than the time between draft and send: the reminder "
                "comes at once. Make it shorter"
            )
    limits = sum(section.limit for section in settings.sections)
    if schedule.minimum_stories > limits:
        yield (
            f"schedule.minimum_stories is {schedule.minimum_stories}, and all sections together "
            f"take {limits}: no issue would ever be drafted. Lower it"
        )
    if schedule.skip and not schedule.send:
        yield "schedule.skip names dates, and schedule.send is off: set a time, or remove them"


def _approval(settings: Settings) -> Iterator[str]:
    four_eyes, is_automatic = settings.approval.four_eyes, settings.schedule.approval == "automatic"
    if four_eyes == "required" and is_automatic:
        yield (
            "approval.four_eyes is required and schedule.approval is automatic: nobody looks. "
            "Set one of them otherwise"
        )
    if four_eyes == "required" and len(settings.publication.editors) == 1:
        yield (
            "approval.four_eyes is required and there is one editor: nobody may approve what they "
            "changed. Name a second one in publication.editors, or set it to “warn”"
        )


def _sections(settings: Settings) -> Iterator[str]:
    fed = {source.section for source in settings.sources}
    if len(settings.sections) == 1 and settings.signup.topics:
        yield (
            "signup.topics offers topics, and there is one section, so there is nothing to choose: "
            "write topics = []"
        )
    if settings.sources:
        for section in settings.sections:
            if section.name not in fed:
                yield (
                    f"The section “{section.name}” has no source, so only an editor fills it: "
                    "add a source, or remove the section"
                )
    if settings.jobs.repeat and not any(source.kind == "jobs" for source in settings.sources):
        yield "jobs.repeat is set, and no source is of kind “jobs”: remove it, or add a source"


def _sending(settings: Settings) -> Iterator[str]:
    transport = settings.transport
    if transport.kind == "folder" and transport.warm_up:
        yield "transport.warm_up does nothing while transport.kind is “folder”: choose another kind"
    if transport.rate and transport.domain_rate > transport.rate:
        yield (
            "transport.domain_rate is higher than transport.rate, so it never counts: lower it, or "
            "set it to 0"
        )
    usual = {"tls": 465, "starttls": 587}
    if transport.kind == "smtp" and (transport.security, transport.port) in {
        ("starttls", 465),
        ("tls", 587),
        ("tls", 25),
    }:
        yield (
            f"transport.security “{transport.security}” usually goes with port "
            f"{usual[transport.security]}, not {transport.port}: change one of them"
        )
    bounces, sender = settings.bounce_address, settings.publication.sender_address
    if bounces == sender and settings.mailbox.remove:
        yield (
            "transport.bounce_address is the sender's own address and mailbox.remove is true: let "
            "bounces go to an address of their own"
        )


def _network(settings: Settings) -> Iterator[str]:
    url = settings.publication.url
    if url and urlsplit(url).scheme not in {"https", "http"}:
        yield f"publication.url “{url}” is no web address: write it like https://www.example.org"
    if settings.environment.engine == "procrastinate" and settings.backup.at:
        yield (
            "With several machines the backup is made on whichever is first: let backup.folder be "
            "a disk that all of them share"
        )
