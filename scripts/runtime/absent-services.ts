import type { WorkerOptions } from "miniflare";
import type { WorkerSpec } from "./worker-spec.ts";

/** Stand-ins for what does not run on this machine, and the bindings that lead to them. */
export interface AbsentServices {
  readonly workers: WorkerOptions[];
  readonly serviceBindings: Record<string, string>;
}

/**
 * Workers AI and the account's other Workers are not here. A binding to them leads to a small Worker
 * that says so, so that a tool meets an error it can name and not an undefined value.
 */
export function createAbsentServices({ bindings }: WorkerSpec): AbsentServices {
  const workers: WorkerOptions[] = [];
  const serviceBindings: Record<string, string> = {};
  for (const binding of bindings) {
    if (binding.type !== "ai" && binding.type !== "service") continue;
    const name = `absent-${binding.name.toLowerCase()}`;
    const message =
      binding.type === "ai"
        ? `Workers AI (${binding.name}) runs at Cloudflare only. Deploy the stack to use it.`
        : `The Worker "${binding.service}" (${binding.name}) is not on this machine. Deploy the stack to reach it.`;
    serviceBindings[binding.name] = name;
    workers.push({
      name,
      modules: [{ type: "ESModule", path: "/absent.js", contents: toCode(message) }],
      modulesRoot: "/",
      compatibilityDate: "2026-01-01",
    });
  }
  return { workers, serviceBindings };
}

/** `run` is how a model is called; over RPC its error reaches the caller as it is. */
function toCode(message: string): string {
  return `import { WorkerEntrypoint } from "cloudflare:workers";
const message = ${JSON.stringify(message)};
export default class extends WorkerEntrypoint {
  run() { throw new Error(message); }
  fetch() { return new Response(message, { status: 501 }); }
}`;
}
