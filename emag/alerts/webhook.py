"""Posts alerts as JSON to an address of the publication's choice."""

import json
import ssl

import httpcore
import httpx

from emag.alerts import Alert
from emag.errors import SourceError, Unreachable
from emag.network import Deadline, Guard, NetworkAccess, TooSlow

_LARGEST_ANSWER = 65_536


class Webhook:
    """Posts to one address, within limits of time, and only where the network guard permits."""

    name = "webhook"

    def __init__(
        self, url: str, *, network: NetworkAccess, timeout: float = 15.0, base_url: str = ""
    ) -> None:
        self._url, self._network, self._timeout = url, network, timeout
        self._base_url = base_url
        self._host = httpx.URL(url).host

    def send(self, alert: Alert) -> None:
        """Raises Unreachable with one sentence, which does not repeat the address."""
        try:
            status = self._post(json.dumps(self._document(alert), ensure_ascii=False).encode())
        except (TooSlow, httpcore.TimeoutException):
            raise Unreachable(f"{self._host} did not answer in {self._timeout:g} seconds") from None
        except SourceError as error:
            raise Unreachable(str(error).replace("which sources may", "which emag may")) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            reason = "its certificate is not valid" if _is_about_tls(error) else "is it up?"
            raise Unreachable(f"{self._host} cannot be reached: {reason}") from None
        if not httpx.codes.is_success(status):
            raise Unreachable(f"{self._host} answered {status} to the alert")

    def _post(self, body: bytes) -> int:
        guard = Guard(self._network, Deadline.after(self._timeout))
        headers = [("Content-Type", "application/json"), ("User-Agent", "emag (alerts)")]
        headers.append(("Host", httpx.URL(self._url).netloc.decode()))
        headers.append(("Content-Length", str(len(body))))
        context = httpx.create_ssl_context()
        with (
            httpcore.ConnectionPool(ssl_context=context, network_backend=guard) as pool,
            pool.stream("POST", self._url, headers=headers, content=body) as response,
        ):
            read = 0
            for chunk in response.iter_stream():
                read += len(chunk)
                if read > _LARGEST_ANSWER:
                    break
            return response.status

    def _document(self, alert: Alert) -> dict[str, str]:
        # “text” is what chat services print; the others are for programs.
        return {
            "text": f"{alert.publication}: {alert.subject}\n\n{alert.text}",
            "publication": alert.publication,
            "url": self._base_url,
            "at": alert.at.isoformat(),
            "key": alert.key,
            "subject": alert.subject,
            "message": alert.text,
        }


def _is_about_tls(error: BaseException) -> bool:
    while cause := error.__cause__ or error.__context__:
        error = cause
    return isinstance(error, ssl.SSLError)
