"""Cells that a spreadsheet would run as a formula, made harmless and brought back.

OWASP's rule is a quotation mark before them. One is also put before marks that stand there
already, so that taking one away always gives what was there.
https://owasp.org/www-community/attacks/CSV_Injection
"""

import re

_RUNS = re.compile(r"'*[=+\-@\t\r＝＋－＠]")  # the wide ones too: some programs fold them
_WAS_MADE = re.compile(r"'+[=+\-@\t\r＝＋－＠]")


def harmless(cell: str) -> str:
    return "'" + cell if _RUNS.match(cell) else cell


def bare(cell: str) -> str:
    return cell[1:] if _WAS_MADE.match(cell) else cell
