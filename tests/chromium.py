"""Starts a real Chromium for tests, and finds the faults of a page."""

import atexit
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests import axe

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 30_000  # milliseconds: a machine with other work is slow, and that is no fault of a page


_started: list = []  # the browser of this process


@contextmanager
def started() -> Iterator:
    """Yields the one browser of this process. Without Chromium the test is skipped.

    Playwright allows one at a time in a thread, so all tests share it; each makes its own context.
    """
    playwright = pytest.importorskip("playwright.sync_api")
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if not program:
        pytest.skip("there is no Chromium on this machine")
    if not _started:
        playwright.expect.set_options(timeout=PATIENCE)
        running = playwright.sync_playwright().start()
        _started.append(running.chromium.launch(executable_path=program, args=FLAGS))
        atexit.register(_stop, running)
    yield _started[0]


def _stop(running) -> None:
    _started.pop().close()
    running.stop()


def audit(page) -> list[str]:
    """Returns the faults that axe finds. Without axe there are none."""
    if not axe.SCRIPT.is_file():
        return []
    _settle(page)
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(axe.SCRIPT.read_text())
    violations = page.evaluate("axe.run({resultTypes: ['violations']}).then((r) => r.violations)")
    return [
        f"{violation['id']}: {node['html'][:80]}"
        for violation in violations
        for node in violation["nodes"]
    ]


def faults(page) -> list[str]:
    """Returns the faults that axe does not look for, and low contrast, which axe often misses."""
    _settle(page)
    return page.evaluate(FAULTS)


def _settle(page) -> None:
    """Ends what still fades from one colour to another: in between there is little contrast."""
    page.evaluate("document.getAnimations().forEach((each) => each.finish())")


FAULTS = """() => {
  const faults = [];
  if (document.documentElement.scrollWidth > innerWidth) faults.push("wider than the window");
  if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
  if (!document.documentElement.lang) faults.push("no language");
  if (document.querySelectorAll("main").length !== 1) faults.push("not one main");
  for (const input of document.querySelectorAll("input:not([type=hidden])"))
    if (!input.labels.length) faults.push("no label: " + input.name);
  const seen = (e) => e.getClientRects().length && !e.closest("[aria-hidden=true]");
  for (const it of document.querySelectorAll("button, .button, input:not([type=hidden])"))
    if (seen(it) && !/^(checkbox|radio)$/.test(it.type) && it.getBoundingClientRect().height < 44)
      faults.push("too small to press: " + it.outerHTML.slice(0, 60));
  const value = (colour) => {
    const canvas = document.createElement("canvas").getContext("2d");
    canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(v => v / 255).map(
      v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * x + .7152 * y + .0722 * z;
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const colour = value(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  for (const it of document.querySelectorAll("body *")) {
    const text = [...it.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!text || !seen(it)) continue;
    const [a, b] = [light(value(getComputedStyle(it).color)), light(ground(it))];
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (contrast < 4.5) faults.push(contrast.toFixed(1) + ": " + it.textContent.slice(0, 40));
  }
  return faults;
}"""
