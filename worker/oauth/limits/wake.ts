import type { WorkerEnv } from "../../env.ts";
import { byAddress, type Counted, isOverLimit } from "./limits.ts";

/**
 * Whether a request may wake the object of a grant that Workers KV does not show. It may be one that was made a
 * moment ago, or the token may have expired a moment ago; or a stranger has invented it, and each invented one
 * would wake another object. So each address has as many tries as token requests: after an expired token, a
 * client asks for a new one.
 */
export async function mayWake(env: WorkerEnv, request: Request): Promise<boolean> {
  const { value } = byAddress(request);
  const counted: Counted = { kind: "unknown", value };
  return !(await isOverLimit(env, "TOKEN_LIMIT", counted));
}
