import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import type { Checkout } from "./checkout.ts";
import { readBlocks } from "./document.ts";
import { EngineHome } from "./engine-home.ts";
import { writeFixtureProject } from "./fixture-project.ts";
import type { TestCloud } from "./local-cloud.ts";
import { runShell } from "./run-cli.ts";

const document = await readFile(join(projectRoot, "docs/identity.md"), "utf8");

/** What a person puts in the place of each of the document's placeholders. */
export const filledIn: Readonly<Record<string, string>> = {
  "<tenant id>": "11111111-2222-3333-4444-555555555555",
  "<application id>": "66666666-7777-8888-9999-000000000000",
  "<tag>": "0123456789abcdef".repeat(4),
};

/** Scopes of the fixture, in the place of those that the document's server has. */
const scopes: Readonly<Record<string, string>> = {
  "orders:read": "demo:use",
  "orders:write": "demo:write",
};

/** What they type where a command asks for a secret. */
export const typedSecret = "typed-at-the-prompt-of-the-command";

/** A command that sets a setting, or takes it away. */
const setsOrRemoves = /^npx pulumi config (set|rm) /;

/** The document's commands that change a stack's settings, of one section or of all. */
export function listCommands(section?: string): string[] {
  const start = section === undefined ? 0 : document.search(new RegExp(`^#+ ${section}$`, "m"));
  if (start < 0) throw new Error(`docs/identity.md has no section "${section}".`);
  const [, rest = ""] = /^#+ .*\n([\s\S]*)$/.exec(document.slice(start)) ?? [];
  const text = section === undefined ? document : (rest.split(/^#/m)[0] ?? "");
  // Some stand in a sentence, as the last step of a list.
  const inSentences = [...text.matchAll(/`(npx pulumi config [^`]+)`/g)].map((found) => found[1]);
  const inBlocks = readBlocks(text).flatMap((block) => block.text.split("\n"));
  return [...inBlocks, ...inSentences].filter(
    (line): line is string => line !== undefined && setsOrRemoves.test(line),
  );
}

/**
 * A stack as `docs/deploy.md` leaves it, before anybody can sign in.
 * @param checkout where it is made: one may serve several stacks, one after the other.
 * @returns what runs a line of the document there, with answers to what it asks.
 */
export async function makeRecipeStack(
  skip: TestContext["skip"],
  { local }: TestCloud,
  checkout: Checkout,
  stack: string,
) {
  await using starting = new AsyncDisposableStack();
  const home = starting.use(await EngineHome.make(skip));
  // Without the settings of the stack before.
  await rm(checkout.path(`Pulumi.${stack}.yaml`), { force: true });
  await writeFixtureProject(checkout.path("."));
  const run = async (line: string): Promise<string> => {
    const input = `${typedSecret}
`;
    const ending = await runShell(toCommand(line), input, home.environment, checkout.path("."));
    if (ending.code !== 0)
      throw new Error(`${line}
${ending.stdout}${ending.stderr}`);
    return ending.stdout;
  };
  await run(`npx pulumi stack init ${stack}`);
  const settings = {
    "cloudflare:baseUrl": local.baseUrl,
    "cloudflare:apiToken": local.token,
    accountId: local.accountId,
    environment: "production",
    // Stacks of one name on one cloud would take each other for somebody else's.
    scriptName: `recipe-${crypto.randomUUID().slice(0, 8)}`,
  };
  const pairs = Object.entries(settings).map(([key, value]) => `--plaintext ${key}=${value}`);
  await run(`npx pulumi config set-all -s ${stack} ${pairs.join(" ")}`);
  // Every later upload would start this Worker, too.
  starting.defer(() => {
    local.cloud.store.change(() => {
      for (const script of local.cloud.records.scripts.list()) local.cloud.removeScript(script);
    });
  });
  const owned = starting.move();
  return { run, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A line of the document as it can be run: filled in, and past npx and npm's wrapper of the CLI, which is on PATH. */
function toCommand(line: string): string {
  const filled = line.replace(/<[^>]+>/g, (name) => {
    const value = filledIn[name];
    if (value === undefined) throw new Error(`${line}\nWhat does a person put for ${name}?`);
    return value;
  });
  return filled
    .replace(/\borders:\w+/g, (scope) => scopes[scope] ?? scope)
    .replace(/^npx pulumi /, "pulumi ");
}
