// Every fact that must stay on one line, and takes more: salaries and closing dates.
() =>
  [...document.querySelectorAll(".whole")]
    .filter((fact) => {
      if (fact.closest(".folio-cell, .folio")) return false;
      const range = document.createRange();
      range.selectNodeContents(fact);
      const rects = [...range.getClientRects()].filter((rect) => rect.width);
      return new Set(rects.map((rect) => Math.round(rect.top))).size > 1;
    })
    .map((fact) => fact.textContent)
