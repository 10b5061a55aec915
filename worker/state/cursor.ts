import type { RequestStateCodec, ServerContext } from "@modelcontextprotocol/server";
import { createRequestStateCodec } from "@modelcontextprotocol/server";

/** Seconds a cursor works. */
const lifetime = 3600;

/** Where a list continues, and which list it is. */
interface Place {
  readonly list: string;
  readonly position: readonly string[];
}

/**
 * Cursors of one person's lists. Each database signs with its own key, so that no other database accepts
 * a cursor, and nobody can make one up.
 */
export class CursorSigner {
  readonly #readSecret: () => ArrayBuffer;
  #codec: RequestStateCodec<Place> | undefined;

  /** @param readSecret gives 32 random bytes that belong to the database. */
  constructor(readSecret: () => ArrayBuffer) {
    this.#readSecret = readSecret;
  }

  /** @param list the list that it continues. @param position where it continues. */
  sign(list: string, position: readonly string[]): Promise<string> {
    return this.#open().mint({ list, position });
  }

  /** The position in a cursor; undefined for one that was not made here, for this list, recently. */
  async read(list: string, cursor: string): Promise<readonly string[] | undefined> {
    try {
      // The codec asks for the context of a request only if it binds to one.
      const place = await this.#open().verify(cursor, {} as ServerContext);
      return place.list === list ? place.position : undefined;
    } catch {
      return undefined;
    }
  }

  #open(): RequestStateCodec<Place> {
    this.#codec ??= createRequestStateCodec<Place>({
      key: new Uint8Array(this.#readSecret()),
      ttlSeconds: lifetime,
    });
    return this.#codec;
  }
}
