"""Prints one promo as readers will see it, in a mail that holds nothing else."""

from dataclasses import replace
from datetime import datetime

from emag.desk.appearance import with_sample_reader
from emag.issues.issue import Issue, Status
from emag.issues.promo import END, Promo
from emag.press.compose import compose
from emag.settings import PictureSettings, Settings


def printed(promo: Promo, settings: Settings, *, now: datetime) -> str:
    """The HTML of a mail with the promo alone. Raises PressError.

    Its picture is shown where it is: emag copies it once the promo is saved.
    """
    issue = Issue(
        number=0,
        status=Status.DRAFT,
        subject=promo.title,
        since=None,
        until=now,
        send_at=None,
        local_date=now.astimezone(settings.publication.zone).date().isoformat(),
        promos=(replace(promo, place=END),),
    )
    at_source = settings.model_copy(update={"pictures": PictureSettings(host="source")})
    document = compose(issue, at_source, now=now)
    return with_sample_reader(document, settings, edition=1).html
