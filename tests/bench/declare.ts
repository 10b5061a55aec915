import { join } from "node:path";
import type { WorkerSpec } from "../../scripts/runtime/worker-spec.ts";
import { fixtureProgram } from "../fixture/program.ts";
import { writeFixtureProject } from "../support/fixture-project.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { origin } from "./load/http.ts";

type RunProgram = typeof import("../../scripts/dev/run-program.ts");
type ReadConfig = typeof import("../../scripts/dev/stack-config.ts");
type ToSpec = typeof import("../../scripts/dev/to-worker-spec.ts");

/** Limits that a crowd at one address would meet. */
const settings = { publicUrl: origin, registrationsPerDay: "1000000" };

/**
 * The Worker that the fixture's program declares in the tests' dev stack: a checkout's own may be anybody's.
 * @param root of the checkout: this one or another revision, whose own modules are run.
 */
export async function declareWorker(root: string): Promise<WorkerSpec> {
  const load = (module: string): Promise<unknown> => import(join(root, "scripts/dev", module));
  const { readStackConfig } = (await load("stack-config.ts")) as ReadConfig;
  const { runProgram } = (await load("run-program.ts")) as RunProgram;
  const { toWorkerSpec } = (await load("to-worker-spec.ts")) as ToSpec;
  await using folder = await makeTempFolder();
  await writeFixtureProject(folder.path, root);
  const config = await readStackConfig(folder.path, "dev");
  const own = Object.entries(settings).map(([name, value]) => [`${config.project}:${name}`, value]);
  const { resources } = await runProgram({
    ...config,
    values: { ...config.values, ...Object.fromEntries(own) },
    keys: {},
    program: fixtureProgram,
  });
  return toWorkerSpec(resources);
}
