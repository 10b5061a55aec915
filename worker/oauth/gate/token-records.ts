import type { KVNamespace } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../../env.ts";
import { toRecordKey } from "../personal-tokens/record-key.ts";
import type { GrantName } from "../revoke.ts";
import { RecentRecords } from "./recent-records.ts";
import { toGrantKey } from "./well-formed-token.ts";

/** Records that an isolate keeps. One is about a kilobyte, or more with tokens of the server that signs people in. */
export const mostRecords = 1000;

/**
 * The records of access tokens that this isolate has from Workers KV. Each is stored under its own key, which
 * holds the digest of its token, so only somebody with the token gets it. It is the record as KV has it, still
 * encrypted, and not a verdict: the library checks audience and expiry and decrypts it at each call.
 */
export class TokenRecords extends RecentRecords {
  constructor() {
    super(mostRecords);
  }

  /** Forgets every record of a grant that was ended, or may have been. */
  forget({ userId, grantId }: GrantName): void {
    const prefix = `token:${userId}:${grantId}:`;
    // The record with which a token from a company is checked is the last one.
    const others = [toRecordKey(grantId), toGrantKey({ userId, grantId })];
    this.forgetThose((key) => key.startsWith(prefix) || others.includes(key));
  }
}

const allRecords = new WeakMap<KVNamespace, TokenRecords>();

/** What this isolate keeps of a Worker's KV namespace. */
export function findRecords({ OAUTH_KV }: Pick<WorkerEnv, "OAUTH_KV">): TokenRecords {
  let records = allRecords.get(OAUTH_KV);
  if (records === undefined) {
    records = new TokenRecords();
    allRecords.set(OAUTH_KV, records);
  }
  return records;
}

/** Gives a layer on a namespace the records of that namespace. */
export function shareRecords(layer: KVNamespace, below: KVNamespace): void {
  allRecords.set(layer, findRecords({ OAUTH_KV: below }));
}
