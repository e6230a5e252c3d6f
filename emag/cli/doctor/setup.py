"""What the settings allow but a publication should not have."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from emag import bootstrap
from emag.cli.doctor import Finding
from emag.cli.door import now
from emag.errors import SettingsError
from emag.settings import Settings, is_loopback

READABLE = 4.5  # WCAG 2.2, 1.4.3: contrast of text against what lies behind it


def examine(settings: Settings) -> Iterator[Finding]:
    publication, environment = settings.publication, settings.environment
    if not environment.secret_key:
        yield Finding("settings", "EMAG_SECRET_KEY is not set: no link can be signed")
    if not publication.postal_address.strip():
        yield Finding(
            "settings",
            "publication.postal_address is empty: an issue must say who sends it",
            "warn",
        )
    if not publication.editors:
        yield Finding("settings", "publication.editors is empty: nobody is asked or told", "warn")
    if not settings.sources:
        yield Finding("settings", "There are no [[sources]]: no issue can be made", "warn")
    if is_loopback(urlsplit(settings.base_url).hostname):
        yield Finding(
            "settings",
            f"EMAG_BASE_URL is {settings.base_url}: readers elsewhere cannot reach it to leave",
            "warn",
        )
    if settings.transport.kind == "smtp":
        yield from _careless(settings)
    if environment.engine == "procrastinate" and settings.database_url.startswith("sqlite"):
        yield Finding("settings", "EMAG_ENGINE: procrastinate needs PostgreSQL, not SQLite")
    for made in (lambda: bootstrap.feedback(settings, now), lambda: bootstrap.mailbox(settings)):
        try:
            made()
        except SettingsError as error:
            yield from (Finding("settings", fault) for fault in error.faults)
    yield from _signups(settings)
    yield from _faint(settings)


def _signups(settings: Settings) -> Iterator[Finding]:
    if settings.environment.signup_secret and len(settings.environment.signup_secret) < 16:  # noqa: PLR2004 - as many characters as guessing must cost
        yield Finding("settings", "EMAG_SIGNUP_SECRET is short enough to be guessed", "warn")
    file = settings.signup.disposable
    if file and not (settings.folder / file).is_file():
        yield Finding("settings", f"signup.disposable: there is no file {file}")


def _careless(settings: Settings) -> Iterator[Finding]:
    transport = settings.transport
    if transport.security == "none" and not is_loopback(transport.host):
        message = f"transport.security is none: addresses travel to {transport.host} in the clear"
        yield Finding("settings", message, "warn")
    if bool(settings.environment.smtp_username) != bool(settings.environment.smtp_password):
        yield Finding("settings", "EMAG_SMTP_USERNAME and EMAG_SMTP_PASSWORD go together")


def _faint(settings: Settings) -> Iterator[Finding]:
    theme = settings.theme
    for scheme in ("", "dark_"):
        paper = getattr(theme, f"{scheme}paper")
        for name in ("ink", "accent"):
            ratio = contrast(getattr(theme, scheme + name), paper)
            if ratio < READABLE:
                yield Finding(
                    "settings",
                    f"theme.{scheme}{name} on theme.{scheme}paper is hard to read: contrast "
                    f"{ratio:.1f}, and text needs {READABLE}",
                    "warn",
                )


def contrast(one: str, other: str) -> float:
    """From 1 to 21, of two colours like #0b6e4f, as WCAG 2.2 reckons it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - WCAG's own figures
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
