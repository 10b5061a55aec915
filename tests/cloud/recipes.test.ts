import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, type TestContext } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import { workerSettings } from "../../worker/env.ts";
import { Checkout } from "../support/checkout.ts";
import { test } from "../support/cloud-test.ts";
import { readBlocks } from "../support/document.ts";
import { EngineHome } from "../support/engine-home.ts";
import type { TestCloud } from "../support/local-cloud.ts";
import { Output } from "../support/program.ts";

const document = await readFile(join(projectRoot, "docs/identity.md"), "utf8");

/** What a person puts in the place of each of the document's placeholders. */
const filledIn: Readonly<Record<string, string>> = {
  "<tenant id>": "11111111-2222-3333-4444-555555555555",
  "<application id>": "66666666-7777-8888-9999-000000000000",
  "<tag>": "0123456789abcdef".repeat(4),
};

/** What they type where a command asks for a secret. */
const typedSecret = "typed-at-the-prompt-of-the-command";

/** A command that sets a setting, or takes it away. */
const setsOrRemoves = /^npx pulumi config (set|rm) /;

/** The document's commands that change a stack's settings, of one section or of all. */
function listCommands(section?: string): string[] {
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

/** A checkout with a stack as `docs/deploy.md` leaves it, before anybody can sign in. */
async function makeStack(skip: TestContext["skip"], { local }: TestCloud, stack: string) {
  await using starting = new AsyncDisposableStack();
  const home = starting.use(await EngineHome.make(skip));
  const checkout = starting.use(await Checkout.make());
  const cwd = checkout.path(".");
  const run = async (command: string): Promise<string> => {
    const { code, output } = await runAsTyped(command, home, cwd);
    if (code !== 0) throw new Error(`${command}\n${output}`);
    return output;
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
  const owned = starting.move();
  return { run, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Runs a line of the document in a shell, and answers its questions. */
async function runAsTyped(line: string, home: EngineHome, cwd: string) {
  const filled = line.replace(/<[^>]+>/g, (name) => {
    const value = filledIn[name];
    if (value === undefined) throw new Error(`${line}\nWhat does a person put for ${name}?`);
    return value;
  });
  const command = filled.replace(/^npx pulumi /, `node node_modules/pulumi/run.js `);
  const child = spawn("sh", ["-c", command], { cwd, env: home.environment });
  const [stdout, stderr] = [new Output(child.stdout), new Output(child.stderr)];
  child.stdin.end(`${typedSecret}\n`);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output: stdout.text + stderr.text };
}

/** What the Worker that was deployed last is given. */
function readBindings({ local }: TestCloud) {
  const { bindings = [] } = local.cloud.records.versions.list().at(-1) ?? {};
  const settings = bindings.find(({ name }) => name === "SETTINGS");
  const { identity, allowed } = workerSettings.parse(settings?.json);
  const secrets = Object.fromEntries(
    bindings.flatMap(({ name, type, text }) => (type === "secret_text" ? [[name, text]] : [])),
  );
  return { identity, allowed, secrets };
}

interface Recipe {
  /** Sections of docs/identity.md, whose commands are run in this order. */
  readonly sections: readonly string[];
  /** Default: prod. */
  readonly stack?: string;
  /** What the person has set before, as `docs/deploy.md` says. */
  readonly before?: readonly string[];
  /** What the deployed Worker is then told. */
  readonly expected: {
    readonly identity: object;
    readonly allowed?: object;
    readonly secrets?: object;
  };
  /** Path of the stack's output `signInCallbackUrl`; without it there is no such output. */
  readonly callback?: string;
}

const callback = "/authorize/callback";
const ownDomain = [
  "npx pulumi config set -s prod customDomain math.example.com",
  "npx pulumi config set -s prod zone example.com",
];
const atGitHub = { method: "github", clientId: "Iv1.0123456789abcdef" };
const atGoogle = {
  method: "oidc",
  issuer: "https://accounts.google.com",
  clientId: "1234.apps.googleusercontent.com",
};
const behindAccess = { method: "access", teamDomain: "acme.cloudflareaccess.com" };

const recipes: readonly Recipe[] = [
  {
    sections: ["Demo"],
    stack: "pr-123",
    expected: {
      identity: { method: "demo" },
      secrets: { DEMO_PASSWORD: expect.stringMatching(/^[\w+/]{24}$/) },
    },
  },
  {
    sections: ["GitHub"],
    expected: {
      identity: atGitHub,
      allowed: { emails: [], domains: [], organizations: ["acme", "example/platform"] },
      secrets: { GITHUB_CLIENT_SECRET: typedSecret },
    },
    callback,
  },
  {
    sections: ["OpenID Connect", "Google"],
    expected: {
      identity: atGoogle,
      allowed: { emails: [], domains: ["example.com"], organizations: [] },
      secrets: { OIDC_CLIENT_SECRET: typedSecret },
    },
    callback,
  },
  {
    sections: ["OpenID Connect", "Microsoft Entra"],
    expected: {
      identity: {
        method: "oidc",
        issuer: `https://login.microsoftonline.com/${filledIn["<tenant id>"]}/v2.0`,
        clientId: filledIn["<application id>"],
      },
      secrets: { OIDC_CLIENT_SECRET: typedSecret },
    },
    callback,
  },
  {
    sections: ["Cloudflare Access in front"],
    expected: {
      identity: behindAccess,
      secrets: { ACCESS_AUDIENCE: filledIn["<tag>"] },
    },
  },
  {
    sections: ["GitHub", "Who may sign in"],
    expected: {
      identity: atGitHub,
      allowed: {
        emails: ["ada@example.com"],
        domains: ["example.com"],
        organizations: ["acme/platform", "example/platform"],
      },
    },
    callback,
  },
  {
    sections: ["OpenID Connect", "Probe: a sign-in without a person"],
    before: ownDomain,
    expected: {
      identity: atGoogle,
      secrets: { PROBE_SECRET: expect.stringMatching(/^[\w+/]{43}=$/) },
    },
    callback,
  },
];

const named = recipes.map((recipe) => ({ ...recipe, title: recipe.sections.join(", ") }));

test.for(named)("the recipe of $title deploys what it says", async (recipe, { cloud, skip }) => {
  const { sections, stack = "prod", before = [], expected } = recipe;
  await using world = await makeStack(skip, cloud, stack);
  const up = () => world.run(`npx pulumi up --yes --skip-preview -s ${stack}`);
  const commands = sections.flatMap(listCommands);
  const [steps, undoing] = [commands.filter(sets), commands.filter((line) => !sets(line))];
  for (const line of [...before, ...steps]) await world.run(line);
  await up();
  const bindings = readBindings(cloud);
  expect(bindings).toMatchObject(expected);
  const outputs = JSON.parse(await world.run(`npx pulumi stack output --json -s ${stack}`)) as {
    readonly url: string;
    readonly signInCallbackUrl?: string;
  };
  const callbackUrl = recipe.callback && new URL(recipe.callback, outputs.url).href;
  expect(outputs.signInCallbackUrl).toBe(callbackUrl);
  if (undoing.length === 0) return;

  // What the section says last: how to take it away again.
  for (const line of undoing) await world.run(line);
  await up();
  const { PROBE_SECRET, ...others } = bindings.secrets;
  expect(PROBE_SECRET).toBeTruthy();
  expect(readBindings(cloud).secrets).toEqual(others);
});

test("no command of the document is left out of the recipes that are tried", () => {
  const tried = new Set(recipes.flatMap(({ sections }) => sections.flatMap(listCommands)));
  expect(listCommands().filter((line) => !tried.has(line))).toEqual([]);
  expect(tried.size).toBeGreaterThan(15);
});

function sets(line: string): boolean {
  return line.startsWith("npx pulumi config set ");
}
