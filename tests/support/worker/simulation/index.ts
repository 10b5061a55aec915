/**
 * What stands around a Worker in a test, as a module of its own beside the Worker's bundle: a clock that
 * moves, KV that shows keys late, alarms by that clock, objects that can be taken out of memory. The
 * bundle itself is the one that is deployed.
 */
import "./clock.ts";
import type {
  DurableObjectNamespace,
  ExecutionContext,
  ScheduledController,
} from "@cloudflare/workers-types";
import type { WorkerHandlers } from "../../../../worker/create-worker.ts";
import { type Control, controlPath } from "../../simulation/protocol.ts";
import { type SimulatedBindings, simulateBindings } from "./bindings.ts";
import { moveTo, now } from "./clock.ts";
import { readConditions, setConditions } from "./conditions.ts";
import { findStore, kvCounts } from "./kv.ts";
import { awake, type SimulatedObject } from "./objects.ts";

export { simulateObject } from "./objects.ts";
export { SimulationStore } from "./store.ts";

/** Milliseconds until an alarm that failed rings again. */
const alarmPause = 2_000;

/** The Worker in a simulated world. */
export function simulateWorker(worker: WorkerHandlers): WorkerHandlers {
  return {
    async fetch(request: Request, given, ctx: ExecutionContext): Promise<Response> {
      const env = given as SimulatedBindings;
      if (new URL(request.url).pathname === controlPath) {
        return Response.json(await control(await request.json<Control>(), worker, env));
      }
      const place = request.headers.get("x-simulated-place") ?? "home";
      return worker.fetch(toOrigin(request), simulateBindings(env, place), ctx);
    },
    scheduled: (controller, env) =>
      worker.scheduled(controller, simulateBindings(env as SimulatedBindings, "cron")),
  };
}

/** A request comes from the address that the test says. */
function toOrigin(request: Request): Request {
  const address = request.headers.get("x-simulated-address");
  if (address === null) return request;
  const headers = new Headers(request.headers);
  headers.set("cf-connecting-ip", address);
  return new Request(request, { headers });
}

async function control(
  asked: Control,
  worker: WorkerHandlers,
  env: SimulatedBindings,
): Promise<object> {
  switch (asked.action) {
    case "advance":
      return { alarms: await advance(asked.to, env) };
    case "set":
      setConditions(asked.conditions);
      return {};
    case "cron": {
      const controller = { scheduledTime: now(), cron: "", noRetry: () => undefined };
      await worker.scheduled(controller as ScheduledController, simulateBindings(env, "cron"));
      return {};
    }
    case "abort":
      return { aborted: await abort(asked.binding, asked.pick, env) };
    case "count":
      return { now: now(), awake: awake.size, ...kvCounts };
  }
}

/** @returns how many alarms rang. */
async function advance(to: number, env: SimulatedBindings): Promise<number> {
  const store = findStore(env.SIMULATION_STORE);
  let rung = 0;
  for (;;) {
    const alarm = await store.takeDue(Math.max(to, now()));
    if (alarm === null) break;
    moveTo(alarm.at);
    rung += 1;
    try {
      await findObject(env, alarm.binding, alarm.id).ringSimulated();
    } catch {
      // The runtime tries again as well.
      await store.setAlarm(alarm.binding, alarm.id, now() + alarmPause);
    }
  }
  moveTo(to);
  await store.sweep({ place: "", now: now(), lateness: readConditions().kvLateness });
  return rung;
}

/** @returns which object it was; null where none is in memory. */
async function abort(
  binding: string,
  pick: number,
  env: SimulatedBindings,
): Promise<string | null> {
  // The one that woke last is the last.
  const found = [...awake].filter((key) => key.startsWith(`${binding}:`));
  const key = found[Math.floor(pick * found.length)];
  if (key === undefined) return null;
  // The call that ends it fails with it.
  await findObject(env, binding, key.slice(binding.length + 1))
    .abortSimulated()
    .catch(() => undefined);
  return key;
}

function findObject(env: SimulatedBindings, binding: string, id: string) {
  const objects = env[binding as "PEOPLE"] as unknown as DurableObjectNamespace;
  return objects.get(objects.idFromString(id)) as unknown as {
    [Name in keyof SimulatedObject]: () => Promise<void>;
  };
}
