/** Milliseconds between two tries: KV takes one write of a key in a second. */
const pause = 1100;

/** How often a write is tried. */
const tries = 3;

/**
 * Writes to Workers KV until it accepts the write. KV refuses a second write of the same key within a second
 * (Cloudflare, KV limits: 429), and a client that redeems its code at once causes just that: the grant's
 * record was written when the code was made. A refusal would lose the code.
 * @throws the last refusal.
 */
export async function writePatiently(write: () => Promise<void>): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      return await write();
    } catch (error) {
      if (tried === tries) throw error;
      await scheduler.wait(pause);
    }
  }
}
