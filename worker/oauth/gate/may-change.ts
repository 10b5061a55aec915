import type { KVNamespace } from "@cloudflare/workers-types";
import * as z from "zod";
import { digest } from "../../digest.ts";
import { listNamedClients } from "../clients/named-clients.ts";
import type { GrantName } from "../revoke.ts";
import type { GateMemory } from "./gate-memory.ts";
import { layerKv } from "./kv-layer.ts";
import { findStanding } from "./replaced-tokens.ts";
import { toRotationKey } from "./rotations.ts";
import { findGrantOfForm, findGrantOfKey } from "./well-formed-token.ts";

/** Owner and code of a grant, as the OAuth library's record has them. */
const grantRecord = z.looseObject({
  clientId: z.string(),
  authCodeId: z.string().optional(),
  /** Removed when the code is redeemed. */
  authCodeWrappedKey: z.string().optional(),
});

/** What a token or revocation request can do to its grant. */
export type Effect =
  | "any"
  /** Its code was redeemed before: it can end the grant (RFC 6749 section 4.1.2), and nothing else. */
  | "end"
  | "none";

/** Where a gate looks a token up. */
interface GateStore {
  /** Workers KV, as the gate sees it. */
  readonly kv: KVNamespace;
  readonly memory: GateMemory;
}

/**
 * What a token or revocation request can do to its grant. It can do nothing when it names another client,
 * or when the code or token never was one of the grant's. Whoever knows a grant's name can ask for anything
 * of it, as a client whose metadata document takes ten seconds to fetch, and the grant's own client must
 * not wait for that. Nor must it wait for somebody with a redeemed code, which browsers and logs may keep:
 * finding out whether that is the client may take as long. When the answer is not known, it is "any".
 */
export async function findEffect(
  body: string,
  headers: Headers,
  { kv, memory }: GateStore,
): Promise<Effect> {
  const form = new URLSearchParams(body);
  const grant = findGrantOfForm(form);
  if (grant === undefined) return "none";
  const record = await kv.get(toKey("grant", grant));
  if (record === null) return "any";
  const { clientId, authCodeId, authCodeWrappedKey } = grantRecord.parse(JSON.parse(record));
  const named = listNamedClients(form, headers).filter((id) => id !== "");
  if (named.length === 0 || named.some((id) => id !== clientId)) return "none";
  const type = form.get("grant_type") ?? "";
  if (type === "authorization_code") {
    if ((await digest(form.get("code") ?? "")) !== authCodeId) return "none";
    return authCodeWrappedKey === undefined ? "end" : "any";
  }
  const id = await digest(form.get(type === "" ? "token" : "refresh_token") ?? "");
  if (findStanding(record, id) !== "unknown") return "any";
  if ((await memory.read(toRotationKey(id))) !== undefined) return "any";
  const isToken = type === "" && (await kv.get(`${toKey("token", grant)}:${id}`)) !== null;
  return isToken ? "any" : "none";
}

function toKey(kind: "grant" | "token", { userId, grantId }: GrantName): string {
  return `${kind}:${userId}:${grantId}`;
}

/**
 * A namespace in which no grant and no token can be changed.
 * @param onEnd is told that the library wanted to delete the grant. Default: trying that is an error, too.
 */
export function keepGrants(kv: KVNamespace, onEnd?: () => void): KVNamespace {
  const refuse = () => {
    throw new Error("A request that cannot change a grant tried to.");
  };
  return layerKv(kv, {
    put: async (key, value, _options, below) =>
      findGrantOfKey(key) === undefined ? below(value) : refuse(),
    delete: async (key, below) => {
      if (findGrantOfKey(key) === undefined) return below();
      if (onEnd === undefined) refuse();
      // The library deletes the grant's tokens first.
      else if (key.startsWith("grant:")) onEnd();
    },
  });
}
