import type { Alter } from "../../altered-server.ts";
import {
  answering,
  type Breaking,
  isCodeGrant,
  isFor,
  isForForeign,
  oauthError,
  see,
  withBody,
  withHeader,
  withRedirect,
} from "./alter.ts";

/** From the sign-in to the tokens. */
export const signInBreakings: Readonly<Record<string, readonly Breaking[]>> = {
  "sign-in": [
    {
      what: "the redirect to the client loses its state",
      ends: "failed",
      makeAlter: answering(
        ({ path }) => path === "/authorize",
        (response) => withRedirect(response, (target) => target.searchParams.delete("state")),
      ),
    },
    {
      what: "the redirect to the client names another issuer",
      ends: "failed",
      makeAlter: answering(
        ({ path }) => path === "/authorize",
        (response) =>
          withRedirect(response, (target) => target.searchParams.set("iss", "https://e.example")),
      ),
    },
    {
      what: "the consent is answered with access_denied",
      ends: "failed",
      makeAlter: answering(
        ({ path }) => path === "/authorize",
        (response) =>
          withRedirect(response, ({ searchParams }) => {
            searchParams.delete("code");
            searchParams.set("error", "access_denied");
          }),
      ),
    },
    {
      what: "the sign-in page is down",
      ends: "failed",
      // Not the request that asks for another server's token: nobody signs in for it.
      makeAlter: answering(
        ({ path, url }) => path === "/authorize" && !isForForeign(url),
        () => new Response("<title>502</title>", { status: 502 }),
      ),
    },
  ],
  "wrong-verifier": [
    {
      what: "a code is redeemed with any verifier",
      ends: "failed",
      makeAlter: () => redeemAnything(),
    },
    {
      what: "a wrong verifier is refused with another error",
      ends: "failed",
      makeAlter: answering(isCodeGrant, (response) =>
        response.ok ? response : oauthError(400, "invalid_request"),
      ),
    },
  ],
  token: [
    {
      what: "caches may keep the tokens",
      ends: "failed",
      makeAlter: answering(isCodeGrant, (response) =>
        withHeader(response, "cache-control", undefined),
      ),
    },
    {
      what: "the token answer does not say how long the token is good",
      ends: "warning",
      makeAlter: answering(isCodeGrant, (response) =>
        response.ok ? withBody(response, ({ expires_in: _, ...rest }) => rest) : response,
      ),
    },
    {
      what: "the token is of a type that nobody knows",
      ends: "failed",
      // The login for the other endpoint has a line of its own.
      makeAlter: answering(
        (seen) => isCodeGrant(seen) && isFor(seen, "/mcp"),
        (response) =>
          response.ok ? withBody(response, (body) => ({ ...body, token_type: "mac" })) : response,
      ),
    },
  ],
};

/** Plays a server that does not compare the verifier: it keeps the answer to the right one. */
function redeemAnything(): Alter {
  return async (request, pass) => {
    const seen = await see(request);
    const response = await pass(request);
    if (!isCodeGrant(seen) || response.ok) return response;
    return Response.json(
      { access_token: "taken:without:verifier", token_type: "bearer", expires_in: 60 },
      { headers: { "cache-control": "no-store" } },
    );
  };
}
