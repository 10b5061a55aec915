import { join } from "node:path";
import { bundleWorker } from "../../infra/bundle.ts";
import type { WorkerSpec } from "../../scripts/runtime/worker-spec.ts";
import { type StackServer, startStackServer } from "../support/stack-server.ts";

/**
 * Boots the fixture Worker in the environment that the dev stack's program declares, with OAuth on:
 * the same bindings, settings and flags, and other code.
 */
export function startFixtureServer(): Promise<StackServer> {
  return startStackServer({ change: replaceCode });
}

async function replaceCode(spec: WorkerSpec, folder: string): Promise<WorkerSpec> {
  const { code } = await bundleWorker({
    entryPoint: "tests/conformance/worker/index.ts",
    file: join(folder, "fixture.js"),
  });
  return {
    ...spec,
    modules: spec.modules.map((module) => ({ ...module, contents: code })),
  };
}
