"""Chooses the organisation whose accounts sign editors in, as the settings name it."""

from typing import TYPE_CHECKING

from emag.errors import SettingsError

if TYPE_CHECKING:
    from emag.editors.work_account import WorkAccounts
    from emag.settings import Settings

BACK = "/desk/sign-in/organisation/back"  # where the organisation sends browsers; it has to be told


def work_accounts(settings: "Settings") -> "WorkAccounts | None":
    """Returns the organisation, or None where none is configured. Raises SettingsError."""
    options, environment = settings.desk.sso, settings.environment
    if not options.provider:
        return None
    if not environment.sso_secret:
        raise SettingsError(
            [f"EMAG_SSO_SECRET is not set, and desk.sso ({options.provider}) needs it"]
        )
    try:
        from emag.editors.openid import OpenIdClient
    except ModuleNotFoundError:
        raise SettingsError(["desk.sso.provider is set: install emag[sso]"]) from None
    return OpenIdClient(
        options.provider,
        options.tenant.lower(),
        options.client_id,
        environment.sso_secret,
        redirect=settings.base_url + BACK,
        host=environment.sso_host.rstrip("/"),
    )
