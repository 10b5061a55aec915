import type { KVNamespace } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../../env.ts";
import { layerKv } from "../gate/kv-layer.ts";
import { kvCopyTime, RecentRecords } from "../gate/recent-records.ts";

/** The part of a client's key before its id. */
const prefix = "client:";

/** Clients that an isolate keeps. Most have less than a kilobyte. */
const mostClients = 200;

/** Characters of a record that is kept: anybody may register a client, and say much in it. */
export const longestClient = 16_384;

/** What an isolate keeps of a namespace, and the namespace over it. */
interface Kept {
  readonly clients: RecentRecords;
  readonly layer: KVNamespace;
}

/** What is kept of each namespace: one in an isolate. */
const all = new WeakMap<KVNamespace, Kept>();

/**
 * The environment in which a person's browser goes through an authorization: each of its four requests looks the same
 * client up, so the isolate keeps what Workers KV gave it, for as long as it keeps a token's record. A client that
 * was ended is unknown everywhere within a minute, as without this: for so long KV would answer from its own copy.
 * The token endpoint asks KV each time.
 */
export function withRecentClients(env: WorkerEnv): WorkerEnv {
  return { ...env, OAUTH_KV: find(env.OAUTH_KV).layer };
}

/**
 * The environment in which a client registers. Its person's browser comes next, mostly to the same isolate, which
 * then has the record already: Workers KV takes longest to read what nobody has read before.
 */
export function withNewClients(env: WorkerEnv): WorkerEnv {
  const { OAUTH_KV: below } = env;
  const OAUTH_KV = layerKv(below, {
    async put(key, record, _options, write) {
      await write(record);
      if (key.startsWith(prefix)) find(below).clients.note(key, record);
    },
  });
  return { ...env, OAUTH_KV };
}

function find(below: KVNamespace): Kept {
  const known = all.get(below);
  if (known !== undefined) return known;
  const clients = new RecentRecords(mostClients, longestClient);
  const layer = layerKv(below, {
    get: (key, read) =>
      key.startsWith(prefix) ? clients.find(key, () => read(kvCopyTime)) : read(),
  });
  const made = { clients, layer };
  all.set(below, made);
  return made;
}
