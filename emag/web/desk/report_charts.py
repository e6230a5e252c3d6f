"""The charts of a report, in the words of the desk: each a sentence, a picture and its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from emag.desk.report import DomainResult, IssueReport
from emag.press import chart
from emag.press.chart import Bar
from emag.web.desk.markup import drawn
from emag.web.desk.shell import Shell

MOST = 8  # domains in the chart; the table has all
_OUTCOMES = ("accepted", "refused", "doubtful", "skipped", "deferred", "queued", "inflight")
_REPORTS = ("delivered", "bounced", "complained")
_COLUMNS = ("planned", "accepted", "delivered", "bounced", "complained", "refused", "doubtful")
_SMALLEST = 0.1  # percent


@dataclass(frozen=True, slots=True)
class DrawnChart:
    """A chart with the sentence that says what it shows."""

    sentence: str
    picture: Markup


def outcome_chart(shell: Shell, report: IssueReport) -> DrawnChart:
    """What became of the copies."""
    counts, planned = report.counts, report.counts["planned"]
    bars = [
        Bar(shell.words(f"report.name.{name}"), counts[name], _share(counts[name], planned))
        for name in (*_OUTCOMES, *_REPORTS)
        if counts[name] or name == "accepted"
    ]
    sentence = shell.words(
        "report.sentence",
        planned=f"{planned:,}",
        accepted=f"{counts['accepted']:,}",
        bounced=f"{counts['bounced']:,}",
        left=f"{report.left:,}",
    )
    title = shell.words("report.outcomes")
    return DrawnChart(sentence, drawn(chart.bars(title, sentence, bars, name="outcomes")))


def domain_chart(shell: Shell, report: IssueReport) -> DrawnChart | None:
    """The share of each large domain that was accepted; None with one domain only."""
    largest = [domain for domain in report.domains if domain.counts["planned"]][:MOST]
    if len(largest) < 2:  # noqa: PLR2004 - one bar says nothing
        return None
    bars = [
        Bar(
            name_of(shell, domain),
            domain.counts["accepted"],
            shell.words("report.of", planned=f"{domain.counts['planned']:,}"),
        )
        for domain in largest
    ]
    sentence = _domain_sentence(shell, largest)
    title = shell.words("report.accepted_by_domain")
    return DrawnChart(sentence, drawn(chart.bars(title, sentence, bars, name="by-domain")))


def name_of(shell: Shell, domain: DomainResult) -> str:
    """The domain's name, or the words for all small ones."""
    return shell.words("report.others") if domain.domain == "others" else domain.domain


def filled_columns(report: IssueReport) -> list[str]:
    """The columns of the table by domain in which something stands."""
    return [
        name
        for name in _COLUMNS
        if name in _COLUMNS[:2] or any(domain.counts[name] for domain in report.domains)
    ]


def _domain_sentence(shell: Shell, domains: Sequence[DomainResult]) -> str:
    """Names the domain that took the smallest share."""
    worst = min(domains, key=lambda domain: domain.counts["accepted"] / domain.counts["planned"])
    share = _share(worst.counts["accepted"], worst.counts["planned"])
    if worst.counts["accepted"] == worst.counts["planned"]:
        return shell.words("report.domains_all")
    return shell.words("report.domains_worst", domain=name_of(shell, worst), share=share or "0 %")


def _share(count: int, planned: int) -> str:
    if not count or not planned:
        return ""
    share = 100 * count / planned
    return f"{share:.1f} %" if share >= _SMALLEST else f"< {_SMALLEST} %"
