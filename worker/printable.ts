/** Characters that no name, id or address has, and that end a line or steer a terminal: C0, DEL and C1. */
const control = /\p{Cc}/u;

/**
 * Control characters, and those that a reader cannot see: they change the direction of text, or end a line
 * for some programs. JSON may write each as an escape, which means the same.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

export function hasControl(text: string): boolean {
  return control.test(text);
}

/** JSON in which every character can be printed: one line, without `indent`. @param replacer as of JSON. */
export function toPrintableJson(
  value: unknown,
  indent?: number,
  replacer?: (name: string, value: unknown) => unknown,
): string {
  // JSON.stringify escapes the ASCII control characters except DEL; line breaks come from its own indentation.
  return JSON.stringify(value, replacer, indent).replace(unprintable, (character) =>
    character === "\n"
      ? character
      : Array.from(
          { length: character.length },
          (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
        ).join(""),
  );
}

/** The first member, with its path, whose name or text holds a control character. */
export function findControlIn(value: unknown): string | undefined {
  const rest: [string, unknown][] = [["", value]];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const [name, member] = next;
    if (hasControl(name)) return "a name";
    if (typeof member === "string" && hasControl(member)) return name;
    if (typeof member !== "object" || member === null) continue;
    for (const [key, inner] of Object.entries(member)) {
      // Elements have the name of their array.
      rest.push([Array.isArray(member) ? name : key, inner]);
    }
  }
  return undefined;
}
