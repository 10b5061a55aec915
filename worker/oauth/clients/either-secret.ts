import type { KVNamespace } from "@cloudflare/workers-types";
import { layerKv } from "../gate/kv-layer.ts";

/**
 * A KV namespace in whose registrations a client with a secret may send it in the header or in the
 * body, whichever of the two it registered.
 *
 * The library holds a client to the one that it named. But clients name one and send the other: Codex
 * answers `client_secret_post` with Basic (codex#40928), other libraries have one of the two built in.
 * Both carry the same secret over the same connection, so nobody gains by it, and a server may accept any
 * form that meets its requirements (RFC 6749 section 2.3). What stays refused is a weaker one: no
 * secret at all, or a secret for a client that registered `none`. The library already has this rule for
 * registrations that named no method. It marks the others; this layer hides the mark.
 */
export function takeEitherSecret(kv: KVNamespace): KVNamespace {
  return layerKv(kv, {
    async get(key, below) {
      const text = await below();
      if (text === null || !key.startsWith("client:")) return text;
      const { authMethodExplicit: _mark, ...client } = JSON.parse(text) as ClientRecord;
      return JSON.stringify(client);
    },
  });
}

/** What the library stores about a client. */
interface ClientRecord {
  readonly authMethodExplicit?: boolean;
}
