import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleWorker, projectRoot } from "../../infra/bundle.ts";
import type { WorkerBinding, WorkerSpec } from "../../scripts/runtime/worker-spec.ts";
import type { Contestant } from "./contestants.ts";
import type { Counted } from "./workers/counted.ts";

/** The same Worker, which counts what it asks of KV and of Durable Objects. */
export async function countWorker(
  { name, root, entryPoint, bundling }: Contestant,
  spec: WorkerSpec,
  folder: string,
): Promise<WorkerSpec> {
  const pick = <Type extends WorkerBinding["type"]>(type: Type) =>
    spec.bindings.filter(
      (binding): binding is Extract<WorkerBinding, { type: Type }> => binding.type === type,
    );
  const objects = pick("durable_object_namespace");
  const counted: Counted = {
    kv: pick("kv_namespace").map((binding) => binding.name),
    objects: objects.map((binding) => binding.name),
  };
  const classes = [...new Set(objects.map(({ className }) => className))];
  const entry = join(folder, `${name}-counted.ts`);
  await writeFile(
    entry,
    [
      `import * as worker from ${JSON.stringify(join(root, entryPoint))};`,
      `import { countHandler, countObject } from ${JSON.stringify(join(projectRoot, "tests/bench/workers/counted.ts"))};`,
      `const counted = ${JSON.stringify(counted)};`,
      ...classes.map((each) => `export const ${each} = countObject(worker.${each}, counted);`),
      "export default countHandler(worker.default, counted);",
    ].join("\n"),
  );
  const file = join(folder, `${name}-counted.js`);
  const { code } = await bundleWorker({ root, entryPoint: entry, file, ...bundling });
  return { ...spec, modules: spec.modules.map((module) => ({ ...module, contents: code })) };
}
