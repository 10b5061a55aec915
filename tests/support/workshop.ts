import { join } from "node:path";
import type { TestContext } from "vitest";
import type { Mishap } from "../../scripts/local-cloud/faults.ts";
import type { Checkout } from "./checkout.ts";
import { EngineHome } from "./engine-home.ts";
import { makeFixtureCheckout } from "./fixture-checkout.ts";
import { TestCloud } from "./local-cloud.ts";
import { type Ending, Program } from "./program.ts";
import { runCli } from "./run-cli.ts";
import { runInHost } from "./run-in-host.ts";
import { sample } from "./sample.ts";

/** How a workshop is set up. */
export interface WorkshopOptions {
  /** The local cloud; default: one of its own. */
  readonly cloud?: TestCloud;
  /** Variables for the commands, beside the account's. */
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * An operator's desk: a checkout of its own whose server is the fixture's, the real engine with a file
 * backend, and the token of a local cloud. Commands run as a person or a CI runner runs them.
 */
export class Workshop implements AsyncDisposable {
  readonly checkout: Checkout;
  readonly home: EngineHome;
  readonly cloud: TestCloud;
  /** All variables that a command is given. */
  readonly environment: Readonly<Record<string, string>>;
  /** Everything that was ever printed. */
  seen = "";
  readonly #ownsCloud: boolean;

  private constructor(
    checkout: Checkout,
    home: EngineHome,
    cloud: TestCloud,
    { cloud: given, variables = {} }: WorkshopOptions,
  ) {
    this.checkout = checkout;
    this.home = home;
    this.cloud = cloud;
    this.#ownsCloud = given === undefined;
    this.environment = {
      ...home.environment,
      CLOUDFLARE_BASE_URL: cloud.local.baseUrl,
      CLOUDFLARE_API_TOKEN: cloud.local.token,
      CLOUDFLARE_ACCOUNT_ID: cloud.local.accountId,
      ...variables,
    };
  }

  /** Skips the test where there is no engine. */
  static async make(skip: TestContext["skip"], options: WorkshopOptions = {}): Promise<Workshop> {
    // A deliberate failure is retried at once, not after seconds.
    const home = await EngineHome.make(skip, { PLUGIN_RETRY_SCALE: "0.01" });
    const [checkout, cloud] = await Promise.all([
      makeFixtureCheckout(),
      options.cloud ?? TestCloud.start(),
    ]);
    return new Workshop(checkout, home, cloud, options);
  }

  /** `npm run mcp -- …`, to its end: in a process of its own, or in one that runs commands (`CommandHost`). */
  async run(...args: readonly string[]): Promise<Ending> {
    return this.runWith({}, ...args);
  }

  /** The same with further variables. */
  async runWith(
    variables: Readonly<Record<string, string>>,
    ...args: readonly string[]
  ): Promise<Ending> {
    const environment = { ...this.environment, ...variables };
    const cwd = this.checkout.path(".");
    const folders = ["infra", "scripts", "worker"].map((name) => join(cwd, name));
    const start = sample(runInHost, runCli);
    const ending = await start(join(cwd, "scripts/mcp.ts"), args, environment, cwd, folders);
    this.seen += ending.stdout + ending.stderr;
    return ending;
  }

  /** Runs a command that must succeed. @returns what it printed. @throws Error where it fails. */
  async succeed(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** Runs a command that must fail. @returns what it printed. @throws Error where it does not. */
  async fail(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    const said = stdout + stderr;
    if (code === 0) throw new Error(`${args.join(" ")} did not fail:\n${said}`);
    if (/^\s+at .*:\d+:\d+\)?$/m.test(said)) throw new Error(`A stack trace was shown:\n${said}`);
    return said;
  }

  /** Starts a command and goes on, to interrupt it or to look at it midway. */
  start(...args: readonly string[]): Program {
    const cwd = this.checkout.path(".");
    return new Program(join(cwd, "scripts/mcp.ts"), args, this.environment, cwd);
  }

  /** Runs `npx pulumi …`, to its end, with the account's variables. */
  pulumi(...args: readonly string[]): Promise<Ending> {
    return this.home.run(args, { cwd: this.checkout.path("."), variables: this.environment });
  }

  /** Lets the next matching call of the API fail. */
  breakCall(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    fault: Mishap,
    { count = 1, after = 0 } = {},
  ): void {
    this.cloud.local.cloud.faults.add({ method, path, count, after, fault });
  }

  /** Everything that the account holds, in a form in which two moments can be compared. */
  listAccount(): Record<string, unknown> {
    const { records } = this.cloud.local.cloud;
    return Object.fromEntries(
      Object.entries(records).map(([name, table]) => [
        name,
        structuredClone((table as { list(): unknown[] }).list()),
      ]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.checkout[Symbol.asyncDispose]();
    if (this.#ownsCloud) await this.cloud[Symbol.asyncDispose]();
    await this.home[Symbol.asyncDispose]();
  }
}
