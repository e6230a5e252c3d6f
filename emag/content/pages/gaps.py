"""What a feed leaves out of a story, and how the story's page fills it in."""

from dataclasses import replace

from emag.content.prose import embed
from emag.content.story import Kind, Story


def has_gaps(story: Story) -> bool:
    """True for a post without a summary, a picture or an author."""
    is_lacking = _lacks_summary(story) or story.picture is None or not story.author
    return story.kind is Kind.POST and is_lacking


def filled(story: Story, page: Story) -> Story:
    """The story with what it lacks taken from its page. What the feed says stands."""
    return replace(
        story,
        summary=page.summary or story.summary if _lacks_summary(story) else story.summary,
        picture=story.picture or page.picture,
        author=story.author or page.author,
        published=story.published or page.published,
        kicker=story.kicker or page.kicker,
    )


def without_common(page: Story, others: list[Story]) -> Story:
    """A page without what other pages of its source say too: that is about the site."""
    summaries = {other.summary for other in others}
    pictures = {other.picture.url for other in others if other.picture}
    return replace(
        page,
        summary="" if page.summary in summaries else page.summary,
        picture=None if page.picture and page.picture.url in pictures else page.picture,
    )


def _lacks_summary(story: Story) -> bool:
    return not story.summary or embed.is_name(story.summary)
