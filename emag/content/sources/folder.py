"""Reads a folder of Markdown files with front matter: stories that the editors write."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import yaml
from markdown_it import MarkdownIt

from emag.content.left_out import LeftOut
from emag.content.prose.kicker import kicker
from emag.content.prose.writing import write
from emag.content.sources import Memory, Reading, clean
from emag.content.sources.picture_choice import chosen
from emag.content.story import Kind, Story, canonical
from emag.content.vacancies import advert, deadline
from emag.content.vacancies.deadline import ClosingTime
from emag.content.vacancies.vacancy import Vacancy
from emag.content.when.stamp import EARLIEST, LATEST
from emag.content.when.zone import BRITAIN
from emag.errors import SourceError

LARGEST_FILE = 1_000_000  # bytes
MOST_FILES = 1_000
_KEYS = frozenset(
    {"title", "date", "link", "kind", "summary", "author", "categories", "featured"}
    | {"picture", "alt", "starts", "ends", "place", "online", "price"}
    | {"role", "employer", "places", "closes", "salary"}
)


class Broken(ValueError):
    """One file cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class FolderSource:
    """Files `*.md` in `path`. Relative addresses in them are relative to `base_url`.

    A time without a zone is in `zone`, the publication's.
    """

    name: str
    path: Path
    section: str = "posts"
    base_url: str = ""
    zone: tzinfo = UTC
    _markdown: MarkdownIt = field(
        default_factory=lambda: MarkdownIt("commonmark").enable("table"), repr=False, compare=False
    )

    def read(self, memory: Memory) -> Reading:
        """Reads the files. A broken one is a note with its name.

        Raises SourceError if there is no such folder.
        """
        files = self._files()
        contents = {file.name: _content(file) for file in files}
        of = f"folder {self.section} {self.base_url} {self.zone} {self.path}"
        digest = hashlib.sha256(repr(contents).encode()).hexdigest()
        if memory.of == of and memory.digest == digest:
            return Reading(memory=memory, unchanged=True)
        stories, notes = [], []
        for name, content in contents.items():
            try:
                stories.append(self._story(content))
            except Broken as reason:
                notes.append(f"{name}: {reason}")
            except Exception:  # noqa: BLE001 - one file's fault must not cost the others
                notes.append(f"{name}: it cannot be read; correct it")
        return Reading(
            is_own=True,
            stories=tuple(stories),
            memory=Memory(digest=digest, of=of),
            notes=tuple(notes),
            entries=len(contents),
            refused=len(notes),
            left_out={LeftOut.FILE.value: len(notes)} if notes else {},
        )

    def _files(self) -> list[Path]:
        try:
            files = sorted(p for p in Path(self.path).iterdir() if p.suffix in {".md", ".markdown"})
        except OSError:
            raise SourceError(f"the folder {self.path} cannot be read; check its path") from None
        if len(files) > MOST_FILES:
            raise SourceError(f"the folder {self.path} holds more than {MOST_FILES} files; tidy it")
        return files

    def _story(self, content: bytes | str) -> Story:
        front, text = _parted(content)
        link = canonical(urljoin(self.base_url, _text(front, "link")))
        if not _text(front, "link") or not link:
            raise Broken("its front matter needs a link, a full address of the page it is about")
        kind = _kind(front, self.section)
        body = clean.clean(self._markdown.render(text), base=link)
        title = clean.line(_text(front, "title"))
        if not title:
            raise Broken("its front matter needs a title")
        named = clean.picture(_text(front, "picture"), base=self.base_url, alt=_text(front, "alt"))
        if _text(front, "picture") and not named:
            raise Broken("its picture needs an address that starts with https://")
        inside = chosen((), body.pictures, base=self.base_url, title=title)
        summary = _text(front, "summary") or write(title, (), body.blocks).summary
        published = self._moment(front, "date")
        job = _job(front, title, body.text, published) if kind is Kind.JOB else None
        return Story(
            source=self.name,
            kind=kind,
            link=link,
            title=title,
            summary=clean.line(summary, limit=clean.LONGEST_SUMMARY),
            body=body.html,
            published=published,
            picture=named or next(iter(inside), None),
            author=clean.line(_text(front, "author")),
            categories=_list(front, "categories"),
            kicker=kicker(_list(front, "categories"), section=self.section, others=(title,)),
            featured=front.get("featured") is True or bool(job and job.job_of_the_week),
            starts=self._moment(front, "starts"),
            ends=self._moment(front, "ends"),
            online=front.get("online") is True,
            price=clean.line(_text(front, "price"), limit=60),
            place="" if job else clean.line(_text(front, "place")),
            vacancy=job,
        )

    def _moment(self, front: Mapping[str, Any], name: str) -> datetime | None:
        value = front.get(name)
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value.strip())
            except ValueError:
                raise Broken(f"its {name} “{value}” is no date; write 2026-03-05 14:00") from None
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if value is None:
            return None
        if not isinstance(value, datetime):
            raise Broken(f"its {name} is no date; write 2026-03-05 14:00")
        if not EARLIEST <= value.year < LATEST:
            raise Broken(f"its {name} is in the year {value.year}; correct it")
        local = value if value.tzinfo else value.replace(tzinfo=self.zone)
        return local.astimezone(UTC)


