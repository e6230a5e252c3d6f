"""Chooses the kicker of a story: the first of its categories that says something."""

import re
from collections.abc import Iterable

from emag.content.prose.block import letters, words

LONGEST = 40  # characters
_WEAK = {"news", "newyddion"}  # printed only where nothing else is there
_EMPTY = (
    words(
        "uncategorized uncategorised uncategorizedposts blog blogs blogpost blogposts post posts "
        "article articles story stories general generalnews misc miscellaneous other others all "
        "allposts default home homepage frontpage featured feature features featuredpost "
        "featuredposts latest latestnews update updates main content news newsandblog newsblog "
        "none null rss feed sticky top topstories unfiled notcategorized untagged digihidden "
        "hidden test page pages publication web website item items heb gategori digategori "
        "uncategorizedblog newyddion"
    )
    - _WEAK
)
_SAME = (("news", "newyddion"), ("events", "digwyddiadau"), ("jobs", "swyddi"), ("posts", "blog"))
_MACHINE = re.compile(r"[_\\#@{}<>=]|(?<!\s)/|/(?!\s)|^\W|^\d+$|^[a-z]+:")


def kicker(categories: Iterable[str], *, section: str = "", others: Iterable[str] = ()) -> str:
    """The category to print; empty where none says more than the section and `others` do.

    `others` are texts that stand beside it, such as the title and the name of the feed.
    """
    beside = {_form(text) for text in (section, *others) if text}
    beside |= {_form(other) for pair in _SAME if section.casefold() in pair for other in pair}
    weak = ""
    for category in categories:
        form = _form(category)
        if not form or letters(category) in _EMPTY or form in beside:
            continue
        if len(category) > LONGEST or _MACHINE.search(category):
            continue
        if letters(category) not in _WEAK:
            return category
        weak = weak or category
    return weak


def says_more(kicker: str, section: str) -> bool:
    """False for a kicker that only says the title of its section again."""
    return _form(kicker) != _form(section)


def _form(text: str) -> str:
    return letters(text).removesuffix("s")
