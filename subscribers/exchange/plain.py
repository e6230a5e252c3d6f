"""A plain CSV: a column with the address, one with the name if there is one."""

import re
from collections.abc import Iterator, Sequence

from subscribers.errors import WrongFile
from subscribers.exchange.row import Bad, Lines, Row
from subscribers.exchange.sheet import fold

_EMAIL = {"email", "e mail", "mail", "email address", "e mail address", "emailaddress"}
_NAME = {"name", "full name", "fullname", "display name"}
_FIRST = {"first name", "firstname", "given name", "forename"}
_LAST = {"last name", "lastname", "surname", "family name"}
# Such a column says who left. This format would read over it and bring them back.
_TELLS = re.compile(
    r"unsub|clean|bounc|complain|status|disabled|deleted|suppress|opt ?out|subscribed to|state$"
)


class Plain:
    """Columns are known by their names, in any order; others are left alone."""

    name = "plain"

    def recognises(self, header: Sequence[str]) -> bool:
        names = fold(header)
        if not _EMAIL.intersection(names):
            return False
        telling = [name for name in header if _TELLS.search(fold([name])[0])]
        if telling:
            raise WrongFile(
                f"The column “{telling[0]}” seems to say who left or cannot be reached, which a "
                "plain import would not heed: take out those rows and the column first."
            )
        return True

    def rows(self, header: Sequence[str], lines: Lines) -> Iterator[Row | Bad]:
        names = fold(header)
        email = _column(names, _EMAIL)
        named = [at for at in (_column(names, _FIRST), _column(names, _LAST)) if at is not None]
        whole = _column(names, _NAME)
        if whole is not None:
            named = [whole]
        assert email is not None
        for line, fields in lines:
            if not fields or any("\n" in field for field in fields):
                yield Bad(line, "a quotation mark is opened in this line and not closed")
            elif len(fields) != len(names):
                yield Bad(line, f"has {len(fields)} fields, and the first line names {len(names)}")
            else:
                yield Row(line, fields[email], " ".join(fields[at] for at in named))


def _column(names: Sequence[str], wanted: set[str]) -> int | None:
    return next((at for at, name in enumerate(names) if name in wanted), None)
