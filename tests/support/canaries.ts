/** Secrets by what they are: each must be found nowhere in clear. */
export type Canaries = Readonly<Record<string, string>>;

/** Shortest part of a secret that proves anything. */
const shortest = 9;

/**
 * The forms in which a secret would still be in clear: as it is, its last part where it has several, in a
 * URL, in JSON, in hex, and in Base64 wherever it stands in a longer text.
 */
export function listForms(secret: string): string[] {
  const heart = secret.split(":").at(-1) ?? secret;
  if (heart.length < shortest) throw new Error(`Too short to be looked for: "${secret}"`);
  const forms = [secret, heart].flatMap((text) => [
    text,
    encodeURIComponent(text),
    JSON.stringify(text).slice(1, -1),
    Buffer.from(text).toString("hex"),
    ...listBase64(text),
  ]);
  return [...new Set(forms)];
}

/** Names of those that stand in a text in one of these forms. */
export function findCanaries(text: string, canaries: Canaries): string[] {
  return Object.entries(canaries)
    .filter(([, secret]) => listForms(secret).some((form) => text.includes(form)))
    .map(([name]) => name);
}

/** Base64 of three bytes is four characters, so a text looks different after one byte and after two. */
function listBase64(text: string): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const bytes = Buffer.from(`${"\0".repeat(offset)}${text}`);
    // The characters at both ends depend on what stands beside it.
    const written = bytes.toString("base64").replace(/=+$/, "");
    const inner = written.slice(offset === 0 ? 0 : offset + 1, -2);
    return [inner, inner.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
