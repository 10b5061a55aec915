import { expect, test } from "vitest";
import { toCompanyGrantId } from "../../../worker/oauth/company/grant-id.ts";
import { createAllowance } from "../../../worker/oauth/gate/ended-outside.ts";
import type { AccountKv } from "./account-kv.ts";
import { findBlocked, formatBlocked } from "./blocked.ts";
import type { DeployedStack } from "./deployed-stack.ts";
import { findGrants } from "./find-grants.ts";
import { formatGrants } from "./grants.ts";
import type { AdminServer } from "./open-server.ts";

test("of all that was ended, what a company may not allow again is listed, with its client and by whom", async () => {
  const chat = await toCompanyGrantId("chat");
  const stored = new Map([
    [`ended:ada:${chat}`, "person"],
    ["ended:ada:em-0123456789abc", "operator"],
    // Allowed again.
    ["ended:ada:em-fedcba9876543", createAllowance()],
    // Of a person who allowed it on a page, and of a machine client.
    ["ended:eve:Q5KZwe4B0SqcEi66", "operator"],
    ["ended:machine:nightly", "1764500000"],
  ]);
  const asked: string[] = [];
  const account = {
    listKeys: async () => [...stored.keys()].map((name) => ({ name })),
    readValues: async (names: readonly string[]) => {
      asked.push(...names);
      return new Map(names.map((name) => [name, stored.get(name) ?? ""]));
    },
  } as unknown as AccountKv;
  const stack = { companyClients: ["other", "chat"] } as unknown as DeployedStack;
  const rows = await findBlocked({ account, stack });
  expect(rows).toEqual([
    { grant: `ada:${chat}`, userId: "ada", clientId: "chat", endedBy: "person" },
    { grant: "ada:em-0123456789abc", userId: "ada", clientId: null, endedBy: "operator" },
  ]);
  expect(asked).toHaveLength(3);
  expect(formatBlocked(rows)).toMatch(/chat +the person\n.*no longer in the settings +an operator/);
});

test("a grant that a company made says so", async () => {
  const grant = {
    id: "em-0123456789abc",
    userId: "ada",
    clientId: "chat",
    scope: ["demo:use"],
    metadata: { clientName: "Chat", company: "acme.okta.com" },
    createdAt: 1_764_500_000,
    resource: "https://mcp.example.com/mcp",
  };
  const own = { ...grant, id: "own", metadata: { clientName: "Chat" } };
  const oauth = { listUserGrants: async () => ({ items: [grant, own] }) };
  const server = { oauth, kv: {} } as unknown as Pick<AdminServer, "oauth" | "kv">;
  const rows = await findGrants(server, { user: "ada" });
  expect(rows.map(({ company }) => company)).toEqual(["acme.okta.com", null]);
  expect(formatGrants(rows)).toContain("Chat (allowed by acme.okta.com)");
});
