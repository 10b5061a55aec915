import type { Alter } from "../../altered-server.ts";
import { type Breaking, isPost, isRefresh, isRevocation, oauthError, see } from "./alter.ts";

/** Signing out. */
export const revokeBreakings: Readonly<Record<string, readonly Breaking[]>> = {
  revoke: [
    {
      what: "a revocation is answered, and nothing happens",
      ends: "failed",
      makeAlter: () => async (request, pass) =>
        isRevocation(await see(request)) ? new Response(null, { status: 200 }) : pass(request),
    },
    {
      what: "a revocation fails",
      ends: "failed",
      makeAlter: () => async (request, pass) =>
        isRevocation(await see(request))
          ? oauthError(400, "unsupported_token_type")
          : pass(request),
    },
  ],
  "revoke-effect": [
    {
      what: "the endpoint goes on with a token that was given back",
      ends: "warning",
      makeAlter: () => forgetNoToken(),
    },
  ],
};

/** Lets a token through at `/mcp` that was good once. */
function forgetNoToken(): Alter {
  const given = new Set<string>();
  return async (request, pass) => {
    const seen = await see(request);
    const response = await pass(request);
    if (isRefresh(seen) && response.ok) {
      const { access_token: token } = (await response.clone().json()) as { access_token: string };
      given.add(`Bearer ${token}`);
    }
    const token = seen.headers.get("authorization") ?? "";
    const isEnded = response.status === 401 && given.has(token);
    return isPost(seen, "/mcp") && isEnded ? Response.json({}) : response;
  };
}
