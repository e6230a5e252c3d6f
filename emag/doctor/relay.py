"""Whether the transport can be reached and knows us, without sending anything."""

import os
import smtplib
import ssl
from collections.abc import Iterator

import httpx

from emag.doctor import Problem
from emag.settings import Settings

PATIENCE = 10.0  # seconds


def examine(settings: Settings) -> Iterator[Problem]:
    kind = settings.transport.kind
    if kind == "smtp":
        yield from _smtp(settings)
    elif kind == "sendgrid":
        yield from _sendgrid(settings)
    else:
        yield from _folder(settings)


def _folder(settings: Settings) -> Iterator[Problem]:
    path = settings.folder / settings.transport.path
    there = next(place for place in (path, *path.parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        yield Problem("transport", f"The folder {path} cannot be written")


def _smtp(settings: Settings) -> Iterator[Problem]:
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
        yield Problem("transport", f"{where} refuses EMAG_SMTP_USERNAME ({error.smtp_code})")
    except smtplib.SMTPNotSupportedError:
        wanted = "STARTTLS" if told.security == "starttls" else "logging in"
        yield Problem("transport", f"{where} does not offer {wanted}: see transport.security")
    except ssl.SSLError as error:
        yield Problem("transport", f"{where} cannot be trusted: {error.reason or 'no TLS'}")
    except (OSError, smtplib.SMTPException) as error:
        yield Problem("transport", f"{where} cannot be reached ({_reason(error)})")


def _sendgrid(settings: Settings) -> Iterator[Problem]:
    environment = settings.environment
    host = environment.sendgrid_host.rstrip("/")
    if not environment.sendgrid_api_key:
        yield Problem("transport", "EMAG_SENDGRID_API_KEY is not set")
        return
    key = {"Authorization": f"Bearer {environment.sendgrid_api_key}"}
    try:
        answer = httpx.get(f"{host}/v3/scopes", headers=key, timeout=PATIENCE)
        scopes = answer.json().get("scopes", []) if answer.is_success else []
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        yield Problem("transport", f"{host} cannot be reached ({_reason(error)})")
        return
    if answer.status_code in {401, 403}:
        yield Problem("transport", f"{host} refuses EMAG_SENDGRID_API_KEY ({answer.status_code})")
    elif not answer.is_success:
        yield Problem("transport", f"{host} answers {answer.status_code}", "warn")
    elif "mail.send" not in scopes:
        yield Problem("transport", "EMAG_SENDGRID_API_KEY may not send mail: it lacks mail.send")
    if not environment.sendgrid_webhook_key:
        yield Problem(
            "transport",
            "EMAG_SENDGRID_WEBHOOK_KEY is not set: no bounce or complaint will be heard of",
            "warn",
        )


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
