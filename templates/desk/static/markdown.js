// A small toolbar over a text in Markdown: bold, link, list. Without script one types the marks.
"use strict";
(() => {
  function replace(area, start, end, text, from, to) {
    area.focus();
    area.setSelectionRange(start, end);
    // This keeps the browser's own undo; where it is not to be had, the text is set at once.
    if (!document.execCommand("insertText", false, text)) {
      area.setRangeText(text, start, end, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    area.setSelectionRange(from, to);
  }

  function around(area, before, after) {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const chosen = value.slice(start, end);
    const isMarked = value.slice(start - before.length, start) === before && value.slice(end, end + after.length) === after;
    if (isMarked)
      return replace(area, start - before.length, end + after.length, chosen, start - before.length, end - before.length);
    replace(area, start, end, before + chosen + after, start + before.length, end + before.length);
  }

  function link(area) {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const chosen = value.slice(start, end);
    const isAddress = /^https?:\/\/\S+$/.test(chosen);
    const text = isAddress ? `[](${chosen})` : `[${chosen}](https://)`;
    const at = isAddress ? start + 1 : start + text.length - 1;
    replace(area, start, end, text, at, at);
  }

  function list(area) {
    const { value } = area;
    const start = value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const next = value.indexOf("\n", area.selectionEnd);
    const end = next < 0 ? value.length : next;
    const lines = value.slice(start, end).split("\n");
    const isList = lines.every((line) => line.startsWith("- "));
    const text = lines.map((line) => (isList ? line.slice(2) : `- ${line}`)).join("\n");
    replace(area, start, end, text, start, start + text.length);
  }

  const TOOLS = { bold: (area) => around(area, "**", "**"), link, list };
  const KEYS = { b: "bold", k: "link" };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tool]");
    if (button) TOOLS[button.dataset.tool](document.getElementById(button.dataset.area));
  });
  document.addEventListener("keydown", (event) => {
    const area = event.target.closest?.("textarea[data-markdown]");
    const tool = KEYS[event.key.toLowerCase()];
    if (!area || !tool || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    TOOLS[tool](area);
  });
})();
