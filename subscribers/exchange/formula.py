"""Keeps spreadsheets from running a cell as a formula, and undoes it when reading.

OWASP's rule is a quotation mark before such a cell. A mark that stands there already gets one too,
so that taking one away always gives the original text.
https://owasp.org/www-community/attacks/CSV_Injection
"""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")  # the wide ones too: some programs fold them
_ESCAPED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")


def harmless(cell: str) -> str:
    """Escapes a cell that a spreadsheet would run."""
    return "'" + cell if _FORMULA.match(cell) else cell


def bare(cell: str) -> str:
    """Undoes `harmless`."""
    return cell[1:] if _ESCAPED.match(cell) else cell
