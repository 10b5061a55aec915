import type { KVNamespace } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../../../../worker/env.ts";
import type { Conditions } from "../../simulation/protocol.ts";
import { openKv, type StoreNamespace } from "./kv.ts";
import { openLimit } from "./limit.ts";

/** The Worker's own bindings and those of the simulation. */
export interface SimulatedBindings extends WorkerEnv {
  readonly SIMULATION: Conditions;
  readonly SIMULATION_STORE: StoreNamespace;
}

/** KV by place. A Worker keeps for a while what it read of one, so a place is an isolate of its own. */
const namespaces = new Map<string, KVNamespace>();

/** The bindings as the Worker sees them at a place. */
export function simulateBindings(env: SimulatedBindings, place: string): WorkerEnv {
  return {
    ...env,
    OAUTH_KV: findKv(env, place),
    ...Object.fromEntries(
      Object.keys(env.SIMULATION.limits).map((name) => [name, openLimit(name)]),
    ),
  };
}

function findKv({ SIMULATION_STORE }: SimulatedBindings, place: string): KVNamespace {
  const kv = namespaces.get(place) ?? openKv(SIMULATION_STORE, place);
  namespaces.set(place, kv);
  return kv;
}
