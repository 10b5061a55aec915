import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EngineEvent, OutputMap, Stack } from "@pulumi/pulumi/automation/index.js";
import type { TestContext } from "vitest";
import { bundleWorker } from "../../infra/bundle.ts";
import { type ProgramParts, program } from "../../infra/program.ts";
import type { Mishap } from "../../scripts/local-cloud/faults.ts";
import type { LocalCloud, LocalCloudOptions } from "../../scripts/local-cloud/server.ts";
import { answersAtOnce } from "../../scripts/mcp/stack/engine.ts";
import { type Changes, listChanges } from "../../scripts/mcp/stack/engine-events.ts";
import { server } from "../fixture/infra.ts";
import { EngineHome, type StackConfig } from "./engine-home.ts";
import { project } from "./fixture-project.ts";
import { TestCloud } from "./local-cloud.ts";

/** How a deployment is set up. */
export interface DeploymentOptions {
  readonly cloud?: Pick<LocalCloudOptions, "zones" | "plan" | "onLine">;
  readonly config?: StackConfig;
}

/** A stack on a cloud, with what both are made of. */
export interface DeploymentParts {
  readonly test: TestCloud;
  readonly home: EngineHome;
  readonly stack: Stack;
  /** Whose parts the stack's program takes. */
  current?: Deployment;
}

/** A stack of this project on a local cloud, deployed by the real engine. */
export class Deployment implements AsyncDisposable {
  readonly test: TestCloud;
  readonly home: EngineHome;
  readonly stack: Stack;
  /** What the program takes from outside; a test may change it between two runs. Default: the fixture's. */
  parts: Partial<ProgramParts> = server;
  /** Everything the engine printed. */
  output = "";
  readonly #before: string;
  readonly #end: () => Promise<void>;
  /** Undefined after each run of the engine, until somebody asks. */
  #outputs: Promise<OutputMap> | undefined;

  /** @param end what is done with them in the end. */
  constructor(parts: DeploymentParts, end: () => Promise<void>) {
    this.test = parts.test;
    this.home = parts.home;
    this.stack = Object.assign(parts.stack, answersAtOnce);
    this.#end = end;
    this.#before = process.cwd();
    // The provider looks for the bundle from the engine's folder, the program from this process's.
    process.chdir(this.stack.workspace.workDir);
    parts.current = this;
  }

  get local(): LocalCloud {
    return this.test.local;
  }

  /** Skips the test where there is no engine. */
  static async make(
    skip: TestContext["skip"],
    options: DeploymentOptions = {},
  ): Promise<Deployment> {
    const parts = await Deployment.makeParts(skip, options);
    return new Deployment(parts, () => Deployment.endParts(parts));
  }

  /** As `make`, for whoever ends them later than a deployment. */
  static async makeParts(
    skip: TestContext["skip"],
    { cloud = {}, config = {} }: DeploymentOptions = {},
  ): Promise<DeploymentParts> {
    // A deliberate failure is retried at once, not after seconds.
    const home = await EngineHome.make(skip, { PLUGIN_RETRY_SCALE: "0.01" });
    const test = await TestCloud.start(cloud);
    const { local } = test;
    const stack = await home.createStack("test", () => program(parts.current?.parts), {
      "cloudflare:baseUrl": local.baseUrl,
      "cloudflare:apiToken": local.token,
      "remote-mcp-server:accountId": local.accountId,
      ...config,
    });
    const parts: DeploymentParts = { test, home, stack };
    return parts;
  }

  /** Ends them. */
  static async endParts({ test, home }: DeploymentParts): Promise<void> {
    await test[Symbol.asyncDispose]();
    await home[Symbol.asyncDispose]();
  }

  /** Deploys. @throws the engine's error, with what it printed. */
  async up(options: { readonly refresh?: boolean } = {}): Promise<Changes> {
    return this.#run((parts) => this.stack.up({ ...options, ...parts }));
  }

  /** Deploys, and expects that it fails. @returns everything the engine said. */
  async upFailing(): Promise<string> {
    const error = await this.up().then(
      (changes) => {
        throw new Error(`It did not fail: ${JSON.stringify(changes)}`);
      },
      (failure: unknown) => String(failure),
    );
    this.output += error;
    return error;
  }

