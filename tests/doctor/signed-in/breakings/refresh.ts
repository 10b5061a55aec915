import { setTimeout as wait } from "node:timers/promises";
import type { Alter } from "../../altered-server.ts";
import {
  answering,
  type Breaking,
  isCodeGrant,
  isFor,
  isRefresh,
  oauthError,
  see,
  withBody,
  withForm,
} from "./alter.ts";

/** Refreshes, and what they take. */
export const refreshBreakings: Readonly<Record<string, readonly Breaking[]>> = {
  refresh: [
    {
      what: "no refresh token is taken",
      ends: "failed",
      makeAlter: answering(isRefresh, () => oauthError(400, "invalid_grant")),
    },
    {
      what: "refreshes fail with another error",
      ends: "failed",
      makeAlter: answering(isRefresh, () => new Response("Bad gateway", { status: 502 })),
    },
    {
      what: "the refresh token stays the same",
      ends: "failed",
      makeAlter: () => keepRefreshToken(),
    },
    {
      what: "the token that a refresh gives opens nothing",
      ends: "failed",
      makeAlter: () => spoilRefreshed(),
    },
  ],
  latency: [
    {
      what: "one step takes longer than two seconds",
      ends: "warning",
      makeAlter: answering(
        (seen) => isCodeGrant(seen) && isFor(seen, "/sse"),
        async (response) => {
          await wait(2_050);
          return response;
        },
      ),
    },
  ],
  "refresh-at-once": [
    {
      what: "of two refreshes at once one is refused",
      ends: "warning",
      makeAlter: () => refuseSecondAtOnce(),
    },
  ],
  "refresh-again": [
    {
      what: "a refresh token that comes again is refused",
      ends: "warning",
      makeAlter: () => refuseAgain(() => oauthError(400, "invalid_grant")),
    },
    {
      what: "a refresh token that comes again is answered with an error that is none of OAuth's",
      ends: "failed",
      makeAlter: () => refuseAgain(() => oauthError(400, "server_error")),
    },
  ],
};

/** Plays a server that does not rotate: clients see their first refresh token again and again. */
function keepRefreshToken(): Alter {
  const newest = new Map<string, string>();
  return async (request, pass) => {
    const seen = await see(request);
    if (!isRefresh(seen)) return pass(request);
    const shown = seen.form.get("refresh_token") ?? "";
    seen.form.set("refresh_token", newest.get(shown) ?? shown);
    const response = await pass(withForm(request, seen.form));
    if (!response.ok) return response;
    return withBody(response, (body) => {
      newest.set(shown, String(body.refresh_token));
      return { ...body, refresh_token: shown };
    });
  };
}

/** Gives access tokens at a refresh that nobody knows. */
function spoilRefreshed(): Alter {
  return async (request, pass) => {
    const seen = await see(request);
    const response = await pass(request);
    if (!isRefresh(seen) || !response.ok) return response;
    return withBody(response, (body) => ({ ...body, access_token: `${body.access_token}x` }));
  };
}

/** Milliseconds for which an answer is held back, so that a second request comes before it. */
const hold = 100;

/** Refuses a refresh while another one with the same token is on its way. */
function refuseSecondAtOnce(): Alter {
  const pending = new Set<string>();
  return async (request, pass) => {
    const seen = await see(request);
    if (!isRefresh(seen)) return pass(request);
    const token = seen.form.get("refresh_token") ?? "";
    if (pending.has(token)) return oauthError(400, "invalid_grant");
    pending.add(token);
    const response = await pass(request);
    await wait(hold);
    pending.delete(token);
    return response;
  };
}

/** Refuses a refresh token whose answer was given before. */
function refuseAgain(refuse: () => Response): Alter {
  const answered = new Set<string>();
  return async (request, pass) => {
    const seen = await see(request);
    if (!isRefresh(seen)) return pass(request);
    const token = seen.form.get("refresh_token") ?? "";
    if (answered.has(token)) return refuse();
    const response = await pass(request);
    await wait(hold);
    answered.add(token);
    return response;
  };
}
