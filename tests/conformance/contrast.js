// [contrast ratio, text, colours] of every visible text of the page, as WCAG 2.2 defines it; opacity is not expected.
const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
const luminance = (colour) => {
  const [r, g, b] = numbers(colour)
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (node) => {
  for (let at = node; at; at = at.parentElement) {
    const style = getComputedStyle(at);
    if (style.opacity !== '1') throw new Error(`opacity ${style.opacity} at ${at.outerHTML.slice(0, 200)}`);
    const parts = numbers(style.backgroundColor);
    if (parts.length === 3 || parts[3] === 1)
      return [style.backgroundColor, ...(style.backgroundImage.match(/rgb\([^)]*\)/g) ?? [])];
    if (parts[3] !== 0) throw new Error(`half transparent ${style.backgroundColor} at ${at.outerHTML.slice(0, 200)}`);
  }
  throw new Error('no ground');
};
const found = [];
for (const node of document.querySelectorAll('body *')) {
  const text = [...node.childNodes]
    .filter((child) => child.nodeType === 3)
    .map((child) => child.data.trim())
    .join('');
  if (!text || ['SCRIPT', 'STYLE'].includes(node.tagName) || !node.checkVisibility({ visibilityProperty: true }))
    continue;
  const colour = getComputedStyle(node).color;
  for (const behind of ground(node)) {
    const [low, high] = [luminance(colour), luminance(behind)].sort((a, b) => a - b);
    found.push([(high + 0.05) / (low + 0.05), text.slice(0, 60), `${colour} on ${behind}`]);
  }
}
return found;
