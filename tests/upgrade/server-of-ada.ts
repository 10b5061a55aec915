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
  return addFeatures(server);
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
  return addFeatures(server);
}

/**
 * Three tools with a secret and a database, a scope, texts, a custom domain, and a package that stands between two of
 * ours. One commit for each thing.
 * @returns the package's name.
 */
async function addFeatures(server: Repository): Promise<string> {
  const names = ["list-orders", "ship-order", "count-orders"];
  for (const [index, name] of names.entries()) {
    await server.commit(`Add ${name}`, {
      [`worker/tools/${name}.ts`]: tool(name),
      [`worker/tools/${name}.test.ts`]: `// Tests ${name}.\n`,
      "worker/tools/index.ts": list(names.slice(0, index + 1)),
    });
  }
  await server.commit("Add a scope", {
    "worker/scopes.ts": 'export const scopes = { "orders:read": "See orders" };\n',
    "worker/migrations/ORDERS/0001_orders.sql": "create table orders (id text primary key);\n",
    "tests/mine/orders.test.ts": "// One login and one call.\n",
    "docs/server/tools.md": "# Tools\n",
  });
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

function tool(name: string): string {
  return `import { defineTool } from "../kit/index.ts";\n\nexport default defineTool({\n  name: "${name}",\n  scope: "orders:read",\n  needs: { secrets: ["ORDERS_KEY"], bindings: { ORDERS: { kind: "d1" } } },\n});\n`;
}

function list(names: readonly string[]): string {
  return names.map((name) => `export * from "./${name}.ts";\n`).join("");
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
