/** Drawn if a server has no icon of its own. */
const plain =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><title>{{title}}</title><rect width="32" height="32" rx="8" fill="#475569"/><text x="16" y="22.5" text-anchor="middle" font-family="sans-serif" font-size="18" fill="#fff">{{initial}}</text></svg>';

/**
 * The server's icon. In a drawing, `{{title}}` stands for the server's title and `{{initial}}` for its first letter, so
 * that the icon follows a rename until somebody draws another one.
 * @param drawing as SVG. Default: the first letter on a plain square.
 */
export function drawIcon(title: string, drawing: string = plain): string {
  const [initial = ""] = title.toUpperCase();
  return drawing
    .replaceAll("{{title}}", () => toEntities(title))
    .replaceAll("{{initial}}", () => toEntities(initial));
}

function toEntities(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
