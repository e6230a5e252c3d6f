"""Rebuilds the files of a bundle that follow from its inputs."""

from collections.abc import Sequence
from pathlib import Path

from emag.bundle.inputs import Inputs
from emag.bundle.sample import sample_copy
from emag.bundle.sealed_settings import RebuildSettings
from emag.issues.correction import Correction, Parts, corrected
from emag.press.compose import compose
from emag.press.document import Document, public

HTML, TEXT, MJML = "issue.html", "issue.txt", "issue.mjml"
SAMPLE, ARCHIVE = "sample.eml", "archive.html"
TEMPLATES = "templates"


def rebuild(inputs: Inputs, templates: Path) -> Document:
    """Prints the issue again from its inputs. `templates` holds the publication's own.

    Raises PressError, and KeyError where this machine does not know the time zone.
    """
    settings = RebuildSettings(inputs.settings, templates)
    return compose(inputs.issue, settings, now=inputs.printed_at)


def document_files(
    document: Document, inputs: Inputs, corrections: Sequence[Correction]
) -> dict[str, bytes]:
    """The files that show a document: itself, a sample copy, and its page in the archive."""
    return {
        HTML: document.html.encode(),
        TEXT: document.text.encode(),
        MJML: document.mjml.encode(),
        **published_files(document, inputs, corrections),
    }


def published_files(
    document: Document, inputs: Inputs, corrections: Sequence[Correction]
) -> dict[str, bytes]:
    """What the document becomes: a sample copy, and the archive's copy with its corrected links."""
    number, settings = inputs.issue.number, inputs.settings
    at = inputs.issue.send_at or inputs.printed_at
    page = public(document, archive_url=f"{settings.base_url}/archive/{number}")
    return {
        SAMPLE: sample_copy(document, settings, number=number, at=at),
        ARCHIVE: corrected(Parts(page.html, page.text), corrections).html.encode(),
    }
