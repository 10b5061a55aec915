/** How workerd begins what it says itself: a place in its own source, and how grave it is. */
const ownLine = /^\S+\.(?:c\+\+|h|rs):\d+: (?<level>\w+): (?<text>.*)$/;

/** Lines of workerd's own, and what each means. */
const spoken: readonly (readonly [RegExp, (found: RegExpExecArray) => string])[] = [
  [
    // The newer words are those of its network code in Rust.
    /blocked by restrictPeers\(\)|rust\/worker\/ffi\.rs:\d+: failed: connecting to \S+ is not allowed/,
    () =>
      "A Worker asked for a private address and was refused, as at Cloudflare (global_fetch_strictly_public).",
  ],
  [
    /DNS lookup failed\.; params\.host = ([^;]*)/,
    ([, host]) => `A Worker asked for ${host}, a name that does not resolve.`,
  ],
  [
    /failed to lookup address information/,
    () => "A Worker asked for a name that does not resolve.",
  ],
];

/**
 * A line that workerd prints, in words for a person. What Workers print is left as it is; of what workerd says
 * itself, the place in its source is of no use here, and neither is the stack of addresses after it.
 * @returns undefined for a line that says nothing.
 */
export function toRuntimeLine(line: string): string | undefined {
  for (const [form, say] of spoken) {
    const found = form.exec(line);
    if (found !== null) return say(found);
  }
  // Only addresses, or a place in workerd.
  if (/^\s*stack: (\S*workerd\S*@|[0-9a-f]+[\s@]|$)/.test(line)) return undefined;
  if (/^\s*(\S*\/)?workerd@[0-9a-f]+/.test(line)) return undefined;
  const { level, text = "" } = ownLine.exec(line)?.groups ?? {};
  if (level === undefined) return line;
  if (level === "info" || level === "debug") return undefined;
  return `The runtime says: ${text}`;
}
