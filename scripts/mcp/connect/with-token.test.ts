import { expect, test } from "vitest";
import type { Target } from "./client.ts";
import { clients } from "./clients/index.ts";
import type { Machine } from "./machine.ts";
import { toTokenVariable, withToken } from "./with-token.ts";

const linux: Machine = { platform: "linux", home: "/home/ada", env: {} };
const origin = "https://mcp.example.workers.dev";
const url = `${origin}/mcp`;
const target: Target = { name: "acme-orders", origin, transport: "http", url };

function find(id: string) {
  const found = clients.find((client) => client.id === id);
  if (found === undefined) throw new Error(`There is no client ${id}.`);
  return found;
}

/** Where a client puts something else: `${NAME}`. */
function toPlace(name: string): string {
  return `\${${name}}`;
}

/** Clients that take a token, and have a file that holds none. */
const withFile = clients.filter(({ token }) => token?.createEntry !== undefined);

test("each entry names where its client takes the token from, in the client's own form", () => {
  const entries = withFile.map((client) => [
    client.id,
    withToken(client, target.name, true).file?.createEntry(target, linux),
  ]);
  const toHeaders = (value: string) => ({ headers: { Authorization: `Bearer ${value}` } });
  expect(Object.fromEntries(entries)).toEqual({
    "claude-desktop": {
      command: "npx",
      args: ["mcp-remote", url, "--header", `Authorization:${toPlace("ACME_ORDERS_TOKEN")}`],
    },
    "claude-code": { type: "http", url, ...toHeaders(toPlace("ACME_ORDERS_TOKEN")) },
    cursor: { url, ...toHeaders(toPlace("env:ACME_ORDERS_TOKEN")) },
    vscode: { type: "http", url, ...toHeaders(toPlace("input:acme-orders-token")) },
    codex: { url, bearer_token_env_var: "ACME_ORDERS_TOKEN" },
    windsurf: { serverUrl: url, ...toHeaders(toPlace("env:ACME_ORDERS_TOKEN")) },
    gemini: { httpUrl: url, ...toHeaders(toPlace("ACME_ORDERS_TOKEN")) },
  });
});

test("VS Code is told to ask for it, in its file and in the line to copy", () => {
  const vscode = withToken(find("vscode"), target.name, true);
  const input = {
    type: "promptString",
    id: "acme-orders-token",
    description: "Token for acme-orders",
    password: true,
  };
  expect(vscode.file?.createBeside?.(target)).toEqual({ list: "inputs", element: input });
  const [line] = vscode.listOtherWays?.(target) ?? [];
  const [, added = ""] = /^code --add-mcp '(.*)'$/.exec(line?.line ?? "") ?? [];
  expect(JSON.parse(added)).toMatchObject({ name: "acme-orders", inputs: [input] });
});

test("a client that takes no token, or would need it in its file, is refused by name", () => {
  for (const id of ["claude.ai", "chatgpt", "zed"]) {
    expect(() => withToken(find(id), "example", false)).toThrow(/--token: .* takes no token/);
  }
  expect(() => withToken(find("inspector"), "example", true)).toThrow(/nothing was written/);
  const [line] = withToken(find("inspector"), "example", false).listOtherWays?.(target) ?? [];
  expect(line?.line).toContain('--header "Authorization: Bearer $EXAMPLE_TOKEN"');
});

test("every client that takes one says how to make it, and where it goes", () => {
  for (const client of withFile) {
    const steps = withToken(client, target.name, false).listSteps(target);
    expect(steps[0]).toContain(`${origin}/connections`);
    expect(steps.length, client.id).toBeGreaterThan(1);
    expect(steps.join(" ")).not.toContain("sign in");
  }
  const sse = { ...target, transport: "sse", url: `${origin}/sse` } as const;
  expect(withToken(find("cursor"), "example", false).listSteps(sse)[0]).toContain("--endpoint sse");
});

test("the variable is a name that every shell takes", () => {
  expect(["acme-orders", "example", "7of9", "a.b c", "__"].map(toTokenVariable)).toEqual([
    "ACME_ORDERS_TOKEN",
    "EXAMPLE_TOKEN",
    "MCP_7OF9_TOKEN",
    "A_B_C_TOKEN",
    "MCP___TOKEN",
  ]);
});
