import { join } from "node:path";
import { bundleWorker } from "../../../infra/bundle.ts";
import type { Json, WorkerModule, WorkerSpec } from "../../../scripts/runtime/worker-spec.ts";
import type { Conditions } from "./protocol.ts";

/** Name of the module that holds the Worker's own bundle. */
const product = "product.js";

/** Where the simulation begins. */
export const usualConditions: Omit<Conditions, "limits"> = {
  ahead: 0,
  kvLateness: 60_000,
  kvDelay: 0,
  kvFailure: null,
  kvOneWriteASecond: false,
  limitsFail: false,
};

/**
 * Puts a simulated world around a Worker: its bundle becomes a module beside that of the simulation, byte
 * for byte, and every class of its objects is exported with simulated alarms.
 * @param folder where the simulation's bundle is written.
 */
export async function addSimulation(
  spec: WorkerSpec,
  folder: string,
  conditions: Omit<Conditions, "limits">,
): Promise<WorkerSpec> {
  const [main] = spec.modules;
  if (main === undefined) throw new Error("The Worker has no module.");
  const { code } = await bundleWorker({
    entryPoint: "tests/support/worker/simulation/index.ts",
    file: join(folder, "simulation.js"),
  });
  const toModule = (name: string, contents: string): WorkerModule => {
    return { name, type: "ESModule", contents };
  };
  return {
    ...spec,
    modules: [
      toModule(main.name, writeEntry(spec)),
      toModule("simulation.js", code),
      { ...main, name: product },
      ...spec.modules.slice(1),
    ],
    bindings: [
      ...spec.bindings,
      {
        type: "json",
        name: "SIMULATION",
        json: { ...conditions, limits: listLimits(spec) } as unknown as Json,
      },
      {
        type: "durable_object_namespace",
        name: "SIMULATION_STORE",
        className: "SimulationStore",
        uniqueKey: `${spec.name}-SimulationStore`,
      },
    ],
  };
}

/** The clock is moved by the first import, before the Worker's modules are run. */
function writeEntry({ bindings }: WorkerSpec): string {
  const classes = bindings.filter((binding) => binding.type === "durable_object_namespace");
  return [
    `import { simulateObject, simulateWorker } from "./simulation.js";`,
    `import * as product from "./${product}";`,
    `export { SimulationStore } from "./simulation.js";`,
    ...classes.map(
      ({ name, className }) =>
        `export const ${className} = simulateObject("${name}", product.${className});`,
    ),
    "export default simulateWorker(product.default);",
  ].join("\n");
}

function listLimits({ bindings }: WorkerSpec): Conditions["limits"] {
  const limits = bindings.filter((binding) => binding.type === "ratelimit");
  return Object.fromEntries(limits.map(({ name, simple }) => [name, simple]));
}
