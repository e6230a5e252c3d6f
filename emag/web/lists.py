"""The list's own pages and hook, given what they need of the newsroom."""

import hashlib
from collections.abc import Callable

from fastapi import APIRouter

from emag.newsroom import Newsroom
from emag.web.pages import Pages
from subscribers.web import Door
from subscribers.web import router as pages_of_the_list


def router(newsroom: Newsroom, pages: Pages, *, nudge: Callable[[], None] | None) -> APIRouter:
    settings = newsroom.settings
    words = settings.signup.wording or (
        f"I would like to receive {settings.publication.title} by email. "
        "I can stop it at any time with one click."
    )
    return pages_of_the_list(
        Door(
            transaction=newsroom.database.transaction,
            reading=newsroom.database.reading,
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
            language=settings.publication.language,
        )
    )
