import { test as base, expect } from "vitest";
import { readChallenge } from "../../support/challenge.ts";
import { postMessage, toToolCall } from "../../support/mcp-by-hand.ts";
import { Person } from "../../support/person.ts";
import { startStackServer } from "../../support/stack-server.ts";
import { chatgpt } from "../matrix/clients/chatgpt.ts";
import { claudeCode } from "../matrix/clients/claude-code.ts";
import { codex } from "../matrix/clients/codex.ts";
import { recordedClients } from "../matrix/clients/index.ts";
import { publish } from "../matrix/publisher.ts";
import type { RecordedClient } from "../matrix/recorded-client.ts";
import { Replay } from "../matrix/replay.ts";

const test = base.extend(
  "replay",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }) => {
    const { outbound, key } = publish(recordedClients);
    const server = await startStackServer({ outbound });
    onCleanup(() => server[Symbol.asyncDispose]());
    return (client: RecordedClient) => new Replay(server.origin, client, key);
  },
);

const put = { name: "put", arguments: { name: "vat_rate", value: 19 } };
const sum = { name: "sum", arguments: { a: 2, b: 40 } };

/** Lets a person sign in at a client, and gives its token and the scopes of it. */
async function signIn(replay: Replay, person: Person, scope?: string) {
  const discovered = await replay.discover();
  const credentials = await replay.register(discovered);
  const authorized = await replay.authorize(person, discovered, credentials, scope);
  if ("refusal" in authorized) throw new Error(authorized.refusal);
  const { body } = await replay.redeem(discovered, credentials, authorized);
  const { access_token: token = "", scope: granted = "" } = body;
  return { token, granted };
}

/** Calls the two tools that show what was gained and what was kept. */
async function callBoth(replay: Replay, token: string): Promise<void> {
  await using conversation = await replay.connect(token);
  expect(await conversation.ask("tools/call", put)).toMatchObject({
    structuredContent: { name: "vat_rate" },
  });
  expect(await conversation.ask("tools/call", sum)).toMatchObject({
    structuredContent: { sum: 42 },
  });
}

for (const client of chatgpt) {
  const { registration, authentication } = client;
  const way = `${registration.way}, ${authentication}`;
  test(`ChatGPT (${way}) reads from the list what a tool needs, and asks for it with what it has`, async ({
    replay,
  }) => {
    const chat = replay(client);
    const person = new Person("ada@example.com");
    const { token, granted } = await signIn(chat, person);
    expect(granted).toBe("demo:use demo:profile");

    await using conversation = await chat.connect(token);
    const { tools } = (await conversation.ask("tools/list")) as {
      tools: { name: string; securitySchemes: { type: string; scopes: string[] }[] }[];
    };
    const schemes = tools.find(({ name }) => name === put.name)?.securitySchemes;
    expect(schemes).toEqual([{ type: "oauth2", scopes: ["demo:write"] }]);
    const needed = schemes?.flatMap(({ scopes }) => scopes) ?? [];
    const union = [...new Set([...granted.split(" "), ...needed])].join(" ");

    const second = await signIn(chat, person, union);
    expect(second.granted).toBe("demo:use demo:profile demo:write");
    await callBoth(chat, second.token);
  });
}

test("Claude Code shows the refusal, and works after its person signed in again with those scopes", async ({
  replay,
}) => {
  const [client] = claudeCode;
  if (client === undefined) throw new Error("Claude Code was not recorded.");
  const code = replay(client);
  const person = new Person("ada@example.com");
  const { token } = await signIn(code, person);
  await using conversation = await code.connect(token);
  await expect(conversation.ask("tools/call", put)).rejects.toThrow(/403.*insufficient_scope/);
  // It goes on with what it has.
  expect(await conversation.ask("tools/call", sum)).toMatchObject({
    structuredContent: { sum: 42 },
  });

  const refused = await postMessage(code.url, token, toToolCall(put.name, put.arguments));
  const { scope = "" } = readChallenge(refused);
  expect(scope).toBe("demo:use demo:profile demo:write");
  // `oauth.scopes` in its configuration, then "Re-authenticate" in its `/mcp`.
  const configured = replay({ ...client, scope: { from: "itself", scope } });
  const again = await signIn(configured, person);
  expect(again.granted).toBe(scope);
  await callBoth(configured, again.token);
});

test("Codex never steps up: it asks for every scope at its login, and is never refused", async ({
  replay,
}) => {
  const [client] = codex;
  if (client === undefined) throw new Error("Codex was not recorded.");
  const terminal = replay(client);
  const { token, granted } = await signIn(terminal, new Person("ada@example.com"));
  expect(granted).toBe("demo:use demo:profile demo:read demo:write");
  await callBoth(terminal, token);
});

test("Codex that was told its scopes gets these and no more", async ({ replay }) => {
  const [client] = codex;
  if (client === undefined) throw new Error("Codex was not recorded.");
  const scope = "demo:use demo:read";
  const terminal = replay({ ...client, scope: { from: "itself", scope } });
  const { token, granted } = await signIn(terminal, new Person("ada@example.com"));
  expect(granted).toBe(scope);
  const refused = await postMessage(terminal.url, token, toToolCall("put", {}));
  expect(readChallenge(refused).scope).toBe("demo:use demo:read demo:write");
});
