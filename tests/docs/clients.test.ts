import { expect, test } from "vitest";
import { listClientSetups } from "../../worker/pages/client-setups.ts";
import { workerSettings } from "../support/worker-settings.ts";
import { listBlocks, parseDocument, readProject, tellCount } from "./documents.ts";

test("docs/clients.md tells each client what the home page tells it", async () => {
  const path = "docs/clients.md";
  const page = parseDocument(path, await readProject(path));
  const blocks = listBlocks(page).map(({ value }) => value.text);
  const server = { ...workerSettings.server, name: "acme-orders" };
  const origin = "https://orders.example.com";
  const setups = listClientSetups({ ...workerSettings, server, origin });
  for (const { client, snippet } of setups) {
    if (!snippet.startsWith("{")) {
      expect(page.text, client).toContain(snippet);
      continue;
    }
    const isSame = (text: string) => text.replaceAll(/\s/g, "") === snippet.replaceAll(/\s/g, "");
    expect(blocks.some(isSame), client).toBe(true);
  }
  tellCount("clients of the home page", setups.length);
  expect(setups.length).toBeGreaterThan(5);
});
