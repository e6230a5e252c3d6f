"""Shortens text to a number of characters: after a whole sentence, or else after a word."""

from emag.content.prose.sentences import sentences

ELLIPSIS = "…"


def shorten(text: str, limit: int) -> str:
    """Cuts to `limit` characters, after a sentence if it keeps a third, else after a word."""
    if len(text) <= limit:
        return text
    if len(start := _whole_sentences(text, limit)) >= limit / 3:
        return start
    cut = text[: limit - 1]
    head, space, _ = text[:limit].rpartition(" ")
    cut = head if space and len(head) >= limit // 2 else cut
    return cut.rstrip(" ,;:–—-([") + ELLIPSIS


def _whole_sentences(text: str, limit: int) -> str:
    end = 0
    for sentence in sentences(text):
        begin = text.index(sentence, end)
        if begin + len(sentence) > limit:
            break
        end = begin + len(sentence)
    return text[:end]
