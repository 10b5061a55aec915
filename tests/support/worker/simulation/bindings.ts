import type { WorkerEnv } from "../../../../worker/env.ts";
import type { Conditions } from "../../simulation/protocol.ts";
import { openKv, type StoreNamespace } from "./kv.ts";
import { openLimit } from "./limit.ts";

/** The Worker's own bindings and those of the simulation. */
export interface SimulatedBindings extends WorkerEnv {
  readonly SIMULATION: Conditions;
  readonly SIMULATION_STORE: StoreNamespace;
}

/** The bindings as the Worker sees them at a place. */
export function simulateBindings(env: SimulatedBindings, place: string): WorkerEnv {
  return {
    ...env,
    OAUTH_KV: openKv(env.SIMULATION_STORE, place),
    ...Object.fromEntries(
      Object.keys(env.SIMULATION.limits).map((name) => [name, openLimit(name)]),
    ),
  };
}
