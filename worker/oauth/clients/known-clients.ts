import type { KVNamespace } from "@cloudflare/workers-types";
import type { WorkerSettings } from "../../env.ts";
import { layerKv } from "../gate/kv-layer.ts";

/**
 * A KV namespace that knows the clients of the settings: public ones (RFC 6749 section 2.1), never
 * stored, never expiring, whatever KV holds under their keys.
 */
export function addKnownClients(
  kv: KVNamespace,
  { preRegistered }: WorkerSettings["clients"],
): KVNamespace {
  if (preRegistered.length === 0) return kv;
  const records = new Map(
    preRegistered.map(({ clientId, name, redirectUris }) => [
      `client:${clientId}`,
      JSON.stringify({
        clientId,
        clientName: name,
        redirectUris,
        grantTypes: ["authorization_code", "refresh_token"],
        responseTypes: ["code"],
        tokenEndpointAuthMethod: "none",
      }),
    ]),
  );
  return layerKv(kv, {
    get: async (key, below) => records.get(key) ?? below(),
    put: async (key, value, _options, below) => {
      if (!records.has(key)) await below(value);
    },
  });
}
