// Makes the page of an issue answer without loading: buttons, keys, drag, panels, who is here.
"use strict";
window.emag ??= {};
document.documentElement.classList.add("scripted");
(() => {
  const HERE = 20000; // milliseconds between two signs of life
  const issue = () => document.getElementById("issue")?.dataset;
  const page = () => `/desk/issues/${issue().issue}`;
  const texts = () => document.getElementById("texts").dataset;

  // Shows a page of the desk in place of this one. Focus and scroll stay where they are.
  let tag = "";
  async function show(answer, focus) {
    if (answer.status === 304) return;
    const { pathname, search } = new URL(answer.url);
    if (answer.status === 401 || pathname === "/desk/sign-in") { window.emag.signedOut?.(); return; }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
    if (answer.status !== 200) { tell(fresh?.querySelector("[role=alert]")?.textContent ?? texts().offline); return; }
    if (pathname !== page()) { location.href = answer.url; return; }
    tag = answer.headers.get("ETag");
    history.replaceState(history.state, "", pathname + search);
    window.emag.prepare?.(fresh);
    keepView(fresh);
    const scroll = keepFrame();
    await htmx.swap({ target: "#main", swap: "innerMorph", text: fresh.innerHTML });
    scroll();
    const at = focus.map((id) => document.getElementById(id)).find(Boolean);
    if (at && document.activeElement !== at) at.focus();
  }
  function tell(text) { document.getElementById("told").textContent = text; }
  // One request at a time, so that an older page never takes the place of a newer one.
  // Where the page is by then is asked when its turn has come: a panel may be about to open.
  let queue = Promise.resolve();
  const current = () => page() + location.search;
  function ask(url, options, focus = []) {
    queue = queue.then(async () => {
      let answer;
      try { answer = await fetch(url === current ? current() : url, options); } catch { if (focus.length) tell(texts().offline); return; }
      await show(answer, focus);
    });
    return queue;
  }
  const visit = (query, focus) => ask(page() + (query ? `?${query}` : ""), { cache: "no-store" }, focus);
  window.emag.open = (story) => visit(`words=${story}`, [`story-${story}-title`]);
  window.emag.reload = () => ask(current, { cache: "no-store" });
  function poll() {
    if (document.hidden) return;
    const headers = { "X-Emag-Poll": "1" };
    if (tag) headers["If-None-Match"] = tag;
    ask(current, { headers, cache: "no-store" });
  }
  setInterval(poll, HERE);
  document.addEventListener("visibilitychange", poll);

  // The frame shows the view that was chosen last.
  let view = "";
  function keepView(fresh) {
    const link = view && fresh.querySelector(`#preview-switch [data-view="${view}"]`);
    const frame = fresh.querySelector("#preview");
    if (!link || !frame) return;
    frame.setAttribute("src", link.getAttribute("href"));
    frame.className = `mail ${view}`;
    link.setAttribute("aria-current", "true");
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("#preview-switch [data-view]");
    if (!link) return;
    event.preventDefault();
    view = link.dataset.view;
    for (const other of document.querySelectorAll("#preview-switch [aria-current]")) other.removeAttribute("aria-current");
    keepView(document.getElementById("main"));
  });

  // The frame is drawn again when the mail changes; it stays at the same line.
  function keepFrame() {
    const frame = document.getElementById("preview");
    const address = frame?.getAttribute("src");
    let top = 0;
    try { top = frame.contentWindow.scrollY; } catch { return () => {}; }
    return () => {
      const now = document.getElementById("preview");
      if (!top || !now || now.getAttribute("src") === address) return;
      now.addEventListener("load", () => { try { now.contentWindow.scrollTo(0, top); } catch { /* another page */ } }, { once: true });
    };
  }

  // Where the focus goes: to the same button, or to that of the next story if its story has gone.
  function focusAfter(button) {
    if (!button?.id) return [];
    const story = button.closest(".story");
    const [name] = button.id.split("-");
    const beside = [story?.nextElementSibling, story?.previousElementSibling].filter((other) => other?.dataset.story);
    return [button.id, ...beside.map((other) => `${name}-${other.dataset.story}`), "undo"];
  }

  document.addEventListener("submit", (event) => {
    const form = event.target, button = event.submitter;
    if (!form.matches("form[data-quick]") || button?.dataset.panel) return;
    event.preventDefault();
    if (button?.getAttribute("aria-disabled") === "true") return;
    window.emag.saveAll?.();
    const values = new URLSearchParams(new FormData(form, button));
    ask(form.action, { method: "POST", body: values }, focusAfter(button));
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-panel]");
    if (!button) return;
    event.preventDefault();
    const isOpen = button.hasAttribute("data-open");
    const [kind, story] = button.dataset.panel.split("=");
    const first = kind === "words" ? `story-${story}-title` : `place-${story}`;
    visit(isOpen ? "" : button.dataset.panel, [isOpen ? button.id : first]);
  });

  // Keys.
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const story = event.target.closest(".story");
    if (event.altKey && story && ["ArrowUp", "ArrowDown"].includes(event.key)) {
      event.preventDefault();
      const button = document.getElementById(`${event.key === "ArrowUp" ? "up" : "down"}-${story.dataset.story}`);
      if (!button || button.getAttribute("aria-disabled") === "true") return;
      const body = new URLSearchParams(new FormData(button.form, button));
      ask(button.form.action, { method: "POST", body }, [document.activeElement.id]);
    }
    if (event.key.toLowerCase() === "z" && emag.areKeysOn() && !event.ctrlKey && !event.metaKey && !event.altKey)
      document.getElementById(event.shiftKey ? "redo" : "undo")?.click();
  });

  // Drag by the handle.
  const lists = new WeakSet();
  function drop({ item, to, newDraggableIndex }) {
    const body = new URLSearchParams({ do: "move", place: `${to.dataset.section}:${newDraggableIndex + 1}` });
    ask(`${page()}/stories/${item.dataset.story}`, { method: "POST", body });
  }
  function drags() {
    for (const list of document.querySelectorAll("ol.stories[data-section]"))
      if (window.Sortable && !lists.has(list)) {
        lists.add(list);
        Sortable.create(list, { group: "stories", handle: ".handle", draggable: ".story", delay: 250, delayOnTouchOnly: true, animation: 120, onEnd: drop });
      }
  }

  // On a phone the preview and the checks are tabs.
  const TABS = { "tab-work": "work", "tab-beside": "beside", "tab-checks": "checks" };
  const root = document.documentElement.dataset;
  root.tab = "work";
  function showTab() {
    for (const [id, name] of Object.entries(TABS)) {
      const link = document.getElementById(id);
      if (name === root.tab) link?.setAttribute("aria-current", "true");
      else link?.removeAttribute("aria-current");
    }
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("#tabs a");
    if (!link) return;
    event.preventDefault();
    root.tab = TABS[link.id];
    showTab();
  });
  // A fault leads to a field: on a phone the field is in another tab.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("#preflight a");
    const to = link && new URL(link.href);
    if (!to || to.pathname !== page() || !to.hash) return;
    event.preventDefault();
    root.tab = "work";
    showTab();
    const go = () => { const at = document.getElementById(to.hash.slice(1)); at?.focus(); at?.scrollIntoView({ block: "center" }); };
    if (document.getElementById(to.hash.slice(1))) go();
    else visit(to.search.slice(1)).then(go);
  });

  // Who is here.
  let field = "";
  async function sign() {
    if (document.hidden || !issue()) return;
    let answer;
    try {
      answer = await fetch(`${page()}/presence`, { method: "POST", body: new URLSearchParams({ page: "arrange", field }), headers: { "X-Emag-Poll": "1" } });
      if (answer.status !== 200) return;
    } catch { return; }
    const { here } = await answer.json();
    const place = document.getElementById("here");
    if ([...place.children].map((line) => line.textContent).join("\n") === here.join("\n")) return;
    place.replaceChildren(...here.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
  }
  let soon;
  const signSoon = () => { clearTimeout(soon); soon = setTimeout(sign, 400); };
  document.addEventListener("focusin", (event) => {
    const now = event.target.dataset?.field ? event.target.id : "";
    if (now !== field) { field = now; signSoon(); }
  });
  document.addEventListener("focusout", (event) => { if (event.target.dataset?.field) { field = ""; signSoon(); } });
  setInterval(sign, HERE);
  window.addEventListener("pagehide", () => navigator.sendBeacon(`${page()}/presence`, new URLSearchParams({ leave: "1" })));
  document.addEventListener("visibilitychange", signSoon);

  function attach() {
    for (const button of document.querySelectorAll("[data-panel]")) button.setAttribute("aria-expanded", button.hasAttribute("data-open"));
    drags();
    showTab();
  }
  document.addEventListener("DOMContentLoaded", () => { attach(); sign(); });
  document.addEventListener("htmx:after:swap", attach);
})();
