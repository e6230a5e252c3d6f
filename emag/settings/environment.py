"""The EMAG_… variables: secrets, and what belongs to one machine."""

import re
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from emag.errors import SettingsError
from emag.settings.kinds import Networks, TomlTable, is_loopback

MIN_SECRET = 32
_LINK = re.compile(r"[!#-+\--;=?-~]+")  # what a header may hold between < and >


class Environment(TomlTable):
    """Secrets and deployment: the EMAG_… variables."""

    database_url: str = ""
    secret_key: str = Field(default="", repr=False)
    base_url: str = "http://localhost:8400"  # passkeys need a host name
    smtp_username: str = ""
    smtp_password: str = Field(default="", repr=False)
    sendgrid_api_key: str = Field(default="", repr=False)
    sendgrid_host: str = ""  # a stand-in; empty: that of the account's region
    sendgrid_webhook_key: str = ""
    postmark_webhook_username: str = ""
    postmark_webhook_password: str = Field(default="", repr=False)
    mailgun_signing_key: str = Field(default="", repr=False)
    mailbox_username: str = ""
    mailbox_password: str = Field(default="", repr=False)
    signup_secret: str = Field(default="", repr=False)
    signup_token: str = Field(default="", repr=False)
    stories_secret: str = Field(default="", repr=False)
    stories_token: str = Field(default="", repr=False)
    sso_secret: str = Field(default="", repr=False)
    sso_host: str = ""  # of a work account's sign-in, for a national cloud
    alerts_smtp_username: str = ""
    alerts_smtp_password: str = Field(default="", repr=False)
    engine: Literal["embedded", "procrastinate"] = "embedded"
    # The networks whose X-Forwarded-… headers are believed.
    trusted_proxies: Networks = Field(default="127.0.0.0/8, ::1/128", validate_default=True)
    log: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("base_url")
    @classmethod
    def _is_public(cls, value: str) -> str:
        if fault := _fault_of(value):
            raise ValueError(fault)
        return value

    @field_validator("secret_key")
    @classmethod
    def _is_long(cls, value: str) -> str:
        if any(len(key.strip()) < MIN_SECRET for key in value.split(",") if value):
            least = f"it needs {MIN_SECRET} characters or more"
            raise ValueError(f"EMAG_SECRET_KEY is too short: {least}")
        return value

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that no log may hold: of the fields without a `repr`."""
        fields = type(self).model_fields.items()
        values = [str(getattr(self, name)) for name, field in fields if not field.repr]
        keys = [key.strip() for value in values for key in (value, *value.split(","))]
        password = urlsplit(self.database_url).password if "@" in self.database_url else ""
        return tuple(dict.fromkeys(key for key in (*keys, password or "") if key))


def check_base_url(value: str) -> None:
    """Raises SettingsError for an address that cannot be the public one."""
    if fault := _fault_of(value):
        raise SettingsError([fault])


def _fault_of(value: str) -> str:
    url = value.rstrip("/")
    base = urlsplit(url)
    if base.scheme != "https" and not (base.scheme == "http" and is_loopback(base.hostname)):
        return (
            f"EMAG_BASE_URL is “{url}”: public links must be https "
            "(http only on this machine itself)"
        )
    if not _LINK.fullmatch(url):
        return f"EMAG_BASE_URL is “{url}”: it holds a character that no link in a mail may hold"
    return ""
