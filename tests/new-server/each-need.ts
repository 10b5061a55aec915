import { mkdir } from "node:fs/promises";
import type { Checkout } from "../support/checkout.ts";

/** A person's tool: what it needs, and how it counts with that. */
interface NeedyTool {
  readonly needs: string;
  readonly count: string;
}

/** One for each kind of need. */
const tools: Readonly<Record<string, NeedyTool>> = {
  "ask-shop": {
    needs: '{ secrets: { apiKey: "key of the shop, from its account page" } }',
    count: "needs.secrets.apiKey.length",
  },
  "list-prices": {
    needs:
      '{ settings: { currency: z.string().default("EUR").meta({ description: "Currency" }) } }',
    count: "needs.settings.currency.length",
  },
  "count-orders": {
    needs: '{ bindings: { ORDERS: { kind: "d1" } } }',
    count:
      'Number(await needs.bindings.ORDERS.prepare("SELECT count(*) AS n FROM orders").first("n"))',
  },
  "read-cache": {
    // As a binding of a Worker that tests of ours adopt.
    needs: '{ bindings: { CACHE: { kind: "r2" } } }',
    count: "(await needs.bindings.CACHE.list()).objects.length",
  },
  "guess-order": {
    needs: '{ bindings: { AI: { kind: "ai" } } }',
    count: "(await needs.bindings.AI.models()).length",
  },
  "call-stock": {
    needs: '{ bindings: { STOCK: { kind: "service" } } }',
    count: '(await needs.bindings.STOCK.fetch("https://stock.example/")).status',
  },
  "list-issues": {
    needs: '{ upstreamToken: { reason: "to list your issues", scopes: ["repo"] } }',
    count: "needs.upstreamToken.length",
  },
};

/** Adds them to a server, with the steps of their database and a test that reads it. */
export async function addToolOfEachNeed(checkout: Checkout): Promise<void> {
  const names = Object.keys(tools);
  for (const [name, tool] of Object.entries(tools)) {
    await checkout.write(`worker/tools/${name}.ts`, writeTool(name, tool));
  }
  await checkout.write("worker/tools/index.ts", writeList(names));
  await checkout.write("worker/tools/count-orders.test.ts", databaseTest);
  await mkdir(checkout.path("worker/migrations/ORDERS"), { recursive: true });
  await checkout.write(
    "worker/migrations/ORDERS/0001_orders.sql",
    "CREATE TABLE orders (id TEXT);\n",
  );
}

function writeTool(name: string, { needs, count }: NeedyTool): string {
  return `import * as z from "zod";
import { defineTool } from "../kit/index.ts";
import { type Scope, scopes } from "../scopes.ts";

const [scope] = Object.keys(scopes) as Scope[];

export default defineTool({
  name: "${name.replaceAll("-", "_")}",
  title: "Orders: ${name}",
  description: "Returns how many orders there are, for ${name}. Use it to see whether there is work.",
  scope: scope as Scope,
  input: z.object({}),
  output: z.object({ orders: z.int().describe("How many there are") }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  needs: ${needs},
  async run(_args, { needs }) {
    const orders = ${count};
    return { structured: { orders }, text: \`\${orders} orders\` };
  },
});
`;
}

function writeList(names: readonly string[]): string {
  const identifiers = names.map((name) =>
    name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
  );
  return `import type { Tool } from "../kit/index.ts";
import type { Scope } from "../scopes.ts";
${names.map((name, index) => `import ${identifiers[index]} from "./${name}.ts";\n`).join("")}
export const tools: readonly Tool<Scope>[] = [${identifiers.join(", ")}];

export const removedTools: Readonly<Record<string, string>> = {};
`;
}

const databaseTest = `import { expect, test } from "vitest";
import { callTool } from "../../tests/support/worker/call-tool.ts";
import countOrders from "./count-orders.ts";

test("it reads the database that its steps made", async () => {
  const { structured } = await callTool(countOrders, {});
  expect(structured).toEqual({ orders: 0 });
});
`;
