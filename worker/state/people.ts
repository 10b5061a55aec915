import type { DurableObjectNamespace } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../env.ts";
import type { PersonState } from "./person-state.ts";

/** The storage objects of people. RPC types need the class, and env.ts stays free of what only a Worker has. */
export function listPeople(env: WorkerEnv): DurableObjectNamespace<PersonState> {
  return env.PEOPLE as unknown as DurableObjectNamespace<PersonState>;
}
