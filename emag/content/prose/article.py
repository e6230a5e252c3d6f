"""Finds the article in the blocks of a page or feed: its prose and its author."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from emag.content.prose.block import Block, BlockKind
from emag.content.prose.byline import Byline, byline, introduced, is_signature
from emag.content.prose.calls import without_calls
from emag.content.prose.embed import only_address
from emag.content.prose.furniture import ends_article, is_furniture, trimmed
from emag.content.prose.sentences import is_whole

MOST_BLOCKS = 60  # looked at from the start
_TOP, _END = 5, 5  # the first and last blocks, where by-lines stand
_LONGEST_SIGNATURE = 120  # characters
_SPEAKER = re.compile(r"\w{1,20}:\s")
_FULL_LINE = 55  # characters of a line that was broken because it was full
_ENOUGH = 1_200  # characters of prose: a summary takes no more


@dataclass(frozen=True, slots=True)
class Article:
    """The prose of an article in order, who wrote it by its own words, and what it embeds."""

    blocks: tuple[Block, ...] = ()
    byline: Byline | None = None  # at its top, or a guest's
    signature: Byline | None = None  # at its end
    embeds: tuple[str, ...] = ()


def article(blocks: Sequence[Block]) -> Article:
    """The article without its furniture."""
    prose: list[Block] = []
    embeds: list[str] = []
    author: Byline | None = None
    length = 0
    for block in _unbroken(blocks[:MOST_BLOCKS]):
        if prose and block.kind is not BlockKind.QUOTE and ends_article(block.text):
            break
        if len(prose) < _TOP and (name := byline(block.text)):
            author = author or name
            if len(block.text) <= _LONGEST_SIGNATURE:
                continue
        piece = _of_article(block, is_top=len(prose) < _TOP)
        if piece and piece.kind is BlockKind.EMBED:
            embeds.append(piece.text)
        elif piece:
            prose.append(piece)
            length += len(piece.text)
        if length > _ENOUGH:
            break
    if len(prose) > 1 and _is_of_author(prose[-1], prose[:-1], author):
        prose.pop()
    last = None if author else _at_the_end(blocks)
    guest, signature = (last, None) if last and last.is_guest else (None, last)
    return Article(tuple(prose), author or guest, signature, tuple(dict.fromkeys(embeds)))


def _unbroken(blocks: Sequence[Block]) -> list[Block]:
    """The blocks with the sentences mended that a line break goes through."""
    result: list[Block] = []
    for block in blocks:
        before = result[-1] if result else None
        if before and block.after_break and before.kind is block.kind and _goes_on(before, block):
            result[-1] = replace(before, text=f"{before.text} {block.text}")
        else:
            result.append(block)
    return result


def _goes_on(before: Block, block: Block) -> bool:
    if is_whole(before.text) or before.text.endswith(":"):
        return False
    if _SPEAKER.match(block.text):
        return False
    return block.text[0].islower() or len(before.text) >= _FULL_LINE


def _of_article(block: Block, *, is_top: bool) -> Block | None:
    """The block as it belongs to the article; None for furniture."""
    if block.kind is BlockKind.EMBED:
        return block
    if block.kind in {BlockKind.CAPTION, BlockKind.OTHER} or is_furniture(block.text):
        return None
    if is_top and is_signature(block.text):
        return None
    if name := only_address(block.text):
        return Block(name, BlockKind.EMBED)
    text = without_calls(trimmed(block.text))
    if not any(map(str.isalpha, text)) or (text != block.text and is_furniture(text)):
        return None
    return replace(block, text=text)


_LONGEST_LIFE = 400  # characters of what an article says of its author at its end


def _is_of_author(block: Block, before: Sequence[Block], author: Byline | None) -> bool:
    """True for a last paragraph that introduces somebody of whom the article has not spoken."""
    name = introduced(block.text) if len(block.text) <= _LONGEST_LIFE else ""
    if not name:
        return False
    return bool(author and name in author.name) or not any(name in b.text for b in before)


def _at_the_end(blocks: Sequence[Block]) -> Byline | None:
    """A guest, or a by-line of its own, in the last lines of the article."""
    for place, block in enumerate(blocks):
        if place and ends_article(block.text):
            blocks = blocks[:place]
            break
    return next((name for b in reversed(blocks[-_END:]) if (name := byline(b.text))), None)
