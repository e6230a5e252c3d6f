// The pool on a phone: a card that is pushed right is in, one that is pushed left is out.
// The buttons below each card do the same.
"use strict";
(() => {
  const FAR = 90; // CSS pixels that a card is pushed before it counts
  let push = null;

  document.addEventListener("touchstart", (event) => {
    const card = event.target.closest(".story");
    if (!card?.querySelector(".triage") || event.touches.length !== 1 || event.target.closest("a, button")) return;
    push = { card, x: event.touches[0].clientX, y: event.touches[0].clientY, by: 0 };
  }, { passive: true });

  document.addEventListener("touchmove", (event) => {
    if (!push) return;
    const by = event.touches[0].clientX - push.x;
    if (!push.by && Math.abs(event.touches[0].clientY - push.y) > Math.abs(by)) { push = null; return; }
    push.by = by;
    push.card.dataset.push = by > FAR ? "in" : by < -FAR ? "out" : "";
    push.card.style.translate = `${Math.max(-FAR * 1.4, Math.min(FAR * 1.4, by))}px`;
  }, { passive: true });

  function end(event) {
    if (!push) return;
    const { card, by } = push;
    push = null;
    card.style.translate = "";
    delete card.dataset.push;
    if (event.type === "touchend" && Math.abs(by) > FAR)
      card.querySelector(`.triage [value=${by > 0 ? "in" : "out"}]`).click();
  }
  document.addEventListener("touchend", end);
  document.addEventListener("touchcancel", end);
})();
