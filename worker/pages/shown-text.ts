import type { Identity } from "../identity/identity.ts";

/** Characters of a name that a page shows; the rest is cut. */
const longestName = 60;

/** Characters of an email address or a person's name that a page shows. */
const longestPerson = 100;

/**
 * Text that somebody else chose, as one short line. It leaves out what a reader cannot see, and what moves or
 * covers the text around it: control characters, bidi and zero-width characters, and more than two marks over
 * one letter. hono/jsx escapes it.
 * @returns an empty text if nothing is left.
 */
export function toShownText(text: string, longest = longestName): string {
  const shown = text
    .slice(0, 1000)
    .normalize("NFC")
    // White space first: line breaks are control characters, too.
    .replace(/\s+/gu, " ")
    .replace(/[\p{C}\p{Default_Ignorable_Code_Point}\u2800]/gu, "")
    .replace(/(\p{M}{2})\p{M}+/gu, "$1")
    .trim();
  const characters = [...shown];
  return characters.length > longest ? `${characters.slice(0, longest).join("")}…` : shown;
}

/** The name of a client; its id if the name shows nothing. */
export function toShownName(clientName: string, clientId: string): string {
  return toShownText(clientName) || toShownText(clientId);
}

/** How a page names a person. */
export function toShownPerson({ email, name, subject }: Identity): string {
  return toShownText(email ?? name ?? subject, longestPerson);
}

/** Alphabets with letters that look like Latin ones. */
const lookAlike = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;

/** Whether a word mixes Latin letters with those of an alphabet that looks like it, as imitations do. */
export function mixesAlphabets(text: string): boolean {
  return text
    .split(/[^\p{L}\p{M}]+/u)
    .some((word) => /\p{Script=Latin}/u.test(word) && lookAlike.test(word));
}
