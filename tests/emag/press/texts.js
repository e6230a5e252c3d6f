// Every visible piece of text: the words, its colour, the first opaque background behind it, its size.
() => {
  const hex = (colour) =>
    "#" + colour.match(/\d+/g).slice(0, 3).map((n) => (+n).toString(16).padStart(2, "0")).join("");
  const background = (element) => {
    const own = getComputedStyle(element).backgroundColor;
    return /^rgba\(.*, 0\)$/.test(own) ? background(element.parentElement) : hex(own);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    if (text && size > 0 && element.checkVisibility()) {
      found.push([text, hex(style.color), background(element), size]);
    }
  }
  return found;
}
