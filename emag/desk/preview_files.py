"""Write an issue's HTML, text and MJML as files, for whoever wants to look without a server."""

from collections.abc import Collection
from functools import partial
from pathlib import Path

from emag.content.pictures import fetching
from emag.desk import screenshots
from emag.desk.appearance import for_choice, with_sample_reader
from emag.desk.look import look
from emag.desk.preview import Previewable
from emag.errors import EmagError
from emag.press.compose import compose
from emag.press.document import Document
from emag.settings import Settings


def write(
    publication: Previewable,
    which: int | str,
    *,
    out: Path,
    shots: bool,
    topics: Collection[str] = (),
) -> list[Path]:
    """Writes issue.html, issue.txt and issue.mjml into `out`, and with `shots` screenshots.

    For an approved issue they hold the frozen document, which is what leaves. With `topics` the
    HTML and the text are those of a reader who chose them.

    Raises PressError if the issue cannot be printed, and EmagError if there is no browser, no such
    topic, or no story for readers who chose them.
    """
    settings = publication.settings
    view = look(publication.database, settings, which, now=publication.now())
    chosen = _for_topics(view.document, topics, settings)
    readable = with_sample_reader(chosen, settings, edition=view.edition)
    mjml = view.document.mjml or compose(view.issue, settings, now=publication.now()).mjml
    texts = {"html": readable.html, "txt": readable.text, "mjml": mjml}
    files = [out / f"issue.{ending}" for ending in texts]
    try:
        out.mkdir(parents=True, exist_ok=True)
        for file, text in zip(files, texts.values(), strict=True):
            file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise EmagError(f"{out} cannot be written: {error.strerror}") from error
    picture = partial(fetching.find, publication.database)
    return files + (screenshots.take(readable.html, out, picture=picture) if shots else [])


def _for_topics(printed: Document, topics: Collection[str], settings: Settings) -> Document:
    offered = settings.signup.topics
    unknown = sorted(set(topics) - {*offered, *printed.topics})
    if unknown:
        raise EmagError(f"There is no topic “{unknown[0]}”; there are {', '.join(offered)}")
    chosen = for_choice(printed, topics, settings)
    if chosen is None:
        names = " and ".join(topics)
        raise EmagError(f"The issue has no story for readers who chose {names}: they get no mail")
    return chosen
