import type { WorkerOptions } from "miniflare";
import type { WorkerBinding, WorkerSpec } from "./worker-spec.ts";

/** Where a binding leads that is a Worker: its name in the runtime, and which of its entrypoints. */
export interface ServiceTarget {
  readonly name: string;
  readonly entrypoint?: string;
}

/** Stand-ins for what does not run on this machine, and the bindings that lead to Workers. */
export interface Services {
  readonly absent: WorkerOptions[];
  readonly bindings: Record<string, ServiceTarget>;
}

/**
 * Workers AI is not here, nor is every other Worker of the account. A binding to them leads to a
 * small Worker that says so, so that a tool meets an error it can name and not an undefined value.
 */
export function createServices(spec: WorkerSpec, present: ReadonlySet<string>): Services {
  const absent: WorkerOptions[] = [];
  const bindings: Record<string, ServiceTarget> = {};
  for (const binding of spec.bindings) {
    if (binding.type === "service" && present.has(binding.service)) {
      const { service: name, entrypoint } = binding;
      bindings[binding.name] = { name, ...(entrypoint !== undefined && { entrypoint }) };
      continue;
    }
    const message = explainAbsence(binding);
    if (message === undefined) continue;
    const name = `absent-${spec.name}-${binding.name.toLowerCase()}`;
    bindings[binding.name] = { name };
    absent.push({
      name,
      modules: [{ type: "ESModule", path: "/absent.js", contents: toCode(message) }],
      modulesRoot: "/",
      compatibilityDate: "2026-01-01",
    });
  }
  return { absent, bindings };
}

function explainAbsence(binding: WorkerBinding): string | undefined {
  switch (binding.type) {
    case "ai":
      return `Workers AI (${binding.name}) runs at Cloudflare only. Deploy the stack to use it.`;
    case "service":
      return `The Worker "${binding.service}" (${binding.name}) is not on this machine. Deploy the stack to reach it.`;
    default:
      return undefined;
  }
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
