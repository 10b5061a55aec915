/**
 * A rotating key as a binding holds it: base64url values parted by spaces, the current one first,
 * then the one before it. What the current key signs is new; what an older one signed still counts.
 */
export interface KeyRing {
  readonly current: string;
  /** Every key that still counts, the current one first. */
  readonly all: readonly [string, ...string[]];
}

/** Reads a binding that `infra/keys.ts` wrote. @throws Error for an empty one. */
export function readKeyRing(text: string): KeyRing {
  const [current, ...older] = text.split(" ").filter((key) => key !== "");
  if (current === undefined) throw new Error("A key binding of this Worker is empty.");
  return { current, all: [current, ...older] };
}
