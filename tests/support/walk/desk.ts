import { createServer } from "node:net";
import { join } from "node:path";
import type { TestContext } from "vitest";
import type { Checkout } from "../checkout.ts";
import { EngineHome } from "../engine-home.ts";
import { makeFixtureCheckout } from "../fixture-checkout.ts";
import { TestCloud } from "../local-cloud.ts";
import { sample } from "../sample.ts";
import { makeTempFolder } from "../temp-folder.ts";
import { findPath, Terminal } from "./terminal.ts";

/** Variables that a test of commands sets, and no reader has. */
const ofTests = ["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "CI", "PATH"];

/** Has an `npx` and an `npm` that do not start npm first: most lines of documents begin with them. */
const quickPrograms = join(import.meta.dirname, "bin");

/** What a reader may begin with. */
export interface DeskOptions {
  /** Where they are. Default: a checkout whose server is the fixture's. */
  readonly cwd?: string;
  /** Their account. Default: one of their own. */
  readonly cloud?: TestCloud;
  /** Variables beside those of every desk. */
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * Where somebody sits who follows a document: a home of their own, an account that is a local cloud, ports that
 * are free. All of that reaches their commands by variables alone, so that the document is run as it is written.
 */
export class Desk implements AsyncDisposable {
  readonly terminal: Terminal;
  readonly home: EngineHome;
  /** The account. */
  readonly cloud: TestCloud;
  /** The checkout; undefined where they begin without. */
  readonly checkout: Checkout | undefined;
  /** Ports of `npm start` and of `npm run cloud`. */
  readonly ports: { readonly dev: number; readonly cloud: number };
  readonly #owned: AsyncDisposableStack;

  private constructor(
    parts: Pick<Desk, "terminal" | "home" | "cloud" | "checkout" | "ports">,
    owned: AsyncDisposableStack,
  ) {
    this.terminal = parts.terminal;
    this.home = parts.home;
    this.cloud = parts.cloud;
    this.checkout = parts.checkout;
    this.ports = parts.ports;
    this.#owned = owned;
  }

  /** Skips the test where there is no Pulumi CLI. */
  static async make(
    skip: TestContext["skip"],
    { cwd, cloud: given, variables = {} }: DeskOptions = {},
  ): Promise<Desk> {
    await using starting = new AsyncDisposableStack();
    const home = starting.use(await EngineHome.make(skip, { PLUGIN_RETRY_SCALE: "0.01" }));
    const cloud = given ?? starting.use(await TestCloud.start());
    const checkout =
      cwd === undefined ? starting.use(await makeFixtureCheckout({ hasTests: true })) : undefined;
    // Whoever starts the dev server has types checked.
    checkout?.lendTypes();
    const folder = starting.use(await makeTempFolder());
    const ports = { dev: await findPort(), cloud: await findPort() };
    const others = Object.entries(home.environment).filter(([name]) => !ofTests.includes(name));
    const environment = {
      ...Object.fromEntries(others),
      // Who begins with a clone runs all of it as it comes.
      PATH: cwd === undefined ? sample(`${quickPrograms}:${findPath()}`, findPath()) : findPath(),
      // Nobody is there to say yes to what Pulumi asks.
      PULUMI_SKIP_CONFIRMATIONS: "true",
      // A command that opens a browser finds one that does nothing.
      BROWSER: "true",
      DEV_PORT: String(ports.dev),
      CLOUD_PORT: String(ports.cloud),
      CLOUDFLARE_BASE_URL: cloud.local.baseUrl,
      // wrangler's name for it.
      CLOUDFLARE_API_BASE_URL: cloud.local.baseUrl,
      WRANGLER_SEND_METRICS: "false",
      ...variables,
    };
    const start = cwd ?? checkout?.path(".") ?? folder.path;
    const terminal = starting.use(new Terminal(folder.path, environment, join(start)));
    return new Desk({ terminal, home, cloud, checkout, ports }, starting.move());
  }

  /** What a reader writes for the account's values. */
  get accountValues(): Record<string, string> {
    const { token, accountId } = this.cloud.local;
    return {
      "CLOUDFLARE_API_TOKEN=…": `CLOUDFLARE_API_TOKEN=${token}`,
      "CLOUDFLARE_ACCOUNT_ID=…": `CLOUDFLARE_ACCOUNT_ID=${accountId}`,
      "PULUMI_CONFIG_PASSPHRASE=…": "PULUMI_CONFIG_PASSPHRASE=chosen-once-and-kept",
    };
  }

  /** Opens the terminal as somebody has who has followed docs/deploy.md up to its first stack. */
  async signIn(): Promise<void> {
    const { token, accountId } = this.cloud.local;
    await this.terminal.run(
      `export CLOUDFLARE_API_TOKEN=${token} CLOUDFLARE_ACCOUNT_ID=${accountId} PULUMI_CONFIG_PASSPHRASE=chosen`,
    );
    await this.terminal.run('npx pulumi login "file://$HOME"');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]();
  }
}

/** A port that is free now. */
async function findPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address instanceof Object) return address.port;
  throw new Error("This machine gives no port.");
}
