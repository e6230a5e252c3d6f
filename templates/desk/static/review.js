// The review: records what somebody has looked at, and says when it changed while they read.
"use strict";
(() => {
  const EVERY = 20000; // milliseconds between two looks at what others did
  const LOOKED_AT = 2500; // milliseconds in sight that count as a look
  const page = () => document.getElementById("review");

  // A look is recorded once. The address then names the look before, so that loading the page
  // again still shows what changed since.
  function look() {
    if (!page() || document.hidden || page().dataset.recorded) return;
    page().dataset.recorded = "yes";
    const before = page().dataset.look;
    window.emag.post(`${location.pathname}/look`, { revision: page().dataset.revision }).then((answer) => {
      if (answer.ok && !new URLSearchParams(location.search).has("look"))
        history.replaceState(null, "", `${location.pathname}?look=${before}${location.hash}`);
    }).catch(() => {});
  }
  const lookSoon = () => setTimeout(look, LOOKED_AT);

  // Another state is not shown by itself: the approval is about what is on the screen.
  async function compare() {
    if (!page() || document.hidden) return;
    const before = page().dataset.look;
    let answer;
    try {
      answer = await fetch(`${location.pathname}?look=${before}`, { headers: { "X-Emag-Poll": "1" }, cache: "no-store" });
    } catch { return; }
    if (answer.status !== 200 || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (fresh.getElementById("review")?.dataset.state === page().dataset.state) return;
    document.getElementById("changed-notice").hidden = false;
    for (const id of ["changes", "acts"]) {
      const section = document.getElementById(id), other = fresh.getElementById(id);
      if (section && other) section.innerHTML = other.innerHTML;
    }
  }

  // The switch of the views says which one is in the frame.
  function mark(link) {
    for (const other of document.querySelectorAll("#preview-switch a"))
      other.toggleAttribute("aria-current", false);
    link.setAttribute("aria-current", "true");
    const frame = document.getElementById("preview");
    frame.className = `mail ${link.dataset.view}`;
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("#preview-switch a[data-view]");
    if (link) mark(link);
  });

  // Not <noscript>: some browsers take scripts away after they have read the page.
  for (const sentence of document.querySelectorAll("[data-without-script]")) sentence.hidden = true;

  document.addEventListener("DOMContentLoaded", () => {
    const first = document.querySelector("#preview-switch a[data-view]");
    if (first) mark(first);
    lookSoon();
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { lookSoon(); compare(); } });
  setInterval(compare, EVERY);
})();
