// Fields that save themselves. Nobody's text is lost: it stays in this browser until the desk has it.
"use strict";
window.emag ??= {};
(() => {
  const PAUSE = 800; // milliseconds after the last key
  const AGAIN = 5000; // after the desk could not be reached
  const WEEK = 7 * 24 * 60 * 60 * 1000; // a text for a story that has left the issue is kept so long
  const SAME = 5000; // a pause that ends one writing: “Undo” goes back to where it began
  const texts = () => document.getElementById("texts").dataset;
  const issue = () => document.getElementById("issue").dataset;
  const url = () => `/desk/issues/${issue().issue}/texts`;
  const loose = (text) => text.replace(/\s+/g, " ").trim();
  const entries = new Map(); // by the field's name

  // The copy in this browser.
  const prefix = () => `emag ${issue().user} ${issue().issue} `;
  const keep = (entry) => {
    const { text, seen, isOwn, typedAt } = entry;
    try { localStorage.setItem(prefix() + entry.field, JSON.stringify({ text, seen, isOwn, typedAt })); } catch { /* full or forbidden */ }
  };
  const forget = (entry) => { try { localStorage.removeItem(prefix() + entry.field); } catch { /* forbidden */ } };
  function copies() {
    const found = [];
    try {
      for (const key of Object.keys(localStorage))
        if (key.startsWith(prefix())) found.push([key.slice(prefix().length), JSON.parse(localStorage.getItem(key))]);
    } catch { /* forbidden, or written by something else */ }
    return found;
  }

  // What stands beside a field.
  function show(entry, state, text) {
    entry.state = [state, text];
    const place = entry.input && document.getElementById(`${entry.input.id}-state`);
    if (!place) return;
    place.className = `state ${state}`;
    if (place.textContent !== text) place.textContent = text;
  }
  function element(tag, text, more = {}) {
    return Object.assign(document.createElement(tag), { textContent: text }, more);
  }
  function showConflict(entry) {
    const id = `${entry.input?.id}-conflict`;
    const old = document.getElementById(id);
    if (!entry.conflict || !entry.input) { old?.remove(); return; }
    if (old) return;
    const { by, theirs } = entry.conflict;
    const box = element("div", "", { id, className: "conflict-box" });
    box.setAttribute("role", "group");
    const heading = element("h3", texts().conflict.replace("#", by), { id: `${id}-title` });
    box.setAttribute("aria-labelledby", heading.id);
    const row = element("div", "", { className: "row" });
    const mine = element("button", texts().keepMine, { type: "button", className: "small" });
    const other = element("button", texts().keepTheirs, { type: "button", className: "quiet small" });
    mine.addEventListener("click", () => keepMine(entry));
    other.addEventListener("click", () => keepTheirs(entry));
    row.append(mine, other);
    box.append(heading, element("b", texts().yours), element("p", entry.text || texts().nothing, { id: `${id}-yours` }),
      element("b", texts().theirs), element("p", theirs || texts().nothing), row);
    document.getElementById(`${entry.input.id}-field`).append(box);
  }
  function keepMine(entry) {
    Object.assign(entry, { seen: entry.conflict.theirs, isOwn: entry.conflict.is_own, conflict: null });
    showConflict(entry);
    entry.input.focus();
    save(entry);
  }
  function keepTheirs(entry) {
    const { theirs, is_own: isOwn } = entry.conflict;
    Object.assign(entry, { text: theirs, seen: theirs, isOwn, conflict: null, isDirty: false });
    forget(entry);
    showConflict(entry);
    show(entry, "", "");
    entry.input.value = theirs;
    entry.input.focus();
    changed();
  }

  // Saving: one request at a time for each field.
  let later;
  function changed() {
    clearTimeout(later);
    later = setTimeout(() => window.emag.reload(), 30);
  }
  async function save(entry) {
    clearTimeout(entry.timer);
    if (!entry.isDirty || entry.conflict) return;
    if (!isHere(entry)) { lose(entry, texts().gone); return; }
    if (entry.isBusy) { entry.again = true; return; }
    Object.assign(entry, { isBusy: true, again: false });
    const { field, text, seen, isOwn, typing } = entry;
    show(entry, "is-saving", texts().saving);
    let answer;
    try {
      answer = await window.emag.post(url(), { field, text, seen_text: seen, is_own: isOwn ? "1" : "0", typing });
      await settle(entry, answer, text);
    } catch { wait(entry); }
    entry.isBusy = false;
    if (entry.again) save(entry);
  }
  async function settle(entry, answer, sent) {
    if (answer.status === 200) return saved(entry, await answer.json(), sent);
    if (answer.status === 409) {
      entry.conflict = await answer.json();
      show(entry, "is-refused", texts().refused);
      if (!entry.input) window.emag.open?.(entry.field.split(" ")[0]);
      showConflict(entry);
      window.emag.say(texts().conflict.replace("#", entry.conflict.by));
    } else if (answer.status === 422) {
      const problem = (await answer.json()).problem ?? texts().refused;
      show(entry, "is-refused", problem);
      lose(entry, problem);
      entry.input?.setAttribute("aria-invalid", "true");
    } else if (answer.status === 401) {
      show(entry, "is-kept", texts().kept);
      signedOut();
    } else if (answer.status < 500) {
      show(entry, "is-refused", texts().refused);
      if (answer.status === 404) { lose(entry, texts().gone); changed(); }
    } else wait(entry);
  }
  function saved(entry, { saved_at: at, text, is_own: isOwn, revision }, sent) {
    Object.assign(entry, { seen: text, isOwn, revision, lost: "" });
    showLost();
    entry.input?.removeAttribute("aria-invalid");
    if (entry.text === sent) {
      entry.isDirty = false;
      forget(entry);
      if (entry.input && document.activeElement !== entry.input) put(entry, text);
    } else keep(entry);
    show(entry, "is-saved", texts().saved.replace("#", at));
    changed();
  }
  function wait(entry) {
    show(entry, "is-kept", texts().kept);
    entry.timer = setTimeout(() => save(entry), AGAIN);
  }
  function signedOut() {
    const dialog = document.getElementById("signed-out");
    if (!dialog.open) dialog.showModal();
  }
  window.emag.signedOut = signedOut;
  const saveAll = () => { for (const entry of entries.values()) save(entry); };
  window.emag.saveAll = saveAll;

  // A text whose field has gone, as its story did, is shown above all others until it can be saved.
  const isHere = ({ field }) => {
    const [number, name] = field.split(" ");
    return !name || document.querySelector(`.story[data-story="${number}"]`) !== null;
  };
  function lose(entry, why) {
    entry.lost = why;
    if (why === texts().gone && Date.now() - entry.typedAt > WEEK) forget(entry);
    else keep(entry);
    showLost();
  }
  function showLost(page = document) {
    const place = page.querySelector("#lost");
    const rows = [...entries.values()].filter(
      ({ lost, input, field }) => lost && !(input && isHere({ field }) && page.querySelector(`#${input.id}`)));
    place.textContent = rows.map(({ lost, text }) => `${lost}\n${texts().written.replace("#", () => text)}`).join("\n");
    place.hidden = rows.length === 0;
  }

  // Fields come and go with the page; what is written in them stays here.
  function put(entry, text) {
    entry.text = text;
    if (entry.input.value !== text) entry.input.value = text;
    count(entry.input);
  }
  function read(input) {
    const field = input.dataset.field;
    const shown = { seen: input.defaultValue, isOwn: input.dataset.own === "1" };
    let entry = entries.get(field);
    if (!entry) {
      entry = { field, text: input.value, isDirty: false, typing: "", typedAt: 0, ...shown };
      entries.set(field, entry);
    }
    const isNew = entry.input !== input;
    entry.input = input;
    if (entry.isDirty || entry.conflict) put(entry, entry.text);
    else if (!entry.isBusy && Number(issue().revision) >= (entry.revision ?? 0)) {
      Object.assign(entry, shown);
      if (isNew || document.activeElement !== input || loose(input.value) !== loose(shown.seen)) put(entry, shown.seen);
    }
    if (isNew) listen(entry, input);
    if (entry.state) show(entry, ...entry.state);
    showConflict(entry);
  }
  function listen(entry, input) {
    input.addEventListener("input", () => {
      const now = Date.now();
      if (!entry.typing || now - entry.typedAt > SAME) entry.typing = Math.random().toString(36).slice(2, 10);
      Object.assign(entry, { text: input.value, isDirty: true, typedAt: now });
      keep(entry);
      count(input);
      const yours = document.getElementById(`${input.id}-conflict-yours`);
      if (yours) yours.textContent = entry.text;
      else show(entry, "", "");
      clearTimeout(entry.timer);
      entry.timer = setTimeout(() => save(entry), PAUSE);
    });
    input.addEventListener("blur", () => {
      entry.typing = "";
      if (entry.isDirty) save(entry);
      else put(entry, entry.seen);
    });
  }
  // The inbox shows what is being written.
  function count(input) {
    const copy = document.getElementById(`inbox-${input.id}`);
    if (copy) copy.textContent = input.value;
    const place = document.getElementById(`${input.id}-count`);
    if (place) place.textContent = place.dataset.count.replace("#", [...input.value].length);
  }
  // What stands beside the fields goes into a page that is about to be shown.
  window.emag.prepare = (fresh) => {
    showLost(fresh);
    for (const { input, state, conflict } of entries.values()) {
      const place = input && fresh.querySelector(`#${input.id}-state`);
      if (place && state) [place.className, place.textContent] = [`state ${state[0]}`, state[1]];
      const box = conflict && document.getElementById(`${input?.id}-conflict`);
      if (box) fresh.querySelector(`#${input.id}-field`)?.append(box.cloneNode(true));
    }
  };
  function attach() {
    for (const entry of entries.values()) if (!entry.input?.isConnected) entry.input = null;
    for (const input of document.querySelectorAll("[data-field]")) read(input);
    for (const entry of entries.values()) if (entry.lost === texts().gone && isHere(entry)) save(entry);
  }
  function restore() {
    for (const [field, { text, seen, isOwn, typedAt }] of copies()) {
      const entry = entries.get(field) ?? { field, typing: "" };
      entries.set(field, entry);
      if (entry.input && loose(text) === loose(entry.input.defaultValue)) { forget(entry); continue; }
      Object.assign(entry, { text, seen, isOwn, typedAt, isDirty: true });
      if (entry.input) put(entry, text);
      save(entry);
    }
  }
  document.addEventListener("DOMContentLoaded", () => { attach(); restore(); });
  document.addEventListener("htmx:after:swap", attach);
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form.writing")) return;
    event.preventDefault();
    saveAll();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") { event.preventDefault(); saveAll(); }
  });
  window.addEventListener("online", saveAll);
  document.addEventListener("visibilitychange", saveAll);
})();
