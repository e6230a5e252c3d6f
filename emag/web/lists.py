"""Sets up the list's pages and hooks for this publication."""

import hashlib
from collections.abc import Callable

from emag.errors import SettingsError
from emag.newsroom import Newsroom
from emag.settings import Settings, Signup
from emag.web.pages import Pages
from subscribers.web import SignupLimits, Site, read_domains


def site(newsroom: Newsroom, pages: Pages, *, nudge: Callable[[], None] | None) -> Site:
    """The list's pages with the settings of the newsroom. Raises SettingsError."""
    settings = newsroom.settings
    custom, title = settings.signup.wording, settings.publication.title
    wording = custom or pages.words("consent.wording", title=title)
    return Site(
        storage=newsroom.database,
        keys=newsroom.keys,
        now=newsroom.now,
        page=pages,
        title=settings.publication.title,
        wording=wording,
        wording_version=hashlib.sha256(wording.encode()).hexdigest()[:12],
        privacy_url=settings.signup.privacy_url,
        topics=settings.signup.topics,
        signup_secret=settings.environment.signup_secret,
        signup_token=settings.environment.signup_token,
        base_url=settings.base_url,
        confirm_within=settings.signup.confirm_within,
        nudge=nudge or (lambda: None),
        # A consent is stored with the language of its wording, not of the publication.
        language=settings.publication.language if custom else pages.words.language,
        limits=limits(settings.signup),
        fields=settings.signup.fields,
        disposable=disposable(settings),
        work=settings.signup.proof_of_work,
    )


def limits(signup: Signup) -> SignupLimits:
    """The sign-up limits of the settings, in which 0 means no limit."""
    return SignupLimits(
        network=signup.per_network or None,
        domain=signup.per_domain or None,
        everything=signup.per_hour or None,
        spike=signup.flood or None,
    )


def disposable(settings: Settings) -> frozenset[str]:
    """The domains of the file that the settings name. Raises SettingsError."""
    file = settings.signup.disposable
    if not file:
        return frozenset()
    try:
        return read_domains((settings.folder / file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = (
            "it is not there, or not to be read"
            if isinstance(error, OSError)
            else "it is no text in UTF-8"
        )
        fault = f"signup.disposable: {file} cannot be used: {reason}"
        raise SettingsError([fault]) from None
