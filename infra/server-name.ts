/**
 * Name of the server if the stack sets none: the project's, in what `serverName` allows. A project's
 * name may have capitals, dots and underscores, and may begin with one.
 */
export function toServerName(project: string): string {
  const plain = project.toLowerCase().replace(/[^a-z0-9-]+/g, "-");
  return plain.replace(/^-+|-+$/g, "") || "server";
}

/** Words of a name that people write in capitals. */
const initials = /\b(?:ai|api|crm|id|mcp|sql)\b/g;

/** Name of the server for people if the stack sets none: the project's name in words, at most 80 characters. */
export function toServerTitle(project: string): string {
  const words = toServerName(project)
    .replaceAll("-", " ")
    .replace(initials, (word) => word.toUpperCase());
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`.slice(0, 80);
}
