"""A story as another system posts it: its fields as they came, and none of them believed yet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PostedStory:
    """All fields are text; one that was not sent is empty. `html` is the article itself."""

    title: str
    url: str
    summary: str = ""
    html: str = ""
    by: str = ""
    picture: str = ""
    alt: str = ""
    published: str = ""
    kind: str = ""
    closes: str = ""
    employer: str = ""
    starts: str = ""
    place: str = ""
