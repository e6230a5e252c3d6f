"""Knows the addresses at which the boards of Greenhouse and Lever can be read by programs."""

import re

_BOARDS = (
    (
        re.compile(
            r"https?://(?:job-)?boards(?P<region>\.eu)?\.greenhouse\.io/"
            r"(?:embed/job_board\?for=)?(?P<name>[\w.-]+)/?(?:[?&#].*)?"
        ),
        "https://boards-api{region}.greenhouse.io/v1/boards/{name}/jobs?content=true",
    ),
    (
        re.compile(r"https?://jobs(?P<region>\.eu)?\.lever\.co/(?P<name>[\w.-]+)/?(?:[?#].*)?"),
        "https://api{region}.lever.co/v0/postings/{name}?mode=json",
    ),
)


def for_programs(address: str) -> str:
    """The address at which such a board can be read; any other address as it is."""
    for pattern, interface in _BOARDS:
        if board := pattern.fullmatch(address):
            return interface.format(region=board["region"] or "", name=board["name"])
    return address
