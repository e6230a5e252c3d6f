"""Writes messages as .eml files into a folder: for dry runs and tests."""

import os
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from emag.errors import Unreachable
from emag.mailing.copy.message import Message
from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.transports import OnProgress, ignore_progress


class FolderTransport:
    """Writes one file for each message, named by delivery. A second copy gets another name."""

    name = "folder"
    batch = 20

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, messages: Sequence[Message]) -> list[Receipt]:
        return self.send_reporting(messages, ignore_progress)

    def send_reporting(self, messages: Sequence[Message], on_progress: OnProgress) -> list[Receipt]:
        try:
            # The copies hold readers' addresses, so only their owner may read them.
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise Unreachable(f"{self.path} cannot be made ({error.strerror})") from error
        receipts = []
        for place, message in enumerate(messages):
            on_progress(place, None)
            receipts.append(self._write(message))
            on_progress(place, receipts[-1].outcome)
        return receipts

    def close(self) -> None:
        """Does nothing: no connection is open."""

    def _write(self, message: Message) -> Receipt:
        if not message.sendable:
            return Receipt(Outcome.REFUSED, "the address is not allowed in a mail envelope")
        # The last mail server adds this line (RFC 5321 section 4.4). It shows where bounces go.
        letter = f"Return-Path: <{message.sender}>\r\n".encode() + message.wire()
        stem = f"{message.encoded.label}-{message.delivery:07d}"
        try:
            return Receipt(Outcome.ACCEPTED, reference=self._place(stem, letter))
        except OSError as error:
            return Receipt(Outcome.UNSENT, f"the file cannot be written ({error.strerror})")

    def _place(self, stem: str, letter: bytes) -> str:
        """Writes a whole file or none, never over another one: a link fails if the name exists."""
        draft = self.path / f".{stem}.{os.getpid()}.part"
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(letter)
            for copy in count(1):
                name = f"{stem}.eml" if copy == 1 else f"{stem}-copy{copy}.eml"
                try:
                    (self.path / name).hardlink_to(draft)
                except FileExistsError:
                    continue
                return name
        finally:
            draft.unlink(missing_ok=True)
        raise AssertionError("count() has no end")