  /** What an `up` would do. */
  async preview(): Promise<Changes> {
    return this.#run((parts) => this.stack.preview(parts));
  }

  /** What a refresh finds changed. */
  async refresh(): Promise<Changes> {
    return this.#run((parts) => this.stack.refresh(parts));
  }

  async destroy(): Promise<Changes> {
    return this.#run((parts) => this.stack.destroy(parts));
  }

  /** What the stack gave back at its last run, secret ones in clear. */
  outputs(): Promise<OutputMap> {
    this.#outputs ??= this.stack.workspace.stackOutputs(this.stack.name);
    return this.#outputs;
  }

  /** Changes settings. */
  async configure(config: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, value] of Object.entries(config)) {
      await this.stack.setConfig(`remote-mcp-server:${name}`, { value });
    }
  }

  /** Gives the stack one machine client with these secrets. Pulumi takes a list by its members only. */
  async configureMachine(name: string, scope: string, secrets: readonly number[]): Promise<void> {
    const key = "remote-mcp-server:machineClients";
    await this.stack.removeConfig(key);
    const members: readonly (readonly [string, string])[] = [
      ["name", name],
      ["scopes[0]", scope],
      ...secrets.map((number, index) => [`secrets[${index}]`, String(number)] as const),
    ];
    for (const [path, value] of members) {
      await this.stack.setConfig(`${key}[0].${path}`, { value }, true);
    }
  }

  /** The secret that its machine client is to use. */
  async machineSecret(name: string): Promise<string> {
    const { machineSecrets: output } = await this.outputs();
    if (output?.secret !== true) throw new Error("machineSecrets is not a secret output.");
    return (output.value as Readonly<Record<string, string>>)[name] ?? "";
  }

  /** Changes the Worker's code: a comment with this text is added. */
  changeCode(comment: string): void {
    const file = join(this.stack.workspace.workDir, "changed.js");
    const bundle: ProgramParts["bundle"] = async (variant) => {
      const made = await bundleWorker({ entryPoint: server.entryPoint, ...variant });
      const code = `${made.code}// ${comment}\n`;
      await writeFile(file, code);
      return { ...made, file, code, sha256: createHash("sha256").update(code).digest("hex") };
    };
    this.parts = { ...this.parts, bundle };
  }

  /** Address of the deployed Worker, without a slash at the end. */
  async origin(): Promise<string> {
    const { url } = await this.outputs();
    return String(url?.value).replace(/\/$/, "");
  }

  /** Name of the deployed Worker. */
  async scriptName(): Promise<string> {
    return String((await this.outputs()).scriptName?.value);
  }

  /** Lets the next matching call of the API fail. */
  fail(method: "GET" | "POST" | "PUT" | "DELETE", path: string, fault: Mishap, count = 1): void {
    this.local.cloud.faults.add({ method, path, count, after: 0, fault });
  }

  /** API calls since the last time this was asked, the oldest first, as `PUT /accounts/…`. */
  takeCalls(): string[] {
    const calls = this.local.cloud.journal
      .list()
      .toReversed()
      .map(({ method, path }) => `${method} ${path}`);
    this.local.cloud.journal.clear();
    return calls;
  }

  /** Loses the state, as a person does who loses a laptop; what is deployed stays. */
  async forgetState(): Promise<void> {
    const { deployment, ...rest } = await this.stack.exportStack();
    await this.stack.importStack({
      ...rest,
      deployment: { ...deployment, resources: [], pending_operations: [] },
    });
  }

  /** The state as it lies in the backend's file. */
  async readState(): Promise<string> {
    const file = `.pulumi/stacks/${project}/test.json`;
    return readFile(join(this.home.stateFolder, file), "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.chdir(this.#before);
    await this.#end();
  }

  async #run(run: (parts: EngineParts) => Promise<unknown>): Promise<Changes> {
    let changes: Changes | undefined;
    this.#outputs = undefined;
    await run({
      onOutput: (line) => {
        this.output += line;
      },
      onEvent: ({ summaryEvent }) => {
        if (summaryEvent) changes = listChanges(summaryEvent.resourceChanges);
      },
    });
    if (changes === undefined) throw new Error(`The engine told no changes: ${this.output}`);
    return changes;
  }
}

interface EngineParts {
  readonly onOutput: (line: string) => void;
  readonly onEvent: (event: EngineEvent) => void;
}
