"""Reads schema.org articles, as a list page describes them to search engines."""

from collections.abc import Iterator, Mapping

from emag.content.sources.entry import EntryText, FeedEntry
from emag.content.sources.jsonfeed import is_object, text
from emag.content.sources.linked_data import Node, as_object, is_of_type, listed, names, resolved
from emag.content.sources.markup import unescaped
from emag.content.story import Kind, Picture
from emag.content.when.stamp import moment

TYPES = (
    *("Article", "NewsArticle", "BlogPosting", "Report", "ScholarlyArticle", "TechArticle"),
    *("AdvertiserContentArticle", "OpinionNewsArticle", "ReportageNewsArticle", "VideoObject"),
    *("AnalysisNewsArticle", "ReviewNewsArticle", "LiveBlogPosting", "SocialMediaPosting"),
)


def is_article(node: Node) -> bool:
    return is_of_type(node, *TYPES)


def entry(node: Node, named: Mapping[str, Node], *, base: str) -> FeedEntry:
    """An article of a page of many, as an entry."""
    body = text(node, "articleBody")
    return FeedEntry(
        links=tuple(_links(node)),
        base=base,
        guid=text(node, "@id") or text(node, "identifier"),
        title=EntryText(unescaped(text(node, "headline") or text(node, "name"))),
        summary=EntryText(unescaped(text(node, "description")), is_html=True),
        body=EntryText(unescaped(body or text(node, "description")), is_html=True),
        published=moment(text(node, "datePublished")) or moment(text(node, "dateCreated")),
        author=" and ".join(dict.fromkeys(_people(node, named))),
        categories=tuple(map(unescaped, names(node.get("articleSection")))),
        pictures=tuple(_pictures(node, named)),
        kind=Kind.POST,
    )


def _links(node: Node) -> Iterator[str]:
    about = node.get("mainEntityOfPage")
    names_page = (text(as_object(about), "@id"), text(as_object(about), "url"))
    named = about if isinstance(about, str) else next(filter(None, names_page), "")
    for address in (text(node, "url"), named, text(node, "@id")):
        is_part = "#" in address.partition("://")[2]
        if not is_part and address.lower().startswith(("http://", "https://", "/")):
            yield address


def _people(node: Node, named: Mapping[str, Node]) -> Iterator[str]:
    """Those who wrote it; the publisher's own name is no by-line."""
    for value in listed(node.get("author")):
        author = resolved(value, named)
        if not (is_object(author) and is_of_type(author, "Organization")):
            yield from map(unescaped, names(author))


def _pictures(node: Node, named: Mapping[str, Node]) -> Iterator[Picture]:
    for value in (*listed(node.get("image")), node.get("thumbnailUrl")):
        image = resolved(value, named)
        address = text(image, "url") or text(image, "contentUrl") if is_object(image) else image
        if isinstance(address, str) and address:
            yield Picture(address, text(image, "caption") if is_object(image) else "")
