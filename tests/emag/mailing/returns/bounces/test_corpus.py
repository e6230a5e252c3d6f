"""Mails of others, with what their readers say of them."""

import json

import pytest

from emag.mailing.event import EventKind
from emag.mailing.returns.bounces.classify import classify

SUPPRESSING = {EventKind.HARD, EventKind.COMPLAINT}
UNKNOWN = {"permanent", "temporary", "unknown"}


@pytest.fixture(scope="module")
def labelled(corpus):
    lines = (corpus / "bounces/labels.jsonl").read_text().splitlines()
    labels = [json.loads(line) for line in lines]
    found = [
        (label, classify((corpus / "bounces" / label["file"]).read_bytes())) for label in labels
    ]
    return [(label, finding) for label, finding in found if label["strict"]]


def addresses(label, finding):
    wanted = {r["address"].lower() for r in label["recipients"] if r.get("address")}
    named = {f.address.lower() for f in finding.failures if f.address}
    return wanted, named


def test_the_right_addresses_and_no_wrong_ones(labelled):
    wanted = named = right = 0
    for label, finding in labelled:
        want, got = addresses(label, finding)
        wanted, named, right = wanted + len(want), named + len(got), right + len(want & got)
    assert right / wanted >= 0.95
    assert (named - right) / named < 0.01


def suppresses(recipient) -> bool:
    """By the label, except that these kinds of report never do (RFC 6430, RFC 6591)."""
    if recipient.get("feedback_type") in {"auth-failure", "not-spam"}:
        return False
    return recipient["outcome"] in SUPPRESSING


def test_the_action_is_the_right_one(labelled):
    asked = kept = 0
    for label, finding in labelled:
        got = {f.address.lower(): f.outcome for f in finding.failures}
        for recipient in label["recipients"]:
            outcome = got.get((recipient.get("address") or "").lower())
            if outcome and recipient["outcome"] not in UNKNOWN:
                asked += 1
                kept += suppresses(recipient) == (outcome in SUPPRESSING)
    assert kept / asked >= 0.94


def test_what_is_temporary_never_suppresses(labelled):
    for label, finding in labelled:
        if any(r["outcome"] == "temporary" for r in label["recipients"]):
            assert not SUPPRESSING & {f.outcome for f in finding.failures}, label["file"]


def test_what_is_no_bounce_changes_nothing(labelled):
    harmless = [pair for pair in labelled if pair[0].get("is_bounce") is False]
    assert harmless
    for _, finding in harmless:
        assert finding.failures == ()
        assert finding.outcome in {EventKind.NONE, EventKind.AUTOREPLY}
