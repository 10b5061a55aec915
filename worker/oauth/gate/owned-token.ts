import type { KVNamespace } from "@cloudflare/workers-types";
import { layerKv } from "./kv-layer.ts";
import { presentAsPrevious } from "./replaced-tokens.ts";

/** A refresh token whose owner is to be found out. */
interface AskedToken {
  /** KV key of its grant. */
  readonly grantKey: string;
  /** The grant's record. */
  readonly record: string;
  /** The OAuth library's id of the token. */
  readonly id: string;
}

/**
 * A KV namespace in which the library can revoke a replaced refresh token with no effect except that `isOwned`
 * becomes true. Revocation is what authenticates the client and compares it with the grant's
 * (RFC 7009 section 2.1), however the client names itself, and it issues no token.
 */
export class OwnedToken {
  readonly kv: KVNamespace;
  isOwned = false;

  constructor(kv: KVNamespace, { grantKey, record, id }: AskedToken) {
    const isOfGrant = (key: string) => /^(grant|token):/.test(key);
    this.kv = layerKv(kv, {
      get: async (key, below) => {
        if (key === grantKey) return presentAsPrevious(record, id);
        return isOfGrant(key) ? null : below();
      },
      // Records outside a grant are written: that an assertion was used (RFC 7523 section 3).
      put: async (key, value, _options, below) => {
        if (!isOfGrant(key)) await below(value);
      },
      delete: async (key, below) => {
        if (key === grantKey) this.isOwned = true;
        else if (!isOfGrant(key)) await below();
      },
      list: async () => ({ keys: [], list_complete: true, cacheStatus: null }),
    });
  }
}
