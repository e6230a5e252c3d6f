"""Measures the press beside mjml and juice, a rehearsal beside a sending, and the bytes of issues.

    .venv/bin/python benchmarks/press.py [--npm FOLDER] [--readers 100000] [--rounds 12]

mjml, juice and html-to-text come from npm into a temporary folder, or are taken from FOLDER. Both
sides are warm and take turns, so that a busy machine is busy for both; each figure is the lowest
CPU time (user and system) of all turns. Each turn prints issues whose words differ.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import press_bytes
import send
import sinks

from emag import bootstrap
from emag.content.story import Kind, Picture, Story
from emag.content.vacancies.vacancy import Vacancy
from emag.issues.issue import Issue, Pick, Section, Status
from emag.press.compose import compose
from emag.press.element_kinds import kinds_of_elements
from emag.press.inline import inline
from emag.press.mjml import compile_mjml
from emag.settings import Settings, load

PEER = Path(__file__).parent / "press_peer.mjs"
PACKAGES = ("mjml", "juice", "html-to-text")
ISSUES = 8  # with different words, in each turn
STAGES = ("html", "cold", "document")
NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
ENVIRON = {"EMAG_SECRET_KEY": send.SECRET, "EMAG_BASE_URL": "https://mail.example.org"}
SUMMARY = (
    "A summary of the length that editors write when nobody stops them: it says what happened, "
    "to whom, and why the reader should care, and then it goes on a little longer than it needs to."
)


def post(number: int, of: int) -> Story:
    return Story(
        source="posts",
        kind=Kind.POST,
        link=f"https://example.org/blog/{of}/{number}/a-rather-long-address-as-blogs-make-them",
        title=f"Post {number} of {of}: a headline of the usual length, which takes two lines",
        summary=SUMMARY,
        published=NOW,
        picture=Picture(f"https://example.org/{of}/{number}.jpg", f"Picture {number}", 1200, 675),
        author="An Author",
        categories=("Campaigns",),
        kicker="Campaigns",
    )


def job(number: int, of: int) -> Story:
    role, employer = f"Communications Officer {number}", "A Council of Some Length"
    vacancy = Vacancy(role, employer, "Somewhere", 1, date(2026, 3, 20), "£35,000", number == 0)
    link = f"https://example.org/jobs/{of}/{number}"
    return Story("jobs", Kind.JOB, link, role, summary=SUMMARY, vacancy=vacancy)


def issue(posts: int = 15, jobs: int = 8, *, number: int = 1) -> Issue:
    """An issue whose words differ from those of another number."""
    blog = tuple(Pick(n, post(n, number)) for n in range(posts))
    board = tuple(Pick(posts + n, job(n, number)) for n in range(jobs))
    sections = (Section("posts", "New on the blog", blog), Section("jobs", "Featured jobs", board))
    note = f"Note {number}, with [a link](https://example.org/{number}) and **a word in bold**."
    facts = (number, Status.DRAFT, f"Subject {number}", None, NOW, NOW, "2026-03-05")
    return Issue(*facts, sections=sections, note=note)


def settings_of(folder: Path, transport: str = "") -> Settings:
    address = 'postal_address = "1 Example Street"\n'
    (folder / "emag.toml").write_text(send.TOML + address + transport)
    (folder / ".env").write_text("".join(f"{name}={text}\n" for name, text in ENVIRON.items()))
    return load(folder, ENVIRON)


# --- Beside mjml and juice -------------------------------------------------------------------


def lowest(run: Callable[[int], object]) -> float:
    """The lowest CPU time of a turn's runs, in milliseconds."""
    times = []
    for number in range(ISSUES):
        start = time.process_time()
        run(number)
        times.append((time.process_time() - start) * 1000)
    return min(times)


def unknown_kinds(html: str) -> str:
    """Inlines as in the first issue of a theme, when no element is known."""
    kinds_of_elements.cache_clear()
    return inline(html)