def _content(file: Path) -> bytes | str:
    """The file's content, or the reason why it cannot be read."""
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    return content if len(content) <= LARGEST_FILE else f"it is larger than {LARGEST_FILE:,} bytes"


def _parted(content: bytes | str) -> tuple[Mapping[str, Any], str]:
    if isinstance(content, str):
        raise Broken(content)
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise Broken("it is not written in UTF-8; save it as UTF-8") from None
    opening, _, rest = text.partition("---\n")
    head, mark, body = rest.partition("\n---")
    if opening.strip() or not mark:
        raise Broken("it needs front matter between two lines of ---")
    try:
        front = yaml.safe_load(head)
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        place = getattr(error, "problem_mark", None)
        raise Broken(
            f"its front matter is no YAML (line {place.line + 2 if place else '?'})"
        ) from None
    if not isinstance(front, dict):
        raise Broken("its front matter needs lines like “title: …”")
    if unknown := sorted(str(key) for key in front if key not in _KEYS):
        raise Broken(f"its front matter has “{unknown[0]}”, which means nothing here")
    return front, body.partition("\n")[2]


def _kind(front: Mapping[str, Any], section: str) -> Kind:
    usual = {"events": Kind.EVENT, "jobs": Kind.JOB}.get(section, Kind.POST)
    try:
        return Kind(_text(front, "kind").lower() or usual)
    except ValueError:
        raise Broken("its kind must be post, job or event") from None


def _job(front: Mapping[str, Any], title: str, text: str, published: datetime | None) -> Vacancy:
    day = published.date() if published else None
    facts = advert.from_advert(title, text, employer=_text(front, "employer"), published=day)
    closing = _closes(front) or ClosingTime(facts.closes, facts.closes_at)
    places = front.get("places")
    return replace(
        facts,
        role=clean.line(_text(front, "role")) or facts.role,
        employer=clean.line(_text(front, "employer")) or facts.employer,
        place=clean.line(_text(front, "place")) or facts.place,
        places=places if isinstance(places, int) and places > 0 else facts.places,
        closes=closing.day,
        closes_at=closing.at,
        salary=clean.line(_text(front, "salary")) or facts.salary,
    )


def _closes(front: Mapping[str, Any]) -> ClosingTime | None:
    """The day, or the moment where a time is written, as British time without an offset."""
    closes = front.get("closes")
    if isinstance(closes, str):
        closing = deadline.read(f"closes: {closes}", published=None)
        closes = closing.at or closing.day or closes
    if isinstance(closes, datetime):
        at = closes if closes.tzinfo else closes.replace(tzinfo=BRITAIN)
        return ClosingTime(at.date(), at if (at.hour, at.minute) != (0, 0) else None)
    if closes is not None and not isinstance(closes, date):
        raise Broken("its closes must be a date like 2026-03-14")
    return ClosingTime(closes) if closes else None


def _text(front: Mapping[str, Any], name: str) -> str:
    value = front.get(name)
    return "" if value is None else str(value).strip()


def _list(front: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = front.get(name) or ()
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)):
        raise Broken(f"its {name} must be a list")
    return tuple(name for item in items if (name := clean.line(str(item), limit=120)))
