"""Writes the title, summary and author of a story from what its source gives."""

from collections.abc import Sequence
from dataclasses import dataclass

from emag.content.prose.article import Article, article
from emag.content.prose.block import Block, letters
from emag.content.prose.byline import Byline
from emag.content.prose.summary import extended, headline, is_enough, summary, whole

LONGEST_HEADLINE = 100  # characters of a title that is made from the text


@dataclass(frozen=True, slots=True)
class Writing:
    """What to print of a story, and who its own text says wrote it."""

    title: str
    summary: str
    byline: Byline | None = None  # at the top of the article, or a guest's
    signature: Byline | None = None  # at its end

    def author(self, written: str) -> str:
        """The author: the article's own by-line, or else the one that its source gives."""
        if self.byline:
            return self.byline.name
        return written or (self.signature.name if self.signature else "")


def write(title: str, described: Sequence[Block], body: Sequence[Block]) -> Writing:
    """Writes from a title, a source's own summary and a body; each of them may be empty."""
    short, long = article(described), article(body)
    if not title:
        title, short, long = _untitled(short, long)
    return Writing(
        title,
        _summary(title, short, long),
        byline=long.byline or short.byline,
        signature=long.signature or short.signature,
    )


def _untitled(short: Article, long: Article) -> tuple[str, Article, Article]:
    """A title from the first sentence; what is left is the article."""
    first = long if long.blocks else short
    title, blocks = headline(first.blocks, longest=LONGEST_HEADLINE)
    rest = Article(tuple(blocks), first.byline, first.signature, first.embeds)
    return title or next(iter(first.embeds), ""), Article(), rest


def _summary(title: str, short: Article, long: Article) -> str:
    """The source's own summary where it is whole; made longer, or of the article, where not."""
    described = "\n".join(block.text for block in short.blocks)
    rest, is_cut = whole(described, of=long.blocks)
    printed = summary(
        [Block(line) for line in rest.splitlines()] if is_cut else short.blocks, title=title
    )
    if is_enough(printed) and not is_cut:
        return printed
    from_article = _of_article(title, long)
    if is_cut:
        is_excerpt = letters(from_article).startswith(letters(printed))
        return (
            printed
            if is_enough(printed) and not is_excerpt
            else max(printed, from_article, key=len)
        )
    if printed:
        return extended(printed, long.blocks, title=title)
    return from_article or next(iter(long.embeds or short.embeds), "")


def _of_article(title: str, long: Article) -> str:
    """The summary of a body, whose last block may be cut: many feeds give only its beginning."""
    if not long.blocks:
        return ""
    *others, last = long.blocks
    rest, is_cut = whole(last.text)
    blocks = [*others, Block(rest, last.kind)] if is_cut else long.blocks
    return summary([block for block in blocks if block.text], title=title)
