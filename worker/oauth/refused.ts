import type { WorkerSettings } from "../env.ts";
import type { Identity } from "../identity/identity.ts";
import { logEvent } from "../log.ts";
import { RefusedPage } from "../pages/refused.tsx";
import { renderPage } from "../pages/render.ts";

/** Whom the stack does not let in, and where they can go from here. */
interface Refused {
  readonly identity: Identity;
  /** Page of ours that lets the person choose another account. */
  readonly returnTo: string;
  /** The client's redirect URI with `access_denied`, where a client asked. */
  readonly backToClient?: string | undefined;
  /** Cookies to set. */
  readonly headers?: Headers;
}

/** Says to a signed-in person that this server does not let them in. */
export function showRefused(
  { settings }: { readonly settings: WorkerSettings },
  { identity, returnTo, backToClient, headers }: Refused,
): Response {
  logEvent("sign-in-refused", { method: identity.method });
  return renderPage(RefusedPage({ settings, identity, returnTo, backToClient }), 403, headers);
}
