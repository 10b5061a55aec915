import { createHash } from "node:crypto";
import * as z from "zod";
import { WorkerRuntime, WorkerStartError } from "../runtime/runtime.ts";
import type { WorkerBinding, WorkerSpec } from "../runtime/worker-spec.ts";
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
 * What was learnt of Workers that started, by what their start depends on. The clouds of one process share it; one
 * that does not start is tried again each time.
 */
const passed = new Map<string, Inspection>();

/**
 * Starts a Worker in a runtime of its own, looks at what it exports, and throws the runtime away: one
 * that does not start would take down whatever it shares a runtime with. The same Worker is started once.
 * @param limit milliseconds that the start may take.
 * @throws ApiError 10021 if it does not start, 10068 if it takes no event.
 */
export async function inspectWorker(spec: WorkerSpec, limit = startLimit): Promise<Inspection> {
  const alone = withoutOthers(spec);
  const key = hashStart(alone);
  const known = passed.get(key);
  if (known !== undefined) return known;
  const started = performance.now();
  const { handlers, namedHandlers } = await describeExports(alone, limit);
  const startupTime = Math.max(1, Math.round(performance.now() - started));
  if (handlers.length === 0 && namedHandlers.every((named) => named.handlers.length === 0)) {
    throw fail(
      400,
      10068,
      "The uploaded script has no registered event handlers. Its default export needs a handler, as fetch().",
    );
  }
  const inspection = { handlers, namedHandlers, startupTime };
  passed.set(key, inspection);
  return inspection;
}

/** Without what leads to other Workers, which are not there. */
function withoutOthers(spec: WorkerSpec): WorkerSpec {
  const bindings = spec.bindings.filter(
    (binding) =>
      binding.type !== "service" &&
      !(binding.type === "durable_object_namespace" && binding.scriptName !== undefined),
  );
  return { ...spec, bindings };
}

/**
 * Names what a start depends on. Values of variables and secrets belong to it: code can read them before it is called
 * (`env` of `cloudflare:workers`, `process.env`).
 */
function hashStart({
  modules,
  compatibilityDate,
  compatibilityFlags,
  bindings,
}: WorkerSpec): string {
  const hash = createHash("sha256");
  const settings = [compatibilityDate, compatibilityFlags, bindings.map(withoutIds)];
  hash.update(JSON.stringify([settings, modules.map(({ name, type }) => [name, type])]));
  for (const { contents } of modules) {
    hash.update(createHash("sha256").update(contents).digest());
  }
  return hash.digest("hex");
}

/** Ids are made by the cloud, differ in each, and say nothing to code that starts. */
const ids = ["namespaceId", "uniqueKey", "id", "bucketName"];

function withoutIds(binding: WorkerBinding): object {
  return Object.fromEntries(Object.entries(binding).filter(([key]) => !ids.includes(key)));
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
