"""Whether the transport can be reached and knows us, without sending anything."""

import os
import smtplib
import ssl
from collections.abc import Iterator

import httpx

from emag.cli.doctor import Finding
from emag.settings import Settings

PATIENCE = 10.0  # seconds


def examine(settings: Settings) -> Iterator[Finding]:
    kind = settings.transport.kind
    if kind == "smtp":
        yield from _smtp(settings)
    elif kind == "sendgrid":
        yield from _sendgrid(settings)
    else:
        yield from _folder(settings)


def _folder(settings: Settings) -> Iterator[Finding]:
    path = settings.folder / settings.transport.path
    there = next(place for place in (path, *path.parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        yield Finding("transport", f"The folder {path} cannot be written")


def _smtp(settings: Settings) -> Iterator[Finding]:
    told, environment = settings.transport, settings.environment
    where = f"{told.host}:{told.port}"
    context = ssl.create_default_context()
    try:
        server: smtplib.SMTP = (
            smtplib.SMTP_SSL(told.host, told.port, timeout=PATIENCE, context=context)
            if told.security == "tls"
            else smtplib.SMTP(told.host, told.port, timeout=PATIENCE)
        )
        with server:
            server.ehlo()
            if told.security == "starttls":
                server.starttls(context=context)
            if environment.smtp_username:
                server.login(environment.smtp_username, environment.smtp_password)
    except smtplib.SMTPAuthenticationError as error:
        # The server's words may repeat the name: its code is enough.
        yield Finding("transport", f"{where} refuses EMAG_SMTP_USERNAME ({error.smtp_code})")
    except smtplib.SMTPNotSupportedError:
        wanted = "STARTTLS" if told.security == "starttls" else "logging in"
        yield Finding("transport", f"{where} does not offer {wanted}: see transport.security")
    except ssl.SSLError as error:
        yield Finding("transport", f"{where} cannot be trusted: {error.reason or 'no TLS'}")
    except (OSError, smtplib.SMTPException) as error:
        yield Finding("transport", f"{where} cannot be reached ({_reason(error)})")


def _sendgrid(settings: Settings) -> Iterator[Finding]:
    environment = settings.environment
    host = environment.sendgrid_host.rstrip("/")
    if not environment.sendgrid_api_key:
        yield Finding("transport", "EMAG_SENDGRID_API_KEY is not set")
        return
    key = {"Authorization": f"Bearer {environment.sendgrid_api_key}"}
    try:
        answer = httpx.get(f"{host}/v3/scopes", headers=key, timeout=PATIENCE)
        scopes = answer.json().get("scopes", []) if answer.is_success else []
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        yield Finding("transport", f"{host} cannot be reached ({_reason(error)})")
        return
    if answer.status_code in {401, 403}:
        yield Finding("transport", f"{host} refuses EMAG_SENDGRID_API_KEY ({answer.status_code})")
    elif not answer.is_success:
        yield Finding("transport", f"{host} answers {answer.status_code}", "warn")
    elif "mail.send" not in scopes:
        yield Finding("transport", "EMAG_SENDGRID_API_KEY may not send mail: it lacks mail.send")
    if not environment.sendgrid_webhook_key:
        yield Finding(
            "transport",
            "EMAG_SENDGRID_WEBHOOK_KEY is not set: no bounce or complaint will be heard of",
            "warn",
        )


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
