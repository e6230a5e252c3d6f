// What Outlook does in dark mode: it marks the elements whose colours it changes.
() => {
  for (const element of document.querySelectorAll("[style], [bgcolor]")) {
    const style = element.getAttribute("style") ?? "";
    if (/(^|;)\s*color:/.test(style)) element.setAttribute("data-ogsc", "");
    if (style.includes("background") || element.hasAttribute("bgcolor"))
      element.setAttribute("data-ogsb", "");
  }
}
