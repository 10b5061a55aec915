/**
 * Bytes of a message at most: 1 MiB. Its arguments come from a model, which writes a few kilobytes; anything
 * larger belongs behind a link. The SDK alone takes four times as much.
 */
export const largestMessage = 1_048_576;

/** Levels of arrays and objects in each other. */
export const deepestMessage = 64;

/**
 * Names of members in all its objects together. A schema spends far more on each than the parser does. A
 * model that writes this many has written some 50,000 tokens, far more than one call of a tool needs.
 */
export const mostKeys = 7_500;

/** Elements of all its arrays together. */
export const mostElements = 100_000;

/**
 * What is too large in a message, as a sentence for its client; undefined if nothing is. This runs before any
 * schema sees the message: one with 380,000 keys would hold up everybody in the isolate for seconds. It walks
 * without recursion, or a deep one would use up the stack here.
 */
export function findExcess(message: unknown): string | undefined {
  let keys = 0;
  let elements = 0;
  let level = [message].filter(isContainer);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > deepestMessage) return `The message is nested over ${deepestMessage} levels deep.`;
    const next: object[] = [];
    for (const container of level) {
      if (Array.isArray(container)) {
        elements += container.length;
        if (elements > mostElements) {
          return `The message has over ${mostElements} elements in its arrays.`;
        }
      } else {
        keys += Object.keys(container).length;
        if (keys > mostKeys) return `The message has over ${mostKeys} keys in its objects.`;
      }
      for (const value of Object.values(container)) if (isContainer(value)) next.push(value);
    }
    level = next;
  }
  return undefined;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
