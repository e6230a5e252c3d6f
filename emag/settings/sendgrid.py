"""The table [sendgrid] of emag.toml: how an account at SendGrid is used."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from emag.settings.kinds import TomlTable

_MOST_CATEGORIES, _LONGEST_CATEGORY = 10, 255
_HOSTS = {"global": "https://api.sendgrid.com", "eu": "https://api.eu.sendgrid.com"}


def _categories(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(values) > _MOST_CATEGORIES or len(set(values)) < len(values):
        raise ValueError(f"write {_MOST_CATEGORIES} categories at most, each once")
    if not all(0 < len(value) <= _LONGEST_CATEGORY and value.isascii() for value in values):
        raise ValueError(
            f"a category has 1 to {_LONGEST_CATEGORY} characters, all of them ASCII: SendGrid "
            "drops others"
        )
    return values


def _pool(value: str) -> str:
    if value and not 2 <= len(value) <= 64:  # noqa: PLR2004 - SendGrid's own limits
        raise ValueError("the name of an IP pool has 2 to 64 characters")
    return value


class SendGridSettings(TomlTable):
    """The key is EMAG_SENDGRID_API_KEY."""

    region: Literal["global", "eu"] = "global"  # where the account, or the subuser, is
    categories: Annotated[
        tuple[str, ...], AfterValidator(_categories)
    ] = ()  # never a reader's data
    ip_pool: Annotated[str, AfterValidator(_pool)] = ""  # its name
    subuser: str = ""  # for whom the parent account's key sends
    unsubscribe_group: int = Field(default=0, ge=0)  # its number; 0 is none
    sandbox: bool = False  # SendGrid checks every request and sends nothing

    @property
    def host(self) -> str:
        return _HOSTS[self.region]
