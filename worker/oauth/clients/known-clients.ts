import type { KVNamespace } from "@cloudflare/workers-types";
import type { WorkerSettings } from "../../env.ts";
import { layerKv } from "../gate/kv-layer.ts";

/**
 * A KV namespace that also has the clients of the settings: they are never stored, never expire, and win
 * over what KV holds under their keys.
 */
export function addKnownClients(
  kv: KVNamespace,
  { preRegistered }: WorkerSettings["clients"],
): KVNamespace {
  if (preRegistered.length === 0) return kv;
  const records = new Map(
    preRegistered.map(({ clientId, name, redirectUris, secretSha256 }) => [
      `client:${clientId}`,
      JSON.stringify({
        clientId,
        clientName: name,
        redirectUris,
        grantTypes: ["authorization_code", "refresh_token"],
        responseTypes: ["code"],
        // As the library keeps a secret; in the header or in the body, see `takeEitherSecret`.
        ...(secretSha256 === undefined
          ? { tokenEndpointAuthMethod: "none" }
          : { tokenEndpointAuthMethod: "client_secret_basic", clientSecret: secretSha256 }),
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
