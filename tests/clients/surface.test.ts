import { expect } from "vitest";
import { connectLegacy, connectModern, logIn } from "../support/connect.ts";
import { postModern } from "../support/mcp-by-hand.ts";
import { Person } from "../support/person.ts";
import { test } from "../support/test.ts";

const modernAndLegacy = ["modern", "legacy", "sse"] as const;

for (const way of modernAndLegacy) {
  test(`a ${way} client finds resources, templates and prompts, reads them and has their arguments completed`, async ({
    server,
  }) => {
    const token = await logIn(server.origin, new Person(`${way}@example.com`), way);
    await using client =
      way === "modern"
        ? await connectModern(server.origin, token)
        : await connectLegacy(server.origin, token, way);
    const icons = [
      { src: `${server.origin}/favicon.svg`, mimeType: "image/svg+xml", sizes: ["any"] },
    ];

    const { resources } = await client.listResources();
    expect(resources).toMatchObject([
      { uri: "demo://notes", title: "Your notes", mimeType: "application/json", icons },
    ]);
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates).toMatchObject([
      { uriTemplate: "demo://colours/{name}", title: "Colours", icons },
    ]);
    const { contents } = await client.readResource({ uri: "demo://colours/red" });
    expect(contents).toHaveLength(1);
    expect(JSON.parse((contents[0] as { text: string }).text)).toEqual({ name: "red" });
    for (const uri of ["demo://colours/nothing", "demo://colours/toString", "demo://other"]) {
      await expect(client.readResource({ uri }), uri).rejects.toMatchObject({ code: -32602 });
    }
    const colour = await client.complete({
      ref: { type: "ref/resource", uri: "demo://colours/{name}" },
      argument: { name: "name", value: "g" },
    });
    expect(colour.completion.values).toEqual(["green", "grey"]);

    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(["paint", "review"]);
    expect(prompts[0]).toMatchObject({
      title: "Paint something",
      arguments: [{ name: "thing", required: true }, { name: "colour" }],
      icons,
    });
    const argument = await client.complete({
      ref: { type: "ref/prompt", name: "paint" },
      argument: { name: "colour", value: "gr" },
    });
    expect(argument.completion.values).toEqual(["green", "grey"]);
    const { messages } = await client.getPrompt({
      name: "paint",
      arguments: { thing: "the sea" },
    });
    expect(messages).toMatchObject([
      { role: "user", content: { type: "text", text: expect.stringContaining("the sea") } },
    ]);
    await expect(client.getPrompt({ name: "paint" })).rejects.toMatchObject({
      code: -32602,
    });
  });
}

test("lists come in the same order each time, and a modern client learns how long each answer holds", async ({
  server,
}) => {
  const token = await logIn(server.origin, new Person("ada@example.com"), "modern");
  const ask = async (method: string, params = {}) => {
    const response = await postModern(`${server.origin}/mcp`, token, method, params);
    return ((await response.json()) as { result: Record<string, unknown> }).result;
  };
  for (const method of [
    "tools/list",
    "resources/list",
    "resources/templates/list",
    "prompts/list",
    "server/discover",
  ]) {
    const result = await ask(method);
    expect(result, method).toMatchObject({ ttlMs: 300_000, cacheScope: "private" });
    expect(JSON.stringify(await ask(method)), method).toBe(JSON.stringify(result));
  }
  expect(
    await ask("resources/read", { uri: "demo://colours/blue", name: "demo://colours/blue" }),
  ).toMatchObject({
    ttlMs: 86_400_000,
    cacheScope: "public",
  });
  expect(await ask("resources/read", { uri: "demo://notes", name: "demo://notes" })).toMatchObject({
    ttlMs: 0,
    cacheScope: "private",
  });
});

test("two people who call at once, with the same ids, each get their own answer", async ({
  server,
}) => {
  const people = ["ada", "grace", "alan"].map((name) => new Person(`${name}@example.com`));
  const tokens = await Promise.all(people.map((person) => logIn(server.origin, person, "modern")));
  const calls = Array.from({ length: 60 }, async (_, index) => {
    const token = tokens[index % tokens.length] ?? "";
    const params = { name: "whoami", arguments: {} };
    const response = await postModern(`${server.origin}/mcp`, token, "tools/call", params);
    expect(await response.text()).toContain(people[index % people.length]?.email);
  });
  await Promise.all(calls);
});
