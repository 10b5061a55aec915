import template from "./icon.svg?raw";

/**
 * The server's icon, as `icon.svg` draws it. In that file, `{{title}}` is replaced by the server's title and
 * `{{initial}}` by its first letter, so that the icon follows a rename until somebody draws another one.
 */
export function drawIcon(title: string, drawing: string = template): string {
  const [initial = ""] = title.toUpperCase();
  return drawing
    .replaceAll("{{title}}", () => toEntities(title))
    .replaceAll("{{initial}}", () => toEntities(initial));
}

function toEntities(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
