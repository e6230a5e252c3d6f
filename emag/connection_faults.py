"""Says in plain words why a server could not be reached."""

import errno
import smtplib
import socket
import ssl

_BY_NUMBER = {
    errno.ECONNREFUSED: "nothing answers at that port",
    errno.ECONNRESET: "it ended the connection",
    errno.EHOSTUNREACH: "this machine has no way to it",
    errno.ENETUNREACH: "this machine has no network",
    errno.ETIMEDOUT: "it does not answer in time",
}


_BY_CLASS: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLError, "it does not speak TLS at that port"),
    (socket.gaierror, "its name has no address"),
    (TimeoutError, "it does not answer in time"),
)
# Of httpx, by name: what sends mail must not import it.
_BY_NAME = {
    "TimeoutException": "it does not answer in time",
    "TooManyRedirects": "it redirects in a circle",
    "InvalidURL": "its address cannot be read",
    "UnsupportedProtocol": "its address cannot be read",
}
_OTHERWISE = "it ended the connection"


def reason(error: BaseException) -> str:
    """Completes “HOST cannot be reached: …”. The words of a library are never repeated."""
    return next(filter(None, map(_of, _chain(error))), _OTHERWISE)


def _of(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid for that name ({certificate(error)})"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it answers {error.smtp_code}"
    by_class = (sentence for kind, sentence in _BY_CLASS if isinstance(error, kind))
    number = error.errno if isinstance(error, OSError) else None
    names = (kind.__name__ for kind in type(error).__mro__)
    by_name = next((_BY_NAME[name] for name in names if name in _BY_NAME), "")
    return next(by_class, by_name or _BY_NUMBER.get(number or 0, ""))


def certificate(error: ssl.SSLCertVerificationError) -> str:
    """What is wrong with a certificate, by OpenSSL's number."""
    by_code = {10: "it has expired", 9: "it does not count yet", 62: "it is for another name"}
    by_code |= dict.fromkeys((18, 19, 20, 21), "nobody that this machine trusts has signed it")
    return by_code.get(error.verify_code, "it cannot be trusted")


def _chain(error: BaseException) -> list[BaseException]:
    causes = [error]
    while (following := causes[-1].__cause__ or causes[-1].__context__) and len(causes) < 8:  # noqa: PLR2004 - a circle ends
        causes.append(following)
    return causes
