import { writeTest, writeTool } from "../new-tool/template.ts";
import type { NewToolPlan } from "../new-tool/tool-plan.ts";
import type { FileChange } from "./apply-changes.ts";
import type { ServerIdentity } from "./server-words.ts";

/** Name of the one tool that a new server begins with. */
export const firstTool = "count_words";

/** The scope of a new server: its people allow one thing until it has more to ask for. */
export function nameScope({ name }: Pick<ServerIdentity, "name">): string {
  return `${name}:use`;
}

export function writeFirstTool(plan: NewToolPlan): FileChange[] {
  return [
    { path: `worker/tools/${plan.file}.ts`, text: writeTool(plan) },
    { path: `worker/tools/${plan.file}.test.ts`, text: writeTest(plan) },
  ];
}

/** The lists of a server that offers one tool, and what its people can allow. */
export function writeLists(plan: NewToolPlan, identity: ServerIdentity): FileChange[] {
  return [
    { path: "worker/tools/index.ts", text: writeToolList(plan) },
    { path: "worker/resources/index.ts", text: writeEmptyList("resource", "ResourceDefinition") },
    { path: "worker/prompts/index.ts", text: writeEmptyList("prompt", "Prompt") },
    { path: "worker/scopes.ts", text: writeScopes(identity) },
  ];
}

/** The line of the catalogue for the scope of a new server. */
export function writeScopeLine(identity: ServerIdentity): string {
  const words = `Use ${identity.title}`;
  return `${JSON.stringify(nameScope(identity))}: { words: ${JSON.stringify(words)}, isBase: true },`;
}

function writeScopes(identity: ServerIdentity): string {
  return `import { defineScopes } from "./kit/index.ts";

/**
 * What people can allow this server, in the order in which they read it. The consent page, the metadata
 * and the documentation take the words from here.
 */
export const scopes = defineScopes({
  ${writeScopeLine(identity)}
});

/** A scope of the catalogue. */
export type Scope = keyof typeof scopes;
`;
}

function writeToolList({ file, identifier }: NewToolPlan): string {
  return `import type { Tool } from "../kit/index.ts";
import type { Scope } from "../scopes.ts";
import ${identifier} from "./${file}.ts";

/** Every tool of this server, in the order \`tools/list\` gives them. A new tool is one file and one line here. */
export const tools: readonly Tool<Scope>[] = [
  ${identifier},
];

/**
 * Tools that were here once and that no other replaces: by name, what a model should do instead, in a
 * sentence. A client that keeps an old list of tools calls them. A renamed tool says it in \`replaces\`.
 */
export const removedTools: Readonly<Record<string, string>> = {};
`;
}

function writeEmptyList(kind: "resource" | "prompt", type: string): string {
  return `import type { ${type} } from "../kit/index.ts";
import type { Scope } from "../scopes.ts";

/** Every ${kind} of this server, in the order the lists give them. A new one is one file and one entry here. */
export const ${kind}s: readonly ${type}<Scope>[] = [];
`;
}

/** The test of a server's own that real clients can log in and call its tool. */
export function writeClientTest({ name }: NewToolPlan): FileChange {
  const text = `import { afterAll, expect, test } from "vitest";
import { startOwnServer, useClaudeDesktop, useNewClient } from "../support/own-server.ts";

// One login and one call with each kind of client that people have: the whole way, as they go it.

const server = await startOwnServer();
afterAll(() => server[Symbol.asyncDispose]());

const call = { name: ${JSON.stringify(name)}, arguments: { text: "one two three" } };

test("Claude Desktop, which connects by mcp-remote, logs in and calls the tool", async () => {
  await using desktop = await useClaudeDesktop(server.origin);
  expect(await desktop.client.callTool(call)).toMatchObject({ structuredContent: { words: 3 } });
});

test("a client of today logs in, sees the tool and calls it", async () => {
  await using client = await useNewClient(server.origin);
  const { tools } = await client.listTools();
  expect(tools.map((tool) => tool.name)).toContain(call.name);
  expect(await client.callTool(call)).toMatchObject({ structuredContent: { words: 3 } });
});
`;
  return { path: "tests/mine/clients.test.ts", text };
}
