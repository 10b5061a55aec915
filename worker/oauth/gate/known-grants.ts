import type { DurableObjectNamespace } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../../env.ts";
import type { GrantName } from "../revoke.ts";

/** How many an isolate remembers, each in some 40 characters. */
const most = 1000;

/** What this isolate remembers, the oldest first, by the namespace of the gates. */
const all = new WeakMap<DurableObjectNamespace, Set<string>>();

/**
 * Remembers that a grant was made, which nothing undoes: nobody has invented its name, so its gate may be woken
 * without asking Workers KV whether there is such a grant. Whether it still counts is the gate's to say.
 */
export function noteMade({ TOKEN_GATES }: WorkerEnv, grant: GrantName): void {
  const made = all.get(TOKEN_GATES) ?? new Set();
  all.set(TOKEN_GATES, made);
  made.add(toName(grant));
  for (const oldest of made) {
    if (made.size <= most) break;
    made.delete(oldest);
  }
}

/** Whether this isolate knows that the grant was made. */
export function wasMade({ TOKEN_GATES }: WorkerEnv, grant: GrantName): boolean {
  return all.get(TOKEN_GATES)?.has(toName(grant)) ?? false;
}

function toName({ userId, grantId }: GrantName): string {
  return `${userId}:${grantId}`;
}
