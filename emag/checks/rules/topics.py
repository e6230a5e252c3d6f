"""Rule `topics`: readers of some topics get exactly the stories of these topics.

Marks in the template enclose the stories of a topic. The rule prints the mail of every choice of
topics and names stories that readers would miss, or get against their choice, and marks without
a counterpart. Copy the marks from the shipped template `issue/body.mjml`.
"""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.html_part import read
from emag.checks.proof import UNSUBSCRIBE, Proof, has_story
from emag.issues.issue import Pick
from emag.press import topics
from emag.press.document import Document
from emag.press.printable import web_link
from emag.press.topics import TopicSet

NAME = "topics"


def rule(proof: Proof) -> Iterator[Fault]:
    unmatched = {mark for part in _parts(proof.printed) for mark in topics.unmatched_marks(part)}
    for mark in sorted(unmatched):
        sentence = f"{mark} has no counterpart or is inside another mark: correct the template."
        yield Fault(NAME, "warn", sentence, "template")
    html, text = (topics.marked_topics(part) for part in (proof.printed.html, proof.printed.text))
    if html != text:
        sentence = "The HTML part and the text part mark different topics: mark the same in both."
        yield Fault(NAME, "warn", sentence, "template")
    elif not unmatched:
        yield from _unmarked(proof)
        yield from _wrong_variants(proof)


def _wrong_variants(proof: Proof) -> Iterator[Fault]:
    """Checks that each variant has all its stories, no others, and an unsubscribe link."""
    missing, extra = dict[str, Fault](), dict[str, Fault]()
    for chosen, variant in _variants(proof):
        yield from _without_unsubscribe(chosen, variant)
        for pick, expected in _expected(proof, chosen):
            if expected and not has_story(variant.text, pick.story):
                missing[pick.story.link] = _missing(pick, chosen)
            elif not expected and _leaks(proof, variant, pick):
                extra[pick.story.link] = _extra(pick)
    yield from missing.values()
    yield from extra.values()


def _variants(proof: Proof) -> Iterator[tuple[TopicSet, Document]]:
    """Yields the document for every choice of topics except all of them."""
    printed = proof.printed
    everyone = printed.has_stories(frozenset())
    for chosen in topics.choices(sorted(printed.topics), everyone=everyone):
        if chosen != printed.topics:
            yield chosen, printed.for_topics(chosen)


def _parts(document: Document) -> tuple[str, ...]:
    return document.preheader, document.html, document.text


def _unmarked(proof: Proof) -> Iterator[Fault]:
    offered = proof.settings.signup.topics
    names = [s.name for s in proof.issue.sections if s.picks and s.name in offered]
    unmarked = [name for name in names if name not in proof.printed.topics]
    if unmarked:
        yield Fault(
            NAME,
            "warn",
            f"The stories of {', '.join(unmarked)} have no marks, so readers who chose other "
            "topics get them too: copy the marks from the shipped template issue/body.mjml.",
            "template",
        )


def _without_unsubscribe(chosen: TopicSet, variant: Document) -> Iterator[Fault]:
    links = read(variant.html).links
    if not any(link.href == UNSUBSCRIBE and link.words for link in links):
        yield _unsubscribe_fault(chosen, "HTML part")
    if UNSUBSCRIBE not in variant.text:
        yield _unsubscribe_fault(chosen, "text part")


def _unsubscribe_fault(chosen: TopicSet, part: str) -> Fault:
    return Fault(
        "unsubscribe",
        "block",
        f"The {part} for readers of {_joined(chosen)} has no unsubscribe link: "
        "move it out of the marks of a topic.",
        part,
    )


def _expected(proof: Proof, chosen: TopicSet) -> Iterator[tuple[Pick, bool]]:
    """Yields every pick, and True if readers of the chosen topics should get it."""
    printed = proof.printed.topics
    for section in proof.issue.sections:
        expected = section.name in chosen or section.name not in printed
        yield from ((pick, expected) for pick in section.picks)


def _leaks(proof: Proof, variant: Document, pick: Pick) -> bool:
    """True if the variant links to the story; the editor's note may link to any story.

    Titles are not compared: other texts may use the same words.
    """
    link = web_link(pick.story.link)
    if not link or link in proof.issue.note or pick.story.link in proof.issue.note:
        return False
    return any(other.href == link for other in read(variant.html).links)


def _missing(pick: Pick, chosen: TopicSet) -> Fault:
    return Fault(
        NAME,
        "warn",
        f"Readers of {_joined(chosen)} would not get this story: "
        "correct the marks of topics in the template.",
        pick.story.title or pick.story.link,
        pick.target,
    )


def _extra(pick: Pick) -> Fault:
    return Fault(
        NAME,
        "warn",
        "Readers who did not choose its topic would get this story too: "
        "correct the marks of topics in the template.",
        pick.story.title or pick.story.link,
        pick.target,
    )


def _joined(chosen: TopicSet) -> str:
    return " and ".join(sorted(chosen)) or "no topic"
