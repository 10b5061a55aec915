import type { Outbound } from "../../../scripts/runtime/runtime.ts";
import { SigningKey } from "../../support/signing-key.ts";
import type { RecordedClient } from "./recorded-client.ts";

/** What the makers of clients publish, and the key of the one that signs. */
export interface Publisher {
  /** Stands for the Internet: the clients' documents and key sets, and nothing else. */
  readonly outbound: Outbound;
  readonly key: SigningKey;
}

/** Publishes each client's metadata document at its own address. */
export function publish(clients: readonly RecordedClient[]): Publisher {
  const key = new SigningKey("cimd-20260428030119");
  const pages = new Map<string, object>();
  for (const { registration } of clients) {
    if (registration.way !== "CIMD") continue;
    const { url, document } = registration;
    pages.set(url, { client_id: url, ...document });
    const { jwks_uri: keysUrl } = document;
    if (typeof keysUrl === "string") pages.set(keysUrl, { keys: [key.publicKey] });
  }
  return {
    key,
    outbound(url) {
      const page = pages.get(url);
      return page === undefined
        ? new Response("Nobody is here.", { status: 404 })
        : Response.json(page, { headers: { "cache-control": "public, max-age=300" } });
    },
  };
}
