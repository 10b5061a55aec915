import type { KVNamespace } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../../../worker/env.ts";

const counts = { reads: 0, writes: 0 };

/** One for each namespace, as the Worker keeps what it read of one. */
const counted = new WeakMap<KVNamespace, KVNamespace>();

/** The environment with a KV namespace that counts what one isolate asks of it. */
export function countKv(env: WorkerEnv): WorkerEnv {
  const OAUTH_KV = counted.get(env.OAUTH_KV) ?? countReads(env.OAUTH_KV);
  counted.set(env.OAUTH_KV, OAUTH_KV);
  return { ...env, OAUTH_KV };
}

function countReads(kv: KVNamespace): KVNamespace {
  return new Proxy(kv, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (name === "put" || name === "delete") counts.writes += 1;
        if (name === "get" || name === "list" || name === "getWithMetadata") counts.reads += 1;
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  });
}

/** What was counted since the last time. Undefined for another path than its own. */
export function answerCounts(request: Request): Response | undefined {
  if (new URL(request.url).pathname !== "/kv-counts") return undefined;
  const answer = Response.json(counts);
  Object.assign(counts, { reads: 0, writes: 0 });
  return answer;
}
