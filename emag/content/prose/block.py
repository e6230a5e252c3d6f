"""A block: one paragraph, heading or list item of an article, as plain text."""

import re
from dataclasses import dataclass
from enum import StrEnum


class BlockKind(StrEnum):
    """What a block is in its article."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"  # of a list
    CAPTION = "caption"
    QUOTE = "quote"
    EMBED = "embed"  # the text names it
    OTHER = "other"  # code, or a cell of a table


@dataclass(frozen=True, slots=True)
class Block:
    """The text has neither line ends nor blanks at its ends.

    `after_break` is true where only a line break stands before it, not a new paragraph.
    """

    text: str
    kind: BlockKind = BlockKind.PARAGRAPH
    after_break: bool = False


def from_text(text: str) -> tuple[Block, ...]:
    """Plain text as blocks: one for each line that is not empty."""
    blocks, after_break = [], False
    for written in text.splitlines():
        if line := " ".join(written.split()):
            blocks.append(Block(line, after_break=after_break))
        after_break = bool(line)
    return tuple(blocks)


def same(one: str, other: str) -> bool:
    """True if two texts have the same letters and digits."""
    return bool(letters(one)) and letters(one) == letters(other)


def letters(text: str) -> str:
    """The letters and digits of a text, for comparing."""
    return re.sub(r"[\W_]+", "", text.casefold())


def words(text: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(text.split())
