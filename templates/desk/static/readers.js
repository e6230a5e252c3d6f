// Shows how far an import is, and prints a receipt. Without it the page loads itself anew.
"use strict";
(() => {
  const EVERY = 1000; // milliseconds
  const look = async () => {
    if (!document.querySelector("[data-refresh]")) return;
    if (!document.hidden) await emag.refresh(true);
    if (!document.querySelector("[data-refresh]")) {
      const heading = document.querySelector("main h1");
      if (heading) emag.say(heading.textContent);
    }
    setTimeout(look, EVERY);
  };
  document.addEventListener("DOMContentLoaded", () => setTimeout(look, EVERY));
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
