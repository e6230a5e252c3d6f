"""Chooses the ways by which alerts leave beside the relay, as the settings name them."""

from typing import TYPE_CHECKING

from emag.errors import SettingsError

if TYPE_CHECKING:
    from emag.alerts import AlertChannel
    from emag.settings import Settings


def alert_channels(settings: "Settings") -> "tuple[AlertChannel, ...]":
    """Raises SettingsError where a second mail server is named, and nobody to write to."""
    options = settings.alerts
    channels: list[AlertChannel] = []
    if options.webhook:
        from emag.alerts.webhook import Webhook
        from emag.network import NetworkAccess

        network = NetworkAccess(settings.network.allow_private)
        channels.append(Webhook(options.webhook, network=network, base_url=settings.base_url))
    if options.smtp_host:
        channels.append(_second_mail(settings))
    return tuple(channels)


def _second_mail(settings: "Settings") -> "AlertChannel":
    from emag.alerts.second_mail import SecondMail, SecondServer

    options, environment = settings.alerts, settings.environment
    recipients = options.smtp_to or settings.publication.editors
    if not recipients:
        raise SettingsError(["alerts.smtp_host is set, and nobody to write to: set alerts.smtp_to"])
    server = SecondServer(
        options.smtp_host,
        options.smtp_port,
        options.smtp_security,
        environment.alerts_smtp_username,
        environment.alerts_smtp_password,
    )
    return SecondMail(server, sender=settings.publication.sender, recipients=recipients)
