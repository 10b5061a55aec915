/** What the Workers runtime adds to the standard. Node, in which infrastructure reads this file, lacks it. */
interface WorkerCrypto {
  timingSafeEqual(a: ArrayBuffer, b: ArrayBuffer): boolean;
}

/**
 * Whether two texts are equal, in a time that tells nothing of where they differ: their digests are
 * compared, which also hides how long the secret is.
 */
export async function isSameSecret(given: string, secret: string): Promise<boolean> {
  const [a, b] = await Promise.all([given, secret].map(toDigest));
  const subtle = crypto.subtle as unknown as WorkerCrypto;
  return a !== undefined && b !== undefined && subtle.timingSafeEqual(a, b);
}

function toDigest(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}
