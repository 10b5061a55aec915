import type { Readable } from "node:stream";
import { fail } from "./api-error.ts";

const mebibyte = 1024 * 1024;

/** Most bytes of a body, in general: settings, names, SQL. */
const usualLimit = mebibyte;

/** Most bytes of a list of keys, or of statements with their values. */
export const listLimit = 10 * mebibyte;

/** Most bytes of an upload of a Worker, and of many KV values at once: what Cloudflare's API takes at all. */
export const uploadLimit = 100 * mebibyte;

/**
 * The whole body of a call. What comes after the limit is taken from the connection and dropped, so that the
 * client that is still sending gets its answer (RFC 9112 section 9.6).
 * @param limit most bytes.
 * @throws ApiError 413 if there are more.
 */
export async function readBody(
  incoming: Readable,
  limit: number = usualLimit,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const take = (chunk: Uint8Array) => {
    length += chunk.byteLength;
    if (length <= limit) {
      chunks.push(chunk);
      return;
    }
    incoming.off("data", take).resume();
    reject(fail(413, 10013, `The body has more than ${limit} bytes.`));
  };
  incoming.on("data", take);
  incoming.once("end", resolve);
  // After the end, it is one too many and says nothing.
  const cut = () => reject(fail(400, 10013, "The body has no end."));
  incoming.once("error", cut).once("close", cut);
  await promise;
  return new Uint8Array(Buffer.concat(chunks));
}
