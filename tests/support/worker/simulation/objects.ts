import type { DurableObject } from "cloudflare:workers";
import type { DurableObjectState } from "@cloudflare/workers-types";
import { type SimulatedBindings, simulateBindings } from "./bindings.ts";
import { findStore } from "./kv.ts";
import type { Alarm } from "./store.ts";

/** Objects that are in memory, as `BINDING:id`. */
export const awake = new Set<string>();

/** What this adds to every object, for the simulation alone. */
export interface SimulatedObject {
  /** Lets its alarm ring. */
  ringSimulated(): Promise<void>;
  /** Takes it out of memory in the midst of what it does, as Cloudflare does with objects that it moves. */
  abortSimulated(): void;
}

// biome-ignore lint/suspicious/noExplicitAny: TypeScript lets a class be extended so only with these.
type ObjectClass = new (...args: any[]) => DurableObject<any>;

/** The class of a Durable Object whose KV, limits, time and alarms are simulated. */
export function simulateObject<Class extends ObjectClass>(binding: string, Class: Class) {
  return class extends Class implements SimulatedObject {
    readonly #key: string;

    // biome-ignore lint/suspicious/noExplicitAny: see above.
    constructor(...args: any[]) {
      const [ctx, env] = args as [DurableObjectState, SimulatedBindings];
      const key = `${binding}:${ctx.id}`;
      simulateAlarms(ctx, { binding, id: ctx.id.toString() }, env);
      super(ctx, simulateBindings(env, key));
      this.#key = key;
      awake.delete(key);
      awake.add(key);
    }

    async ringSimulated(): Promise<void> {
      await this.alarm?.();
    }

    abortSimulated(): void {
      awake.delete(this.#key);
      this.ctx.abort("The simulation took this object out of memory.");
    }
  };
}

/** The runtime's alarms ring by this machine's clock; these ring by the simulated one. */
function simulateAlarms(
  ctx: DurableObjectState,
  { binding, id }: Omit<Alarm, "at">,
  { SIMULATION_STORE }: SimulatedBindings,
): void {
  const { storage } = ctx;
  const deleteAll = storage.deleteAll.bind(storage);
  const store = () => findStore(SIMULATION_STORE);
  const members = {
    setAlarm: async (time: number | Date) => store().setAlarm(binding, id, Number(time)),
    getAlarm: async () => store().readAlarm(binding, id),
    deleteAlarm: async () => store().setAlarm(binding, id, null),
    async deleteAll() {
      await deleteAll();
      await store().setAlarm(binding, id, null);
    },
  };
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(storage, name, { value, configurable: true });
  }
}
