// While an issue leaves, the page looks every two seconds how far it is.
"use strict";
(() => {
  const EVERY = 2000; // milliseconds
  setInterval(() => {
    if (!document.hidden && document.querySelector("[data-live]")) emag.refresh();
  }, EVERY);
})();
