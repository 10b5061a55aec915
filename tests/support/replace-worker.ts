import { join } from "node:path";
import { bundleWorker } from "../../infra/bundle.ts";
import type { WorkerSpec } from "../../scripts/runtime/worker-spec.ts";

/**
 * Puts another Worker in the environment of the product's, as `change` of a stack server.
 * @param entryPoint from the root of the checkout.
 */
export function replaceWorker(entryPoint: string) {
  return async (spec: WorkerSpec, folder: string): Promise<WorkerSpec> => {
    const { code } = await bundleWorker({ entryPoint, file: join(folder, "replaced.js") });
    return { ...spec, modules: spec.modules.map((module) => ({ ...module, contents: code })) };
  };
}
