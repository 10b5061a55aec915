import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { expect, test } from "vitest";
import { features } from "../../tests/fixture/features.ts";
import { workerEnv } from "../../tests/support/worker/worker-env.ts";
import { workerSettings } from "../../tests/support/worker-settings.ts";
import { createServer } from "./server.ts";

const settings = {
  ...workerSettings,
  server: {
    name: "example",
    title: "Example",
    version: "1.2.3",
    instructions: "Use these tools for arithmetic.",
    icon: "https://example.com/icon.svg",
  },
};

test("a client learns the server's name, title, version, icon and instructions from the settings", async () => {
  const [here, there] = InMemoryTransport.createLinkedPair();
  await createServer({
    features,
    settings,
    env: workerEnv,
    canSubscribe: false,
  }).connect(there);
  const client = new Client({ name: "test", version: "1.0.0" });
  await client.connect(here);
  expect(client.getServerVersion()).toMatchObject({
    name: "example",
    title: "Example",
    version: "1.2.3",
    websiteUrl: "http://localhost:8787",
    icons: [{ src: "https://example.com/icon.svg" }],
  });
  expect(client.getInstructions()).toBe("Use these tools for arithmetic.");
  await client.close();
});
