/** Milliseconds between two tries: KV takes one write of a key in a second. */
export const writePause = 1100;

/** How often a write is tried. */
const tries = 3;

/**
 * Writes to Workers KV until it accepts the write. KV refuses a second write of the same key within a second
 * (Cloudflare, KV limits: 429).
 * @param isFinal which refusals end it at once. Default: none.
 * @throws the last refusal.
 */
export async function writePatiently(
  write: () => Promise<void>,
  isFinal: (error: unknown) => boolean = () => false,
): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      return await write();
    } catch (error) {
      if (tried === tries || isFinal(error)) throw error;
      await scheduler.wait(writePause);
    }
  }
}

/** Whether KV refused a write as the second one of its key within a second. */
export function isTooSoon(error: unknown): boolean {
  return error instanceof Error && /\b429\b/.test(error.message);
}
