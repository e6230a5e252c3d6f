"""A reader and a consent receipt as documents, for --json and for files."""

from collections.abc import Mapping
from dataclasses import asdict

from subscribers.desk import ConsentReceipt, ReaderRecord, Verification


def reader_document(reader: ReaderRecord) -> dict[str, object]:
    """A reader. An address that is known by its hash has no name and no topics."""
    document: dict[str, object] = {
        "address": reader.address,
        "status": reader.status,
        "topics": list(reader.topics),
        "since": reader.since,
        "reason": reader.reason,
    }
    if reader.is_hash:
        return document
    more = {"joined_at": reader.joined_at, "paused_until": reader.paused_until}
    return {**document, "name": reader.name, **more}


def receipt_document(receipt: ConsentReceipt) -> dict[str, object]:
    """Everything that proves what a reader agreed to."""
    return {
        **reader_document(receipt.reader),
        "made_at": receipt.made_at,
        "events": [asdict(event) for event in receipt.events],
        "letters": [asdict(letter) for letter in receipt.letters],
        "ledger": verification_document(receipt.record) if receipt.record else None,
    }


def verification_document(result: Verification) -> Mapping[str, object]:
    """What a check of the whole consent record found."""
    return {
        "ok": result.ok,
        "rows": result.rows,
        "first_bad": result.first_bad,
        "faults": list(result.faults),
        "readers": list(result.readers),
    }
