import { logEvent } from "../../log.ts";
import { explainClientId, findClientIdProblem } from "../clients/client-id.ts";
import type { BrowserContext } from "../context.ts";
import { showProblem } from "../show-problem.ts";
import { byAddress, isOverLimit, limitPeriod } from "./limits.ts";
import { explainTooMany } from "./too-many.ts";

/** Why an authorization request is not looked at: too many of them, or a private client id. */
export async function guardAuthorize(context: BrowserContext): Promise<Response | undefined> {
  const { request, env } = context;
  if (await isOverLimit(env, "AUTHORIZE_LIMIT", byAddress(request))) {
    return showProblem(context, explainTooMany("requests", limitPeriod, request.url));
  }
  const problem = findPrivateClientId(context);
  if (problem === undefined) return undefined;
  logEvent("authorize-refused", { code: "invalid_client", reason: "client_id_private" });
  const shown = { title: "This app cannot be verified", text: explainClientId(problem) };
  return showProblem(context, { problem: shown, status: 400 });
}

/** Why the client id in a request's query must not be fetched; see `findClientIdProblem`. */
export function findPrivateClientId({
  request,
  settings,
}: Pick<BrowserContext, "request" | "settings">): string | undefined {
  const { host } = new URL(settings.origin);
  // A second parameter is refused later; here each is checked, whichever is read.
  const ids = new URL(request.url).searchParams.getAll("client_id");
  const { domains } = settings.clients;
  return ids
    .map((id) => findClientIdProblem(id, host, domains))
    .find((problem) => problem !== undefined);
}
