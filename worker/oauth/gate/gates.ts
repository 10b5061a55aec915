import type { DurableObjectNamespace } from "@cloudflare/workers-types";
import { withBody } from "../../body.ts";
import type { WorkerEnv } from "../../env.ts";
import { logFailure } from "../../log.ts";
import { refuseTooMany } from "../limits/guard-token.ts";
import { mayWake } from "../limits/wake.ts";
import type { GrantName } from "../revoke.ts";
import type { TokenGate } from "../token-gate.ts";
import { askAgain } from "./ask-again.ts";
import { noteMade, wasMade } from "./known-grants.ts";
import { findRecords } from "./token-records.ts";
import { findGrantOfForm, toGrantKey } from "./well-formed-token.ts";

/** The gate of a grant. RPC types need the class, and env.ts stays free of what only a Worker has. */
export function findGate(env: WorkerEnv, { userId, grantId }: GrantName) {
  const gates = env.TOKEN_GATES as unknown as DurableObjectNamespace<TokenGate>;
  return gates.get(gates.idFromName(`${userId}:${grantId}`));
}

/** Whether the grant was made here, or KV shows it. One that was made elsewhere a moment ago KV may not show yet. */
async function isKnown(env: WorkerEnv, grant: GrantName): Promise<boolean> {
  if (wasMade(env, grant)) return true;
  try {
    const isStored = (await env.OAUTH_KV.get(toGrantKey(grant))) !== null;
    if (isStored) noteMade(env, grant);
    return isStored;
  } catch (error) {
    logFailure("token-gate-failure", error);
    return false;
  }
}

/**
 * Answers `POST /token`, token and revocation requests alike, in the gate of the grant it is about.
 * A request that names no grant goes to the library, which refuses it. A grant that is not known here wakes its
 * gate only within the address's limit.
 * @param request whose body was read.
 * @param answer the library, with no gate.
 */
export async function answerTokenRequest(
  request: Request,
  form: URLSearchParams,
  env: WorkerEnv,
  answer: (request: Request) => Promise<Response>,
): Promise<Response> {
  const grant = findGrantOfForm(form);
  if (grant === undefined) return answer(withBody(request, form.toString()));
  if (!(await isKnown(env, grant)) && !(await mayWake(env, request))) {
    return refuseTooMany(request);
  }
  let mayHaveEnded = true;
  try {
    // Without the request's signal: a client that leaves must not stop a rotation half-way.
    const response = await findGate(env, grant).answer(withBody(request, form.toString(), null));
    // What gave out tokens ended none. A revocation ends them, and so does a code or token that comes twice.
    mayHaveEnded = !response.ok || !form.get("grant_type");
    return response;
  } catch (error) {
    // The object was moved or is overloaded: clients keep their token and try again.
    logFailure("token-gate-failure", error);
    return askAgain();
  } finally {
    if (mayHaveEnded) findRecords(env).forget(grant);
  }
}
