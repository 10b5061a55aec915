import { ResourceUpdatedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { expect } from "vitest";
import { connectLegacy, connectModern, logIn } from "../support/connect.ts";
import { Person } from "../support/person.ts";
import { test } from "../support/test.ts";

const uri = "demo://notes";
const note = (text: string) => ({ name: "note", arguments: { text } });

test("a modern client that listens hears of what the person notes elsewhere, and of nobody else", async ({
  server,
}) => {
  const ada = new Person("ada@example.com");
  const token = await logIn(server.origin, ada, "modern");
  await using listener = await connectModern(server.origin, token);
  await using elsewhere = await connectLegacy(
    server.origin,
    await logIn(server.origin, ada, "sse"),
    "sse",
  );
  await using other = await connectModern(
    server.origin,
    await logIn(server.origin, new Person("grace@example.com"), "modern"),
  );
  const heard: string[] = [];
  listener.setNotificationHandler("notifications/resources/updated", ({ params }) => {
    heard.push(params.uri);
  });
  const subscription = await listener.listen({ resourceSubscriptions: [uri] });
  await other.callTool(note("one"));
  await elsewhere.callTool(note("two"));
  await expect.poll(() => heard).toEqual([uri]);
  const { contents } = await listener.readResource({ uri });
  expect(JSON.parse((contents[0] as { text: string }).text)).toMatchObject([{ text: "two" }]);
  await subscription.close();
});

for (const way of ["sse", "legacy"] as const) {
  test(`a ${way} client that subscribes hears of changes until it unsubscribes`, async ({
    server,
  }) => {
    const ada = new Person("ada@example.com");
    await using client = await connectLegacy(
      server.origin,
      await logIn(server.origin, ada, way),
      way,
      { elicitation: {} },
    );
    await using elsewhere = await connectModern(
      server.origin,
      await logIn(server.origin, ada, "modern"),
    );
    const heard: string[] = [];
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
      heard.push(params.uri);
    });
    expect(client.getServerCapabilities()?.resources).toMatchObject({ subscribe: true });
    await client.subscribeResource({ uri });
    await elsewhere.callTool(note("three"));
    await expect.poll(() => heard).toEqual([uri]);
    await client.unsubscribeResource({ uri });
    await elsewhere.callTool(note("four"));
    // The order of messages on a stream is kept: this answer comes after what was sent before it.
    await client.callTool(note("five"));
    expect(heard).toEqual([uri]);
    await expect(client.subscribeResource({ uri: "demo://colours/red" })).rejects.toThrow(
      /No client can subscribe to/,
    );
  });
}

test("who has no session is told that it cannot subscribe", async ({ server }) => {
  const token = await logIn(server.origin, new Person("ada@example.com"), "legacy");
  await using client = await connectLegacy(server.origin, token, "legacy");
  expect(client.getServerCapabilities()?.resources?.subscribe).toBe(false);
  await expect(client.subscribeResource({ uri })).rejects.toThrow();
});
