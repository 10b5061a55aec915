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

/** What the OAuth library's record says of whose a grant is and of its code. */
const grantRecord = z.looseObject({ clientId: z.string(), authCodeId: z.string().optional() });

/** Where a gate looks a token up. */
interface GateStore {
  /** Workers KV as the gate sees it. */
  readonly kv: KVNamespace;
  readonly memory: GateMemory;
}

/**
 * Whether a token or revocation request can change its grant: it names no other client, and the code or
 * token is or was one of the grant's. Whoever knows a grant's name can ask for anything of it, as a client
 * whose metadata document takes ten seconds to fetch, and the grant's own client must not wait for that.
 * Where the answer is not known, it is yes.
 */
export async function mayChangeGrant(
  body: string,
  headers: Headers,
  { kv, memory }: GateStore,
): Promise<boolean> {
  const form = new URLSearchParams(body);
  const grant = findGrantOfForm(form);
  if (grant === undefined) return false;
  const record = await kv.get(toKey("grant", grant));
  if (record === null) return true;
  const { clientId, authCodeId } = grantRecord.parse(JSON.parse(record));
  const named = listNamedClients(form, headers).filter((id) => id !== "");
  if (named.length === 0 || named.some((id) => id !== clientId)) return false;
  const type = form.get("grant_type") ?? "";
  if (type === "authorization_code") return (await digest(form.get("code") ?? "")) === authCodeId;
  const id = await digest(form.get(type === "" ? "token" : "refresh_token") ?? "");
  if (findStanding(record, id) !== "unknown") return true;
  if ((await memory.read(toRotationKey(id))) !== undefined) return true;
  return type === "" && (await kv.get(`${toKey("token", grant)}:${id}`)) !== null;
}

function toKey(kind: "grant" | "token", { userId, grantId }: GrantName): string {
  return `${kind}:${userId}:${grantId}`;
}

/** A namespace in which no grant and no token can be changed. */
export function keepGrants(kv: KVNamespace): KVNamespace {
  const refuse = (key: string, below: () => Promise<void>) => {
    if (findGrantOfKey(key) === undefined) return below();
    throw new Error("A request that cannot change a grant tried to.");
  };
  return layerKv(kv, {
    put: async (key, value, _options, below) => refuse(key, () => below(value)),
    delete: async (key, below) => refuse(key, below),
  });
}
