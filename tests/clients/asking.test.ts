import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { expect } from "vitest";
import { connectLegacy, connectModern, everyWay, logIn, type Way } from "../support/connect.ts";
import { Person } from "../support/person.ts";
import { test } from "../support/test.ts";

const forms = { elicitation: { form: {} } };
const call = { name: "choose", arguments: { thing: "a wall" } };

/** What a person does with a form. */
type Answer =
  | { action: "accept"; content: Record<string, string> }
  | { action: "decline" }
  | { action: "cancel" };

/** Connects a client that shows forms to a person who answers each the same way. */
async function connectAsked(origin: string, token: string, way: Way, answer: Answer) {
  const asked: string[] = [];
  if (way === "modern") {
    const client = await connectModern(origin, token, forms);
    client.setRequestHandler("elicitation/create", async ({ params }) => {
      asked.push(params.message);
      return answer;
    });
    return { client, asked };
  }
  const client = await connectLegacy(origin, token, way, forms);
  client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
    asked.push(params.message);
    return answer;
  });
  return { client, asked };
}

for (const way of everyWay) {
  test(`a ${way} client that shows forms is asked, and the answer counts`, async ({ server }) => {
    const token = await logIn(server.origin, new Person("ada@example.com"), way);
    const { client, asked } = await connectAsked(server.origin, token, way, {
      action: "accept",
      content: { colour: "green" },
    });
    await using _closed = client;
    const result = await client.callTool(call);
    expect(result.structuredContent).toEqual({ thing: "a wall", colour: "green", choices: [] });
    expect(asked).toEqual(["Which colour for a wall?"]);
    // And once more: a session that asked goes on.
    expect((await client.callTool(call)).structuredContent).toMatchObject({ colour: "green" });
  });

  test(`a person may decline on a ${way} client`, async ({ server }) => {
    const token = await logIn(server.origin, new Person("ada@example.com"), way);
    const { client } = await connectAsked(server.origin, token, way, { action: "decline" });
    await using _closed = client;
    const result = await client.callTool(call);
    expect(result.isError).toBeFalsy();
    expect(result.content).toMatchObject([{ text: expect.stringContaining("Do not ask again") }]);
  });

  test(`a ${way} client that cannot ask gets the choices as text`, async ({ server }) => {
    const token = await logIn(server.origin, new Person("ada@example.com"), way);
    await using client =
      way === "modern"
        ? await connectModern(server.origin, token)
        : await connectLegacy(server.origin, token, way);
    const result = await client.callTool(call);
    expect(result).toMatchObject({
      structuredContent: { colour: null, choices: expect.arrayContaining(["grey"]) },
      content: [{ text: expect.stringMatching(/call again with it as colour: .*grey/) }],
    });
    const chosen = { ...call, arguments: { ...call.arguments, colour: "grey" } };
    expect((await client.callTool(chosen)).structuredContent).toMatchObject({
      thing: "a wall",
      colour: "grey",
    });
  });
}
