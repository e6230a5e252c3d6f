"""Verifies the signature of an approval: a passkey signed this document, its time, its readers."""

from collections.abc import Iterator

from emag.bundle import manifest
from emag.bundle.comparison import BundleFault
from emag.bundle.manifest import Manifest
from emag.editors.assertion import Assertion, verify_assertion
from emag.errors import PasskeyRefused


def wrong_signature(expected: Manifest) -> Iterator[BundleFault]:
    """The fault of a signature that does not fit the bundle; none where the approval has none."""
    signature = expected.approval.signature
    if signature is None:
        return
    if signature.terms.hash != expected.document.hash:
        yield BundleFault(manifest.NAME, "has a signature of another document")
        return
    try:
        verify_assertion(
            Assertion.read(signature.assertion),
            signature.terms.challenge(signature.nonce),
            rp_id=signature.site,
            origin=signature.origin,
        )
    except PasskeyRefused as error:
        yield BundleFault(manifest.NAME, f"has a wrong signature: {error}")