@contextmanager
def peer(npm: Path | None, sources: list[Path]) -> Iterator[subprocess.Popen[str] | None]:
    """The other chain in a process of its own; None without node and npm."""
    if not shutil.which("node") or not (npm or shutil.which("npm")):
        print("No node or npm is on the path, so there is nothing to compare with.")
        yield None
        return
    folder = npm or sources[0].parent
    if npm is None:
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", *PACKAGES]
        subprocess.run(install, cwd=folder, check=True)
    command = ["node", str(PEER), str(folder.resolve()), *map(str, sources)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:  # type: ignore[call-overload]
        yield process
        process.stdin.close()


def in_turns(rounds: int, npm: Path | None, folder: Path) -> None:
    settings = settings_of(folder)
    sources = [folder / f"{number}.mjml" for number in range(ISSUES)]
    for number, file in enumerate(sources):
        file.write_text(compose(issue(number=number), settings, now=NOW).mjml, "utf-8")
    by_emag: dict[str, float] = {}
    by_npm: dict[str, float] = {}
    with peer(npm, sources) as other:
        for turn in range(rounds):
            for name, figure in (own_turn(turn, settings) | answer(other)).items():
                lowest_times = by_emag if name in STAGES else by_npm
                lowest_times[name] = min(lowest_times.get(name, figure), figure)
    print(f"An issue of 15 posts and 8 jobs, CPU time, the lowest of {rounds} turns:\n")
    report(by_emag, by_npm)


def own_turn(turn: int, settings: Settings) -> dict[str, float]:
    """Prints issues and compiles MJML whose words and links were never seen before."""
    drafts = [issue(number=turn * ISSUES + number) for number in range(ISSUES)]
    printed = [compose(draft, settings, now=NOW).mjml for draft in drafts]
    mjml = [text.replace("example.org", "example.com") for text in printed]
    others = [issue(number=-turn * ISSUES - number) for number in range(1, ISSUES + 1)]
    compiled = [compile_mjml(text) for text in printed]
    return {
        "html": lowest(lambda n: inline(compile_mjml(mjml[n]))),
        "cold": lowest(lambda n: unknown_kinds(compiled[n])),
        "document": lowest(lambda n: compose(others[n], settings, now=NOW)),
    }


def answer(other: subprocess.Popen[str] | None) -> dict[str, float]:
    if other is None or other.stdin is None or other.stdout is None:
        return {}
    other.stdin.write("go\n")
    other.stdin.flush()
    return dict(json.loads(other.stdout.readline()))


def report(by_emag: dict[str, float], by_npm: dict[str, float]) -> None:
    print(f"  {'MJML to inlined HTML':<52}{by_emag['html']:>8.2f} ms")
    print(f"  {'  inlining alone, when no element is known':<52}{by_emag['cold']:>8.2f} ms")
    print(f"  {'draft to document, with the text part':<52}{by_emag['document']:>8.2f} ms")
    if not by_npm:
        return
    as_it_comes = by_npm["mjml"] + by_npm["juice"]
    alike = by_npm["mjml"] + by_npm["juice, one block"]
    row("mjml and juice as they come", as_it_comes, by_emag["html"])
    row("mjml and juice, told to leave the same style blocks", alike, by_emag["html"])
    # Their chain needs a draft, templates and a text part too: it gets emag's.
    around = by_emag["document"] - by_emag["html"]
    row(
        "the same draft and templates, then mjml and juice",
        around + as_it_comes,
        by_emag["document"],
    )
    row("  told to leave the same style blocks", around + alike, by_emag["document"])
    alone = alike + by_npm["text"]
    row("  with html-to-text, and the MJML for nothing", alone, by_emag["document"])


def row(label: str, by_npm: float, by_emag: float) -> None:
    print(f"  {label:<52}{by_npm:>8.2f} ms   {by_npm / by_emag:.1f} times emag's")


# --- A rehearsal beside a sending ------------------------------------------------------------


def rehearsal(readers: int, folder: Path) -> None:
    with sinks.own_sink("smtp", readers) as port:
        place = f'host = "127.0.0.1"\nport = {port}\nsecurity = "none"\nconnections = 4\n'
        settings = settings_of(folder, f'[transport]\nkind = "smtp"\n{place}')
        database = bootstrap.connect(settings)
        bootstrap.upgrade(database)
        printed = replace(compose(issue(), settings, now=NOW), preheader="")
        send.approved(database, printed, readers)
        database.close()
        rehearsed = min(command(folder, "--dry-run") for _ in range(2))
        sent = command(folder, "--yes")
    print(f"\nThe whole command for {readers:,} readers, CPU time:\n")
    print(f"  emag issue send 1 --dry-run {rehearsed:>8.2f} s")
    print(f"  emag issue send 1 --yes     {sent:>8.2f} s   by SMTP to a sink")
    print(f"  a rehearsal costs {rehearsed / sent:.2f} of a sending (limit 0.33)")


def command(folder: Path, option: str) -> float:
    """The CPU time of “emag issue send” in seconds, from its start to its end."""
    before = send.used(resource.RUSAGE_CHILDREN)
    words = [sys.executable, "-m", "emag", "--dir", str(folder), "issue", "send", "1", option]
    subprocess.run([*words, "--json"], check=True, capture_output=True)
    return send.used(resource.RUSAGE_CHILDREN) - before


# --- The bytes -------------------------------------------------------------------------------


def sizes(folder: Path) -> None:
    settings = settings_of(folder)
    for (posts, jobs), (limit, before) in press_bytes.BEFORE.items():
        html = compose(issue(posts, jobs), settings, now=NOW).whole.html
        parts = press_bytes.by_part(html)
        print(f"\nThe HTML of {posts} posts and {jobs} jobs, bytes:{'before':>29}{'now':>10}\n")
        for name in before:
            print(f"  {name:<52}{before[name]:>10,}{parts[name]:>10,}")
        print(f"  {'all':<52}{sum(before.values()):>10,}{len(html.encode()):>10,}   ", end="")
        print(f"limit {limit:,}")
        assert parts.total() == len(html.encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--npm", type=Path)
    parser.add_argument("--readers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=12)
    options = parser.parse_args()
    for measure in (
        lambda folder: in_turns(options.rounds, options.npm, folder),
        lambda folder: rehearsal(options.readers, folder),
        sizes,
    ):
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder))


if __name__ == "__main__":
    main()
