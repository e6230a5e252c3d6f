"""The tables [desk] and [desk.sso] of emag.toml: how editors sign in at the desk."""

import re
from typing import Literal

from pydantic import model_validator

from emag.settings.kinds import TomlTable

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)


class SsoSettings(TomlTable):
    """Work accounts of one organisation. The client's secret is EMAG_SSO_SECRET."""

    provider: Literal["", "microsoft", "google"] = ""
    tenant: str = ""  # Microsoft: the tenant's number; Google: the organisation's domain
    client_id: str = ""

    @model_validator(mode="after")
    def _names_one_tenant(self) -> "SsoSettings":
        if self.provider == "microsoft" and not _GUID.fullmatch(self.tenant):
            raise ValueError(
                "desk.sso.tenant is the number of your tenant, such as "
                "0d5b0f3e-0000-0000-0000-000000000000: “common” would let everybody in"
            )
        if self.provider == "google" and not _DOMAIN.fullmatch(self.tenant):
            raise ValueError("desk.sso.tenant is your organisation's domain at Google")
        if self.provider and not self.client_id:
            raise ValueError("desk.sso.client_id is missing")
        return self


class DeskSettings(TomlTable):
    """`approve_with`: what a session must have been opened with to approve at the desk."""

    # "code" accepts a code sent by mail too, for teams whose machines forbid passkeys.
    approve_with: Literal["passkey", "code"] = "passkey"
    sso: SsoSettings = SsoSettings()
