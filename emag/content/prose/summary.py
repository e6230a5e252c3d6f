"""Writes a summary: whole sentences of an article, neither too few nor too many."""

import re
from collections.abc import Iterable, Sequence

from emag.content.prose.block import Block, BlockKind, letters, same
from emag.content.prose.sentences import cut_off, ended, is_whole, sentences

SHORTEST, LONGEST = 120, 280  # characters
_LABEL = 60  # a shorter line without a full stop is a label, not prose
_LONG = 140  # many sources cut descriptions there, in the middle of a sentence
_SHORTEST_CUT = 100  # a shorter text is seldom cut: its ellipsis is the author's own
_OPEN = re.compile(r"\b(?:the|an?|of|and|or|our|your|their|my|than|whose|y|yr)$")
_CLAUSES = re.compile(r"(?:;|,| –| —|:)(?=\s)")
_PROSE = (BlockKind.PARAGRAPH, BlockKind.QUOTE)


def summary(blocks: Sequence[Block], *, title: str = "") -> str:
    """The first sentences of an article, without its title; empty where it has no prose."""
    texts = list(_joined(_without_title(blocks, title)))
    chosen = ""
    for text in texts:
        for sentence in sentences(text):
            longer = f"{ended(chosen)} {sentence}" if chosen else sentence
            if len(longer) > LONGEST:
                return chosen or _clause(sentence)
            chosen = longer
        if len(chosen) >= SHORTEST:
            break
    return chosen


def is_enough(text: str) -> bool:
    """True for a summary that needs nothing more."""
    return len(text) >= SHORTEST


def whole(text: str, *, of: Sequence[Block] = ()) -> tuple[str, bool]:
    """The whole sentences of a text that its source has cut, and whether it has cut it.

    Some sources cut without a sign: the article `of` which it is an excerpt shows that.
    """
    rest = cut_off(text)
    if rest is None:
        is_open = bool(_OPEN.search(text))
        if not text or is_whole(text) or not (is_open or _is_excerpt(text, of)):
            return text, False
        rest = text
    elif rest.endswith((" more", " etc")) or (len(text) < _SHORTEST_CUT and "[" not in text[-6:]):
        return text, False
    parts = sentences(rest)
    if parts and not is_whole(parts[-1]):
        parts.pop()
    return " ".join(parts), True


def _is_excerpt(text: str, blocks: Sequence[Block]) -> bool:
    """True for a text that stops in the middle of a sentence of its article, or is long."""
    article = letters(" ".join(block.text for block in blocks[:5]))
    form = letters(text)
    is_beginning = article.startswith(form) and len(article) > len(form)
    return is_beginning or (len(text) >= _LONG and len(sentences(text)) > 1)


def extended(short: str, blocks: Sequence[Block], *, title: str = "") -> str:
    """A short summary with the first sentences of the article, if they make it long enough."""
    rest = summary(blocks, title=title)
    if letters(rest).startswith(letters(short)):
        return rest if is_enough(rest) else short
    before = letters(short)
    chosen = ended(short)
    for sentence in sentences(rest):
        form = letters(sentence)
        if form in before or before in form or len(chosen) + len(sentence) >= LONGEST:
            break
        chosen = f"{chosen} {sentence}"
        if len(chosen) >= SHORTEST:
            break
    return chosen if is_enough(chosen) else short


def headline(blocks: Sequence[Block], *, longest: int) -> tuple[str, Sequence[Block]]:
    """A title made of the first sentence, and the blocks without that sentence."""
    for place, block in enumerate(blocks):
        if block.kind is BlockKind.EMBED:
            continue
        first, *others = sentences(block.text) or [""]
        if first:
            rest = Block(" ".join(others), block.kind)
            following = [*((rest,) if others else ()), *blocks[place + 1 :]]
            title = first if len(first) <= longest else _clause(first, longest)
            return re.sub(r"(?<![.])[.]$", "", title), following
    return "", blocks


def _without_title(blocks: Iterable[Block], title: str) -> Iterable[Block]:
    """The blocks without those that only repeat the title, and without it before their text."""
    is_start = True
    for block in blocks:
        if same(block.text, title) or _is_label(block.text, title):
            continue
        text = _after_title(block.text, title) if is_start and title else block.text
        is_start = is_start and block.kind is BlockKind.HEADING
        if text:
            yield Block(text, block.kind)


def _is_label(text: str, title: str) -> bool:
    """True for a few words and the title again, such as “Dr. Ann Li: The lamp”."""
    head = text.rstrip(" .")
    if not title or not head.casefold().endswith(title.rstrip(" .").casefold()):
        return False
    head = head[: -len(title.rstrip(" ."))].rstrip()
    return len(head) <= _LABEL and head.endswith((":", "–", "—", "-", "|"))


def _after_title(text: str, title: str) -> str:
    if text.casefold().startswith(title.casefold()):
        rest = text[len(title) :]
        if re.match(r"\s*(?:[:–—|.!?…-]+)\s+", rest):
            return rest.lstrip(" :–—|.!?…-")
    first, *others = sentences(text) or [""]
    return " ".join(others) if others and same(first, title) else text


def _joined(blocks: Iterable[Block]) -> Iterable[str]:
    """The texts to take sentences from: prose, and lists with the line that leads them in."""
    sequence = list(blocks)
    has_prose = any(b.kind in _PROSE and _is_prose(b.text) for b in sequence)
    lead, items, is_under_way = Block(""), list[str](), False
    for block in [*sequence, Block("")]:
        if block.kind is BlockKind.ITEM:
            items.append(block.text)
            continue
        if items:
            if is_under_way or not has_prose or lead.text.endswith(":"):
                yield _listed(lead.text, items)
            lead, items = Block(""), []
        text = block.text
        if lead.text.endswith(":") and block.kind in _PROSE and text:
            text = f"{lead.text} {text}"
        elif lead.text and not has_prose and not lead.text.endswith(":"):
            yield lead.text
        lead = Block("")
        if block.kind is BlockKind.HEADING or not has_prose:
            lead = Block(text, block.kind)
        elif text.endswith(":"):
            *before, last = sentences(text)
            yield " ".join(before)
            lead = Block(last)
        elif block.kind in _PROSE and _is_prose(text):
            is_under_way = True
            yield text


def _is_prose(text: str) -> bool:
    return is_whole(text) or len(text) >= _LABEL


def _listed(lead: str, items: Sequence[str]) -> str:
    """A list as one sentence: its items apart, as many as fit."""
    room = LONGEST - len(lead) - 1
    if all(is_whole(item) for item in items):
        return f"{lead} {' '.join(items)}".strip()
    chosen: list[str] = []
    for item in items:
        if len(" · ".join([*chosen, item])) >= room:
            break
        chosen.append(item.rstrip(" .;,") if not item.endswith(("…", "?", "!")) else item)
    start = lead if not lead or lead.endswith(":") or is_whole(lead) else f"{lead}:"
    return f"{start} {' · '.join(chosen)}".strip() if chosen else ""


def _clause(sentence: str, longest: int = LONGEST) -> str:
    """The start of a sentence that is too long, up to the end of a clause or a word."""
    head = sentence[: longest - 1]
    ends = [end.start() for end in _CLAUSES.finditer(head)]
    place = next((at for at in reversed(ends) if at >= min(SHORTEST, longest // 2)), 0)
    start = head[:place] if place else head.rpartition(" ")[0]
    return start.rstrip(" ,;:.–—-") + "…" if start else ""
