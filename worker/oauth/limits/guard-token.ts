import { largestForm, readBounded } from "../../body.ts";
import type { WorkerEnv, WorkerSettings } from "../../env.ts";
import { logEvent } from "../../log.ts";
import { hasControl } from "../../printable.ts";
import { explainClientId, findClientIdProblem } from "../clients/client-id.ts";
import { listNamedClients } from "../clients/named-clients.ts";
import { refuseClient } from "../clients/refuse-client.ts";
import { byAddress, isOverLimit, limitPeriod } from "./limits.ts";

interface Guarded {
  readonly request: Request;
  readonly env: WorkerEnv;
  readonly settings: WorkerSettings;
}

/**
 * Lets a token or revocation request through to `answer`, with its body as a form, unless it is one too many or
 * its client id must not be fetched. One too many gets `temporarily_unavailable`, as from the library when KV
 * is busy: clients drop their tokens on `invalid_grant` and their registration on `invalid_client`, but on this
 * they keep both. Requests are counted by address, and never by grant alone: somebody who holds an old code of
 * a grant, or knows its name, could use up its client's share from elsewhere.
 */
export async function guardToken(
  { request, env, settings }: Guarded,
  answer: (request: Request, form: URLSearchParams) => Response | Promise<Response>,
): Promise<Response> {
  if (request.method !== "POST") return answer(request, new URLSearchParams());
  if (await isOverLimit(env, "TOKEN_LIMIT", byAddress(request))) return refuseTooMany(request);
  const form = new URLSearchParams(await readBounded(request, largestForm));
  const ids = listNamedClients(form, request.headers);
  const steering = [...form].find(([name, value]) => hasControl(name) || hasControl(value));
  if (steering !== undefined || ids.some(hasControl)) {
    // A client's id is no secret, and still not repeated: a library would log it as it is.
    const description = "A parameter holds a control character.";
    return refuseClient(request, { status: 400, error: "invalid_request", description });
  }
  const { host } = new URL(settings.origin);
  for (const id of ids) {
    const problem = findClientIdProblem(id, host, settings.clients.domains);
    if (problem === undefined) continue;
    logEvent("token-refused", { code: "invalid_client", reason: "client_id_private" });
    const description = explainClientId(problem);
    return refuseClient(request, { status: 401, error: "invalid_client", description });
  }
  return answer(request, form);
}

/** Refuses one token request too many from an address. */
export function refuseTooMany(request: Request): Response {
  return refuseClient(request, {
    status: 429,
    error: "temporarily_unavailable",
    description: "Too many token requests. Try again in a minute; the tokens stay valid.",
    retryAfter: limitPeriod,
  });
}
