import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../infra/bundle.ts";
import { formatUpstream, type Upstream } from "../../scripts/ownership/upstream.ts";
import { runCli } from "../support/run-cli.ts";
import type { Repository } from "./repository.ts";

/** Rooms of the sample that a person replaces by their own. */
const sample = /^(?:worker\/(?:tools|resources|prompts)|tests\/mine|docs\/server)\//;

/**
 * Makes a server of one's own with `npm run new:server`, and gives it what `addFeatures` adds.
 * @returns the name of its own package.
 */
export async function makeServer(server: Repository, from: string): Promise<string> {
  await symlink(join(projectRoot, "node_modules"), join(server.path, "node_modules"));
  await server.write(".git/info/exclude", "node_modules\n");
  const words = ["acme-orders", "--title", "Acme orders", "--from", from, "--yes"];
  const environment = { PATH: process.env.PATH ?? "", HOME: server.path, NO_COLOR: "1" };
  const script = join(server.path, "scripts/new-server.ts");
  const { code, stdout, stderr } = await runCli(script, words, environment, server.path);
  if (code !== 0) throw new Error(`new:server failed:\n${stdout}\n${stderr}`);
  await server.commit("Make it mine", {});
  const own = await addFeatures(server, ["count-words"]);
  const docs = await runCli(join(server.path, "scripts/docs.ts"), [], environment, server.path);
  if (docs.code !== 0) throw new Error(`docs failed:\n${docs.stdout}\n${docs.stderr}`);
  await server.commit("Tell what it offers", {});
  return own;
}

/** The same by hand, for a checkout that is older than the packages here. */
export async function makeServerByHand(server: Repository, upstream: Upstream): Promise<string> {
  const before = [...(await server.list()).keys()];
  const project = await server.read("Pulumi.yaml");
  await server.commit("Name it", {
    "Pulumi.yaml": project
      .replace(/^name: .*/m, "name: acme-orders")
      .replace(/^description: .*/m, "description: The orders of Acme"),
    "README.md": "# Acme orders\n\nOur orders for Claude.\n",
    "worker/pages/icon.svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>\n',
    ".upstream.json": formatUpstream(upstream),
    ...(await renameStacks(server, before)),
  });
  await server.commit("Take the sample out", {
    ...Object.fromEntries(
      before.filter((path) => sample.test(path)).map((path) => [path, undefined]),
    ),
    "worker/resources/index.ts": "export const resources = [];\n",
    "worker/prompts/index.ts": "export const prompts = [];\n",
  });
  return addFeatures(server, []);
}

/**
 * Three tools with a secret and a database, a scope, texts, a custom domain, and a package that stands between two of
 * ours. One commit for each thing.
 * @param before files of the tools that are there already.
 * @returns the package's name.
 */
async function addFeatures(server: Repository, before: readonly string[]): Promise<string> {
  const names = ["list-orders", "ship-order", "count-orders"];
  await server.commit("Add a scope", {
    "worker/scopes.ts": scopes,
    "worker/migrations/ORDERS/0001_orders.sql": "create table orders (id text primary key);\n",
  });
  for (const [index, name] of names.entries()) {
    await server.commit(`Add ${name}`, {
      [`worker/tools/${name}.ts`]: tool(name),
      [`worker/tools/${name}.test.ts`]: testOf(name),
      "worker/tools/index.ts": list([...before, ...names.slice(0, index + 1)]),
    });
  }
  await server.commit("Production at its own domain", {
    "Pulumi.prod.yaml":
      "config:\n  acme-orders:environment: production\n  acme-orders:customDomain: orders.example.com\n",
  });
  return addPackage(server);
}

async function renameStacks(server: Repository, paths: readonly string[]) {
  const files = paths.filter((path) => /^Pulumi\.\w+\.yaml$/.test(path));
  const texts = files.map(async (file) => {
    const text = await server.read(file);
    return [file, text.replaceAll("remote-mcp-server:", "acme-orders:")] as const;
  });
  return Object.fromEntries(await Promise.all(texts));
}

const scopes = `import { defineScopes } from "./kit/index.ts";

export const scopes = defineScopes({
  "acme-orders:use": { words: "Use Acme orders", isBase: true },
  "orders:read": { words: "See orders", isBase: true },
});

export type Scope = keyof typeof scopes;
`;

/** `list-orders` as a variable: `listOrders`. */
function toIdentifier(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function tool(name: string): string {
  return `import * as z from "zod";
import { defineTool } from "../kit/index.ts";

export default defineTool({
  name: "${name.replaceAll("-", "_")}",
  title: "Orders: ${name}",
  description: "Returns how many orders there are, for ${name}. Use it to see whether there is work.",
  scope: "orders:read",
  input: z.object({}),
  output: z.object({ orders: z.int().describe("How many there are") }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  needs: {
    secrets: { ordersKey: "key of the shop, from its account page" },
    bindings: { ORDERS: { kind: "d1" } },
  },
  async run(_args, { needs }) {
    if (needs.secrets.ordersKey === "") throw new Error("The shop's key is empty.");
    const count = needs.bindings.ORDERS.prepare("select count(*) as orders from orders");
    const orders = Number(await count.first("orders"));
    return { structured: { orders }, text: \`\${orders} orders\` };
  },
});
`;
}

function testOf(name: string): string {
  const identifier = toIdentifier(name);
  return `import { expect, test } from "vitest";
import { callTool } from "../../tests/support/worker/call-tool.ts";
import ${identifier} from "./${name}.ts";

test("it reads the database, with the shop's key", async () => {
  const { structured } = await callTool(${identifier}, {}, { secrets: { ordersKey: "canary" } });
  expect(structured).toEqual({ orders: 0 });
});
`;
}

function list(names: readonly string[]): string {
  const files = [...names].sort();
  return `import type { Tool } from "../kit/index.ts";
import type { Scope } from "../scopes.ts";
${files.map((name) => `import ${toIdentifier(name)} from "./${name}.ts";\n`).join("")}
export const tools: readonly Tool<Scope>[] = [${files.map(toIdentifier).join(", ")}];

export const removedTools: Readonly<Record<string, string>> = {};
`;
}

async function addPackage(server: Repository): Promise<string> {
  const manifest = JSON.parse(await server.read("package.json"));
  const [first = ""] = findNeighbours(manifest.dependencies);
  const own = `${first}-of-acme`;
  const entries = Object.entries({ ...manifest.dependencies, [own]: "7.0.0" }).sort();
  const dependencies = Object.fromEntries(entries);
  const text = JSON.stringify({ ...manifest, name: "acme-orders", version: "0.3.0", dependencies });
  const lock = JSON.parse(await server.read("package-lock.json"));
  Object.assign(lock.packages, { [`node_modules/${own}`]: { version: "7.0.0" } });
  await server.commit("Use a package of ours", {
    "package.json": text,
    "package-lock.json": `${JSON.stringify(lock, undefined, 2)}\n`,
  });
  return own;
}

/** Two packages of ours, one right after the other. */
export function findNeighbours(dependencies: Readonly<Record<string, string>>): string[] {
  return Object.keys(dependencies).sort().slice(3, 5);
}
