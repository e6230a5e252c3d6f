"""Knows the names of months and weekdays in English and Welsh, with their short forms."""

_MONTHS = (
    "january jan ionawr ion",
    "february februrary feb chwefror chwef",
    "march mar mawrth fawrth",
    "april apr ebrill ebr",
    "may mai fai",
    "june jun mehefin fehefin meh",
    "july jul gorffennaf orffennaf gorff",
    "august aug awst",
    "september sept sep medi fedi",
    "october oct hydref",  # “hyd” is Welsh for “until”
    "november nov tachwedd dachwedd tach",
    "december dec rhagfyr ragfyr rhag",
)
_WEEKDAYS = (
    "monday mon",
    "tuesday tues tue",
    "wednesday weds wed",
    "thursday thurs thur thu",
    "friday fri",
    "saturday satur sat",
    "sunday sun",
)
_WELSH_WEEKDAYS = ("llun lun", "mawrth fawrth", "mercher", "iau", "gwener wener", "sadwrn", "sul")

_MONTH_NUMBERS = {name: n for n, names in enumerate(_MONTHS, 1) for name in names.split()}
_WEEKDAY_NUMBERS = {
    name: n
    for weekdays in (_WEEKDAYS, _WELSH_WEEKDAYS)
    for n, names in enumerate(weekdays)
    for name in names.split()
}


def _any(names: tuple[str, ...]) -> str:
    words = (word for line in names for word in line.split())
    return "|".join(sorted(words, key=len, reverse=True))


# Regular expressions without groups, for text of any case.
MONTH = rf"(?:(?:{_any(_MONTHS)})\b(?:(?<=\b\w{{3}})\.|(?<=\bsept)\.)?)"
ENGLISH_WEEKDAY = rf"(?:{_any(_WEEKDAYS)})\b\.?"
WEEKDAY = rf"(?:{ENGLISH_WEEKDAY}|(?:d?dydd|nos)\s+(?:{_any(_WELSH_WEEKDAYS)})\b)"


def month(name: str) -> int:
    """1 to 12, of a name that `MONTH` matches."""
    return _MONTH_NUMBERS[name.lower().rstrip(".")]


def weekday(name: str) -> int:
    """0 for Monday, of a name that `WEEKDAY` matches."""
    return _WEEKDAY_NUMBERS[name.lower().split()[-1].rstrip(".")]
