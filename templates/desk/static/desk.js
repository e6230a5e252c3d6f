// What makes every page of the desk quicker. All of it works without this script.
"use strict";
(() => {
  const EVERY = 20000; // milliseconds between two looks at what others did
  const main = () => document.getElementById("main");

  // Says something to screen readers, and to nobody else.
  window.emag ??= {};
  Object.assign(window.emag, {
    say(text) { document.getElementById("live").textContent = text; },
    // Sends a form's values and gives the answer. The header tells the desk that a script asks.
    post(url, values) {
      return fetch(url, {
        method: "POST", body: new URLSearchParams(values), redirect: "follow",
        headers: { "X-Emag-Script": "1", Accept: "application/json" },
      });
    },
    refresh,
    areKeysOn,
  });

  // Keys without Ctrl or Alt can be switched off in the help. This browser remembers it.
  const KEYS = "emag-keys";
  function areKeysOn() { try { return localStorage.getItem(KEYS) !== "off"; } catch { return true; } }
  document.addEventListener("DOMContentLoaded", () => {
    const box = document.getElementById("single-keys");
    if (!box) return;
    box.closest("[hidden]").hidden = false;
    box.checked = areKeysOn();
    box.addEventListener("change", () => { try { localStorage.setItem(KEYS, box.checked ? "on" : "off"); } catch { /* forbidden */ } });
  });

  const source = main()?.innerHTML; // as the desk sent it
  // A page with data-poll on its main element shows what the other editor did.
  let tag = null;
  async function refresh(force = false) {
    if (!main()?.dataset.poll && !force) return;
    // What is wrong with a form stays until it is sent again.
    if (document.getElementById("problems") && !force) return;
    const headers = { "X-Emag-Poll": "1" };
    if (tag && !force) headers["If-None-Match"] = tag;
    let answer;
    const address = document.querySelector("[data-poll-url]")?.dataset.pollUrl ?? location.href;
    try { answer = await fetch(address, { headers, cache: "no-store" }); } catch { return; }
    if (answer.status !== 200 || answer.redirected) return;
    const isFirst = tag === null && !force;
    tag = answer.headers.get("ETag");
    // A notice is on no later page: it stays until something else changes.
    if (isFirst && main().querySelector(".notice")) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("main");
    if (isFirst && fresh?.innerHTML === source) return;
    if (!fresh) return;
    isRefreshing = true;
    try { await htmx.swap({ target: "#main", swap: "innerMorph", text: fresh.innerHTML }); } finally { isRefreshing = false; }
  }
  // What somebody has opened stays open when the page shows what others did.
  let isRefreshing = false;
  htmx.registerExtension("stay-open", {
    htmx_before_morph_attr: (_, { attrName, newValue }) => !(isRefreshing && attrName === "open" && newValue === null),
  });
  setInterval(() => { if (!document.hidden) refresh(); }, EVERY);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  document.addEventListener("DOMContentLoaded", () => refresh());

  // The list of problems gets the focus, so that it is read first.
  const focusProblems = () => document.getElementById("problems")?.focus();
  document.addEventListener("DOMContentLoaded", focusProblems);
  document.addEventListener("htmx:after:swap", focusProblems);

  // The menu closes where somebody presses elsewhere, or Escape.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.more[open]"))
      if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "Escape")
      for (const menu of document.querySelectorAll("details.more[open]")) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    if (event.key === "?" && areKeysOn() && !isTyping && !event.ctrlKey && !event.metaKey && document.querySelector(".nav"))
      location.href = "/desk/help#keys";
  });
})();
