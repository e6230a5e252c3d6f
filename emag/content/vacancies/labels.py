"""Knows the labels of an advert's table of facts, and puts each on one line with its value."""

import re

NAMES = (
    r"salary(?: range)?|pay(?: scale)?|remuneration|compensation|package|(?:job "
    r"|work )?location|place of work|base|hours"
    r"|working pattern|working hours|contract(?: type| status| length)?|job type"
    r"|employment type|position type|tenure|term"
    r"|grade|band|closing date(?: and time)?|closing|closes|deadline|(?:application|vacancy"
    r"|advert|posting) (?:deadline|end date"
    r"|closing date)|interview(?: date)?s?|interviews?(?: will be)? held|start date|posted"
    r"|date posted|reference|job ref(?:erence)?"
    r"|ref(?: no)?|vacancy (?:id|number)|job id|department|directorate|team|service"
    r"|employer(?: name)?|organisation|company"
    r"|reports to|responsible to|category|sector|number of (?:jobs|posts|positions|roles"
    r"|vacancies)(?: available)?|positions available"
    r"|where|apply by|placed on|posting date|published(?: on)?|recruiter|expires|closing time"
    r"|vacancy type|shortlisting|sift"
    r"|cyflog|lleoliad|oriau|contract|dyddiad cau|dyddiad cyfweld|cyfeirnod|adran"
)
_ALONE = re.compile(
    rf"^(?P<name>[ ]*(?:{NAMES}))[ ]*:?[ ]*\n\s*(?=[^\s:][^\n]{{0,100}}(?:\n|$))"
    rf"(?!(?:{NAMES})[ ]*(?::|\n))",
    re.IGNORECASE | re.MULTILINE,
)


def joined(text: str) -> str:
    """The text with “Location”, “Leeds” on two lines as “Location: Leeds” on one."""
    return _ALONE.sub(r"\g<name>: ", text)
