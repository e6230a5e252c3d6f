"""Tests the reading of labelled bounces from other projects, and prints the figures."""

import json

import pytest

from emag.mailing.event import EventKind
from emag.mailing.returns.bounces.classify import classify

SUPPRESSING = {EventKind.HARD, EventKind.COMPLAINT}
UNKNOWN = {"permanent", "temporary", "unknown"}


@pytest.fixture(scope="module")
def labelled(corpus):
    """The strict labels, each with the finding of its mail."""
    lines = (corpus / "bounces/labels.jsonl").read_text().splitlines()
    labels = [json.loads(line) for line in lines]
    findings = [classify((corpus / "bounces" / label["file"]).read_bytes()) for label in labels]
    return [pair for pair in zip(labels, findings, strict=True) if pair[0]["strict"]]


@pytest.fixture
def show(pytestconfig, capsys):
    """Writes a line to the terminal."""

    def show(line: str) -> None:
        with capsys.disabled():
            pytestconfig.get_terminal_writer().line(f"\n{line}")

    return show


def addresses(label, finding) -> tuple[set[str], set[str]]:
    """The addresses in the label, and those in the finding."""
    wanted = {r["address"].lower() for r in label["recipients"] if r.get("address")}
    return wanted, {f.address.lower() for f in finding.failures if f.address}


def test_the_right_addresses_and_no_wrong_ones(labelled, show):
    pairs = [addresses(label, finding) for label, finding in labelled]
    wanted = sum(len(expected) for expected, _ in pairs)
    named = sum(len(actual) for _, actual in pairs)
    right = sum(len(expected & actual) for expected, actual in pairs)
    show(f"addresses: {right / wanted:.1%} right, {(named - right) / named:.1%} wrong")
    assert right / wanted >= 0.98
    assert (named - right) / named < 0.01


def suppresses(recipient) -> bool:
    """By the label, except for reports that never suppress (RFC 6430, RFC 6591)."""
    if recipient.get("feedback_type") in {"auth-failure", "not-spam"}:
        return False
    return recipient["outcome"] in SUPPRESSING


def test_the_action_is_the_right_one(labelled, show):
    results = []
    for label, finding in labelled:
        outcomes = {f.address.lower(): f.outcome for f in finding.failures}
        for recipient in label["recipients"]:
            outcome = outcomes.get((recipient.get("address") or "").lower())
            if outcome and recipient["outcome"] not in UNKNOWN:
                results.append((suppresses(recipient), outcome in SUPPRESSING))
    right = sum(expected == actual for expected, actual in results)
    wrong = sum(actual and not expected for expected, actual in results)
    show(f"actions: {right / len(results):.1%} right, {wrong} suppressed by mistake")
    assert right / len(results) >= 0.95
    assert wrong <= 8


def test_a_temporary_failure_never_suppresses(labelled):
    for label, finding in labelled:
        if any(r["outcome"] == "temporary" for r in label["recipients"]):
            assert not SUPPRESSING & {f.outcome for f in finding.failures}, label["file"]


def test_a_mail_that_is_no_bounce_changes_nothing(labelled):
    harmless = [finding for label, finding in labelled if label.get("is_bounce") is False]
    assert harmless
    for finding in harmless:
        assert finding.failures == ()
        assert finding.outcome in {EventKind.NONE, EventKind.AUTOREPLY}
