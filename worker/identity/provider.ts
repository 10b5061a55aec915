import {
  type AuthorizationServer,
  customFetch,
  discoveryRequest,
  processDiscoveryResponse,
  validateApplicationLevelSignature,
} from "oauth4webapi";
import { UpstreamError } from "./identity.ts";
import { fetchUpstream } from "./upstream-fetch.ts";

/** How every request of the library is made. */
export const upstreamOptions = { [customFetch]: fetchUpstream };

/** Milliseconds for which a discovery document is reused. */
const keepTime = 300_000;

/** Discovery documents of this isolate, by issuer. Only what arrived whole is kept, never a failure. */
const known = new Map<string, { readonly server: AuthorizationServer; readonly until: number }>();

/**
 * The metadata of an OpenID provider (OpenID Connect Discovery 1.0 section 4).
 * @throws UpstreamError, or an error of the library for a document that cannot be trusted.
 */
export async function discover(issuer: string): Promise<AuthorizationServer> {
  const kept = known.get(issuer);
  if (kept !== undefined && kept.until > Date.now()) return kept.server;
  const url = new URL(issuer);
  const response = await discoveryRequest(url, upstreamOptions);
  const server = await processDiscoveryResponse(url, response);
  known.set(issuer, { server, until: Date.now() + keepTime });
  return server;
}

/**
 * Checks the signature of the ID token in a token response against the provider's keys. The library
 * keeps those by the metadata object; after a change of keys at the provider a copy of it fetches
 * them again, so that nobody has to wait.
 * @throws UpstreamError, or an error of the library for a forged token.
 */
export async function checkSignature(
  server: AuthorizationServer,
  response: Response,
): Promise<void> {
  try {
    await validateApplicationLevelSignature(server, response, upstreamOptions);
  } catch (error) {
    if (error instanceof UpstreamError) throw error;
    const fresh = { ...server };
    await validateApplicationLevelSignature(fresh, response, upstreamOptions);
    const kept = known.get(server.issuer);
    if (kept?.server === server) known.set(server.issuer, { ...kept, server: fresh });
  }
}
