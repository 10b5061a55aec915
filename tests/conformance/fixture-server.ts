import { join } from "node:path";
import { bundleWorker, projectRoot } from "../../infra/bundle.ts";
import { runProgram } from "../../scripts/dev/run-program.ts";
import { readStackConfig } from "../../scripts/dev/stack-config.ts";
import { toWorkerSpec } from "../../scripts/dev/to-worker-spec.ts";
import { forward } from "../../scripts/runtime/forward.ts";
import { Gate } from "../../scripts/runtime/gate.ts";
import { listenOnLocalhost } from "../../scripts/runtime/listen.ts";
import { WorkerRuntime } from "../../scripts/runtime/runtime.ts";
import type { WorkerSpec } from "../../scripts/runtime/worker-spec.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

/** The fixture Worker, served by workerd with OAuth on. */
export interface FixtureServer extends AsyncDisposable {
  /** `http://localhost:<port>` */
  readonly origin: string;
}

/**
 * Boots the fixture Worker in the environment that the dev stack's program declares: the same
 * bindings, settings and flags, and other code.
 */
export async function startFixtureServer(): Promise<FixtureServer> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await makeTempFolder());
  const gate = new Gate();
  const listener = starting.use(
    await listenOnLocalhost(
      0,
      (incoming, outgoing) => void forward(incoming, outgoing, gate),
      () => "",
    ),
  );
  starting.use(gate);
  const origin = `http://localhost:${listener.port}`;
  const spec = await declareFixture(origin, folder.path);
  const runtime = starting.use(
    await WorkerRuntime.boot([spec], { dataDirectory: join(folder.path, "data") }),
  );
  gate.open(runtime.port);
  const started = starting.move();
  return { origin, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** What the dev stack declares for this origin, with the fixture's code in it. */
async function declareFixture(origin: string, folder: string): Promise<WorkerSpec> {
  const config = await readStackConfig(projectRoot, "dev");
  const { resources } = await runProgram({
    ...config,
    values: { ...config.values, [`${config.project}:publicUrl`]: origin },
    keys: {},
  });
  const spec = await toWorkerSpec(resources);
  const { code } = await bundleWorker({
    entryPoint: "tests/conformance/worker/index.ts",
    file: join(folder, "fixture.js"),
  });
  return {
    ...spec,
    modules: spec.modules.map((module) => ({ ...module, contents: code })),
  };
}
