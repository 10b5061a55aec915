import { join } from "node:path";
import { expect, test } from "vitest";
import { readServerName } from "../../scripts/mcp/connect/server-name.ts";
import { Home } from "./home.ts";

/** What the entry is called. @param files of the project that a person is in. */
async function nameOf(files: Record<string, string>, ...args: string[]): Promise<string> {
  await using home = await Home.make({}, { hasProject: false });
  for (const [path, text] of Object.entries(files)) {
    await home.put(join(home.project, path), text);
  }
  await home.connected("cursor", "--write", ...args);
  const { mcpServers } = JSON.parse((await home.read(await home.fileOf("cursor"))) ?? "");
  const [name = ""] = Object.keys(mcpServers);
  // It is taken back by the same words.
  await home.connected("cursor", "--undo", ...args);
  return name;
}

const shop = "name: shop\nruntime: nodejs\n";

test("an entry has the name that the stack's serverName gives it", async () => {
  const named = { "Pulumi.yaml": shop, "Pulumi.dev.yaml": "config:\n  serverName: bazaar\n" };
  expect(await nameOf(named)).toBe("bazaar");
  expect(await nameOf({ ...named, "Pulumi.dev.yaml": "config:\n  shop:serverName: stall\n" })).toBe(
    "stall",
  );
  const fallback = { "Pulumi.yaml": `${shop}config:\n  serverName: { default: market }\n` };
  expect(await nameOf(fallback)).toBe("market");
  // Nothing else has a say: the project's own name.
  expect(await nameOf({ "Pulumi.yaml": shop })).toBe("shop");
  expect(await nameOf({ "Pulumi.yaml": shop.replace("shop", "acme.shop") })).toBe("acme-shop");
  // Outside of any project: this repository's own.
  expect(await nameOf({})).toBe(await readServerName());
  expect(await nameOf(named, "--name", "mine")).toBe("mine");
});

test.each([
  ["https://shop.example.com", "shop"],
  ["https://mcp.example.com/mcp", "example"],
  ["https://remote-mcp-server-prod.ada.workers.dev", "remote-mcp-server-prod"],
  ["http://192.0.2.7:8080", "192-0-2-7"],
])("a server known by %s alone is called %s, and not like this repository", async (url, name) => {
  await using home = await Home.make();
  const { stdout } = await home.connect("cursor", "--json", "--url", url);
  expect(JSON.parse(stdout)).toMatchObject({ name });
});
