// Every word of up to 17 letters that takes more than one line.
() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const broken = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.parentElement.checkVisibility()) continue;
    for (const word of node.data.matchAll(/[\p{Script=Latin}\d]{2,17}/gu)) {
      const long = /[\p{Script=Latin}\d]/u.test(node.data[word.index + word[0].length] ?? "");
      const inside = /[\p{Script=Latin}\d]/u.test(node.data[word.index - 1] ?? "");
      if (long || inside) continue;
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map((rect) => Math.round(rect.top)));
      if (lines.size > 1) broken.push(word[0]);
    }
  }
  return broken;
}
