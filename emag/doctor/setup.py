"""Examines the settings: what is allowed but should not be so in a publication."""

from collections.abc import Callable, Iterator
from datetime import datetime
from urllib.parse import urlsplit

from emag import bootstrap, organisation
from emag.doctor.problem import Problem
from emag.editors.passkey import host_fault
from emag.errors import SettingsError
from emag.press import theme
from emag.settings import Settings, is_loopback


def examine(settings: Settings, *, now: Callable[[], datetime]) -> Iterator[Problem]:
    publication, environment = settings.publication, settings.environment
    if not environment.secret_key:
        yield Problem(
            "settings", "EMAG_SECRET_KEY is not set: no link can be signed. Put the key into .env"
        )
    if not publication.postal_address.strip():
        yield Problem(
            "settings",
            "publication.postal_address is empty: an issue must say who sends it",
            "warn",
        )
    if not publication.editors:
        yield Problem(
            "settings",
            "publication.editors is empty: nobody is asked to approve or told of trouble",
            "warn",
        )
    if not settings.sources:
        yield Problem("settings", "There are no [[sources]]: no issue can be drafted", "warn")
    yield from _base_url(settings)
    if settings.transport.kind == "smtp":
        yield from _smtp(settings)
    if environment.engine == "procrastinate" and settings.database_url.startswith("sqlite"):
        yield Problem("settings", "EMAG_ENGINE: procrastinate needs PostgreSQL, not SQLite")
    for build in (
        lambda: bootstrap.feedback(settings, now),
        lambda: bootstrap.mailbox(settings),
        lambda: organisation.work_accounts(settings),
    ):
        try:
            build()
        except SettingsError as error:
            yield from (Problem("settings", fault) for fault in error.faults)
    yield from _hooks(settings)
    yield from _signups(settings)
    yield from (
        Problem("settings", sentence, "warn") for sentence in theme.adjusted(settings.theme)
    )


def _base_url(settings: Settings) -> Iterator[Problem]:
    if is_loopback(urlsplit(settings.base_url).hostname):
        yield Problem(
            "settings",
            f"EMAG_BASE_URL is {settings.base_url}: readers cannot reach it to unsubscribe",
            "warn",
        )
    fault = host_fault(settings.base_url)
    if fault and settings.desk.approve_with == "passkey":
        yield Problem("settings", fault, "warn")


def _hooks(settings: Settings) -> Iterator[Problem]:
    environment = settings.environment
    secrets = {
        "EMAG_SIGNUP_SECRET": environment.signup_secret,
        "EMAG_STORIES_SECRET": environment.stories_secret,
        "EMAG_STORIES_TOKEN": environment.stories_token,
    }
    others = {environment.signup_secret, environment.signup_token}
    for name, value in secrets.items():
        if value and len(value) < 16:  # noqa: PLR2004 - as many characters as guessing must cost
            message = f"{name} is so short that it can be guessed: use 16 characters or more"
            yield Problem("settings", message, "warn")
        if "STORIES" in name and value and value in others:
            yield Problem("settings", f"{name} is also one of the sign-up, so it is not accepted")


def _signups(settings: Settings) -> Iterator[Problem]:
    file = settings.signup.disposable
    if file and not (settings.folder / file).is_file():
        yield Problem("settings", f"signup.disposable: there is no file {file}")
    sections = {section.name for section in settings.sections}
    for topic in settings.signup.topics:
        if topic not in sections:
            yield Problem(
                "settings",
                f"signup.topics offers “{topic}”, but no section has that name: "
                "a reader who chooses it gets nothing",
                "warn",
            )


def _smtp(settings: Settings) -> Iterator[Problem]:
    transport = settings.transport
    if transport.security == "none" and not is_loopback(transport.host):
        message = f"transport.security is none: mail travels to {transport.host} without encryption"
        yield Problem("settings", message, "warn")
    if bool(settings.environment.smtp_username) != bool(settings.environment.smtp_password):
        yield Problem(
            "settings",
            "Only one of EMAG_SMTP_USERNAME and EMAG_SMTP_PASSWORD is set: set both or none",
        )
