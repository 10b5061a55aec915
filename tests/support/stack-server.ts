import { join } from "node:path";
import { readStackConfig } from "../../scripts/dev/stack-config.ts";
import { toWorkerSpec } from "../../scripts/dev/to-worker-spec.ts";
import { forward } from "../../scripts/runtime/forward.ts";
import { Gate } from "../../scripts/runtime/gate.ts";
import { listenOnLocalhost } from "../../scripts/runtime/listen.ts";
import { type Outbound, WorkerRuntime } from "../../scripts/runtime/runtime.ts";
import type { WorkerSpec } from "../../scripts/runtime/worker-spec.ts";
import { fixtureProgram } from "../fixture/program.ts";
import { writeFixtureProject } from "./fixture-project.ts";
import { runAgain } from "./run-again.ts";
import { makeTempFolder } from "./temp-folder.ts";

/** The Worker of a stack, served by workerd. */
export interface StackServer extends AsyncDisposable {
  /** `http://localhost:<port>` */
  readonly origin: string;
  /** Every line the Worker has logged so far. */
  readonly requests: readonly string[];
  /** The keys and secrets that the program generated, by the name of their resource. */
  readonly keys: Readonly<Record<string, string>>;
  /** Where it keeps KV and Durable Object data. */
  readonly dataDirectory: string;
  /** Where the Worker's inspector listens, until the next deployment. @throws Error unless it has one. */
  findInspector(): Promise<URL>;
  /**
   * Deploys again: at the same address, with the same data and keys. Requests meanwhile wait. Without new
   * settings the program is not run again.
   */
  deploy(next?: Pick<StackServerOptions, "settings" | "secrets" | "change">): Promise<void>;
}

/** In what this server differs from the dev stack's. */
export interface StackServerOptions {
  /** Module of a program of other features. Default: the fixture's. */
  readonly program?: string;
  /** Settings of the stack, by name. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Secret settings of the stack, by name. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Answers what the Worker fetches, so that nothing leaves this machine. */
  readonly outbound?: Outbound;
  /** Whether workerd's inspector listens, as of `RuntimeOptions`. Default: no. */
  readonly hasInspector?: boolean;
  /**
   * Puts another Worker in the stack's environment.
   * @param folder where a file may be left as long as the server runs.
   */
  readonly change?: (spec: WorkerSpec, folder: string) => Promise<WorkerSpec>;
}

/**
 * Serves what the dev stack's program declares: its bindings, settings and flags. `startTestServer`
 * starts the dev server as it is; this one may have other settings, other code and no network.
 */
export async function startStackServer(options: StackServerOptions = {}): Promise<StackServer> {
  const {
    program = fixtureProgram,
    settings = {},
    secrets = {},
    outbound,
    hasInspector = false,
    change = async (spec) => spec,
  } = options;
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
  const requests: string[] = [];
  const first = { settings: { publicUrl: origin, ...settings }, secrets };
  await writeFixtureProject(folder.path);
  const declare = (next: typeof first, keys: DeclaredStack["keys"]) =>
    declareStack({ ...next, folder: folder.path, program, keys });
  let declared = await declare(first, {});
  const dataDirectory = join(folder.path, "data");
  const runtime = starting.use(
    await WorkerRuntime.boot([await change(declared.spec, folder.path)], {
      dataDirectory,
      onLine: (line) => requests.push(line),
      ...(outbound && { outbound }),
      hasInspector,
    }),
  );
  gate.open(runtime);
  const started = starting.move();
  return {
    origin,
    requests,
    get keys() {
      return declared.keys;
    },
    dataDirectory,
    findInspector: () => runtime.findInspector(),
    async deploy(next = {}) {
      if (next.settings !== undefined || next.secrets !== undefined) {
        declared = await declare(
          {
            settings: { ...first.settings, ...next.settings },
            secrets: { ...first.secrets, ...next.secrets },
          },
          declared.keys,
        );
      }
      const spec = await (next.change ?? change)(declared.spec, folder.path);
      await gate.close(drainTime);
      try {
        await runtime.replace([spec]);
      } finally {
        gate.open(runtime);
      }
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** Milliseconds that a deployment waits for requests in flight. */
const drainTime = 10_000;

/** What a stack's program declared, and the keys it made. */
interface DeclaredStack {
  readonly spec: WorkerSpec;
  readonly keys: Readonly<Record<string, string>>;
}

/** What is declared. */
interface StackDescription {
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Folder of the project and its stack files. */
  readonly folder: string;
  /** Module of the program. */
  readonly program: string;
  /** Keys of an earlier run. */
  readonly keys: Readonly<Record<string, string>>;
}

/** What the dev stack's program declares with these settings. */
async function declareStack({
  settings,
  secrets,
  folder,
  program,
  keys,
}: StackDescription): Promise<DeclaredStack> {
  const config = await readStackConfig(folder, "dev");
  const toKey = (name: string) => `${config.project}:${name}`;
  const own = Object.entries({ ...settings, ...secrets });
  const result = await runAgain({
    ...config,
    values: {
      ...config.values,
      ...Object.fromEntries(own.map(([name, value]) => [toKey(name), value])),
    },
    secretKeys: [...config.secretKeys, ...Object.keys(secrets).map(toKey)],
    keys,
    program,
  });
  return { spec: await toWorkerSpec(result.resources), keys: result.keys };
}
