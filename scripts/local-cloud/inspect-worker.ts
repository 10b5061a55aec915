import * as z from "zod";
import { WorkerRuntime, WorkerStartError } from "../runtime/runtime.ts";
import type { WorkerSpec } from "../runtime/worker-spec.ts";
import { fail } from "./api-error.ts";

export interface Inspection {
  /** Events that its default export takes. */
  readonly handlers: readonly string[];
  /** Its other exports: `class`, or the events that they take. */
  readonly namedHandlers: readonly { readonly name: string; readonly handlers: string[] }[];
  /** Milliseconds. */
  readonly startupTime: number;
}

const description = z.object({
  handlers: z.array(z.string()),
  namedHandlers: z.array(z.object({ name: z.string(), handlers: z.array(z.string()) })),
});

/** Milliseconds. Cloudflare allows a second of computing; a laptop may be busy with other things. */
const startLimit = 10_000;

/** Name of the module that looks at the Worker from inside. No Worker has one of this name. */
const inspector = "local-cloud-inspector.js";

/**
 * Starts a Worker in a runtime of its own, looks at what it exports, and throws the runtime away: one
 * that does not start would take down whatever it shares a runtime with.
 * @param limit milliseconds that the start may take.
 * @throws ApiError 10021 if it does not start, 10068 if it takes no event.
 */
export async function inspectWorker(spec: WorkerSpec, limit = startLimit): Promise<Inspection> {
  const started = performance.now();
  const { handlers, namedHandlers } = await describeExports(spec, limit);
  const startupTime = Math.max(1, Math.round(performance.now() - started));
  if (handlers.length === 0 && namedHandlers.every((named) => named.handlers.length === 0)) {
    throw fail(
      400,
      10068,
      "The uploaded script has no registered event handlers. Its default export needs a handler, as fetch().",
    );
  }
  return { handlers, namedHandlers, startupTime };
}

async function describeExports(
  spec: WorkerSpec,
  limit: number,
): Promise<z.infer<typeof description>> {
  const [main] = spec.modules;
  if (main === undefined) throw new Error("A Worker has a main module.");
  try {
    await using runtime = await WorkerRuntime.boot(
      [
        {
          ...spec,
          modules: [
            { name: inspector, type: "ESModule", contents: toInspector(main.name) },
            ...spec.modules,
          ],
          // What leads to other Workers is not there.
          bindings: spec.bindings.filter(
            (binding) =>
              binding.type !== "service" &&
              !(binding.type === "durable_object_namespace" && binding.scriptName !== undefined),
          ),
        },
      ],
      { startLimit: limit },
    );
    const answer = await fetch(`http://127.0.0.1:${runtime.port}/`, {
      headers: runtime.headersFor(),
    });
    return description.parse(await answer.json());
  } catch (error) {
    if (!(error instanceof WorkerStartError)) throw error;
    throw fail(400, 10021, explainStart(error.message));
  }
}

/** workerd's own words, without the names that the runtime gave to things. */
function explainStart(message: string): string {
  const lines = message
    .split("\n")
    .map((line) => line.replace(/^service core:user:[^:]*: /, "").replace(/^\S*ERROR: /, ""))
    .filter((line) => line.trim() !== "");
  return lines.join("\n");
}

function toInspector(main: string): string {
  const specifier = JSON.stringify(`./${main}`);
  return `import * as worker from ${specifier};
export * from ${specifier};
const events = ["fetch", "scheduled", "queue", "email", "tail", "tailStream", "trace", "test"];
function listEvents(value) {
  const target = typeof value === "function" ? value.prototype : value;
  if (typeof target !== "object" || target === null) return [];
  return events.filter((name) => typeof target[name] === "function");
}
const { default: main, ...named } = worker;
export default {
  fetch() {
    return Response.json({
      handlers: listEvents(main),
      namedHandlers: Object.entries(named).map(([name, value]) => ({
        name,
        handlers: typeof value === "function" ? ["class"] : listEvents(value),
      })),
    });
  },
};`;
}
