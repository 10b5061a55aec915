import type { DurableObjectNamespace, DurableObjectStub } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../../env.ts";
import type { Throttle } from "./throttle.ts";

/** The object that counts one thing. RPC types need the class, and env.ts stays free of what only a Worker has. */
export function findThrottle({ THROTTLES }: WorkerEnv, name: string): DurableObjectStub<Throttle> {
  const throttles = THROTTLES as unknown as DurableObjectNamespace<Throttle>;
  return throttles.get(throttles.idFromName(name));
}
