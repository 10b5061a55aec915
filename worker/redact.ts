/** What replaces a secret. */
const placeholder = "[redacted]";

/** The shortest secret that is looked for: a shorter one would be found in any text. */
const shortestSecret = 4;

/** Takes the values of secrets out of a text that leaves the Worker as a log, progress or an error. */
export function redact(text: string, secrets: readonly string[]): string {
  return (
    secrets
      .filter((secret) => secret.length >= shortestSecret)
      // A secret may be a part of another.
      .toSorted((a, b) => b.length - a.length)
      .flatMap((secret) => [
        secret,
        encodeURIComponent(secret),
        JSON.stringify(secret).slice(1, -1),
      ])
      .reduce((clean, written) => clean.replaceAll(written, placeholder), text)
  );
}
