"""The list's own pages and hook, given what they need of the newsroom."""

import hashlib
from collections.abc import Callable

from emag.errors import SettingsError
from emag.newsroom import Newsroom
from emag.settings import Settings, Signup
from emag.web.pages import Pages
from subscribers.web import SignupLimits, Site, listed


def site(newsroom: Newsroom, pages: Pages, *, nudge: Callable[[], None] | None) -> Site:
    settings = newsroom.settings
    own, title = settings.signup.wording, settings.publication.title
    words = own or pages.words("consent.wording", title=title)
    return Site(
        storage=newsroom.database,
        keys=newsroom.keys,
        now=newsroom.now,
        page=pages,
        title=settings.publication.title,
        wording=words,
        wording_version=hashlib.sha256(words.encode()).hexdigest()[:12],
        privacy_url=settings.signup.privacy_url,
        topics=settings.signup.topics,
        signup_secret=settings.environment.signup_secret,
        signup_token=settings.environment.signup_token,
        base_url=settings.base_url,
        confirm_within=settings.signup.confirm_within,
        nudge=nudge or (lambda: None),
        # What is kept with a consent is the language of these words, not of the publication.
        language=settings.publication.language if own else pages.words.language,
        limits=limits(settings.signup),
        fields=settings.signup.fields,
        disposable=disposable(settings),
        work=settings.signup.proof_of_work,
    )


def limits(signup: Signup) -> SignupLimits:
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
        return listed((settings.folder / file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        said = f"signup.disposable: {file} cannot be read ({type(error).__name__})"
        raise SettingsError([said]) from None
