"""Readers of some topics get an issue of their own: their stories, and nobody else's."""

from collections.abc import Iterator

from emag.checks import unsubscribe
from emag.checks.fault import Fault
from emag.checks.proof import Proof, read
from emag.checks.text_part import shows
from emag.issues.issue import Pick
from emag.press import topics
from emag.press.document import Document
from emag.press.proof import web_link
from emag.press.topics import Shown

NAME = "topics"


def rule(proof: Proof) -> Iterator[Fault]:
    strays = {mark for part in _parts(proof.printed) for mark in topics.strays(part)}
    for mark in sorted(strays):
        sentence = f"{mark} has no other end, or stands inside another mark: they do not nest."
        yield Fault(NAME, "block", sentence, "template")
    html, text = (topics.marked(part) for part in (proof.printed.html, proof.printed.text))
    if html != text:
        sentence = "The HTML part and the text part mark different topics: mark the same in both."
        yield Fault(NAME, "block", sentence, "template")
    elif not strays:
        yield from _unmarked(proof)
        yield from _parted(proof)


def _parted(proof: Proof) -> Iterator[Fault]:
    """Each choice gets its own stories, all of them, and a way to leave."""
    missing, beside = dict[str, Fault](), dict[str, Fault]()
    for shown, variant in _variants(proof):
        yield from _locked(shown, variant)
        for pick, meant in _meant(proof, shown):
            if meant and not shows(variant.text, pick.story):
                missing[pick.story.link] = _missing(pick, shown)
            elif not meant and _leaks(proof, variant, pick):
                beside[pick.story.link] = _beside(pick)
    yield from missing.values()
    yield from beside.values()


def _variants(proof: Proof) -> Iterator[tuple[Shown, Document]]:
    """What readers who chose something else than everything are sent, as far as they are."""
    printed = proof.printed
    everyone = printed.has_stories(frozenset())
    for shown in topics.choices(sorted(printed.topics), everyone=everyone):
        if shown != printed.topics:
            yield shown, printed.for_topics(shown)


def _parts(document: Document) -> tuple[str, ...]:
    return document.preheader, document.html, document.text


def _unmarked(proof: Proof) -> Iterator[Fault]:
    offered = proof.settings.signup.topics
    due = [s.name for s in proof.issue.sections if s.picks and s.name in offered]
    found = [name for name in due if name not in proof.printed.topics]
    if found:
        yield Fault(
            NAME,
            "warn",
            f"Nothing marks the stories of {', '.join(found)}, so that readers who chose other "
            "topics get them too: put the marks of the template that is shipped into your own.",
            "template",
        )


def _locked(shown: Shown, variant: Document) -> Iterator[Fault]:
    links = read(variant.html).links
    if not any(link.href == unsubscribe.SLOT and link.words for link in links):
        yield _without_leave(shown, "HTML part")
    if unsubscribe.SLOT not in variant.text:
        yield _without_leave(shown, "text part")


def _without_leave(shown: Shown, part: str) -> Fault:
    return Fault(
        unsubscribe.NAME,
        "block",
        f"The {part} for readers of {_named(shown)} has no unsubscribe link: "
        "let no mark of a topic stand around it.",
        part,
    )


def _meant(proof: Proof, shown: Shown) -> Iterator[tuple[Pick, bool]]:
    """Every pick, and whether it is for readers who are shown these topics."""
    there = proof.printed.topics
    for section in proof.issue.sections:
        meant = section.name in shown or section.name not in there
        yield from ((pick, meant) for pick in section.picks)


def _leaks(proof: Proof, variant: Document, pick: Pick) -> bool:
    """By its link: a title may be anybody's words, and the editor's note may name any story."""
    link = web_link(pick.story.link)
    if not link or link in proof.issue.note or pick.story.link in proof.issue.note:
        return False
    return any(found.href == link for found in read(variant.html).links)


def _missing(pick: Pick, shown: Shown) -> Fault:
    return Fault(
        NAME,
        "block",
        f"Readers of {_named(shown)} would not get this story of theirs: "
        "correct the marks of topics in the template.",
        pick.story.title or pick.story.link,
    )


def _beside(pick: Pick) -> Fault:
    return Fault(
        NAME,
        "warn",
        "Readers who did not choose its topic would get this story too: "
        "correct the marks of topics in the template.",
        pick.story.title or pick.story.link,
    )


def _named(shown: Shown) -> str:
    return " and ".join(sorted(shown)) or "no topic"
