"""The sentence that a page shows once after a form, such as “Dropped. Undo”.

It travels in a cookie, so that a form can lead to any page and nothing is stored.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

COOKIE = "emag-notice"
SECONDS = 30
_LONGEST = 2_000  # characters; a cookie holds about 4,000


@dataclass(frozen=True, slots=True)
class Notice:
    """A text of the words files with its values.

    `issue` and `act` name what an “Undo” button beside it takes back, 0 for nothing.
    """

    key: str
    values: Mapping[str, str]
    issue: int = 0
    act: int = 0
    is_problem: bool = False

    def written(self) -> str:
        """The cookie's value."""
        text = json.dumps(asdict(self))
        return base64.urlsafe_b64encode(text.encode()).decode() if len(text) < _LONGEST else ""


def read(cookie: str | None) -> Notice | None:
    """The notice in a cookie; None if it cannot be read."""
    if not cookie:
        return None
    try:
        fields = json.loads(base64.urlsafe_b64decode(cookie))
        values = {str(name): str(value) for name, value in fields["values"].items()}
        numbers = int(fields["issue"]), int(fields["act"])
        return Notice(str(fields["key"]), values, *numbers, bool(fields["is_problem"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
