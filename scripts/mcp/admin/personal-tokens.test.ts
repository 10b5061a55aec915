import { expect, test } from "vitest";
import type { WorkerEnv } from "../../../worker/env.ts";
import { personalClientId } from "../../../worker/oauth/personal-tokens/client-id.ts";
import type { AccountKv } from "./account-kv.ts";
import { findGrants } from "./find-grants.ts";
import { loadCreateServer, toServerSettings } from "./open-server.ts";
import { PlannedKv } from "./planned-kv.ts";

const now = Math.floor(Date.now() / 1000);
const userId = "u".repeat(22);
const lives = "pt-0123456789abc";
const ended = "pt-cba9876543210";

function toGrant(id: string, name: string, expiresAt: number): [string, string] {
  const grant = {
    id,
    userId,
    clientId: personalClientId,
    scope: ["demo:use"],
    metadata: { clientName: name },
    createdAt: now - 1000,
    expiresAt,
    resource: "https://mcp.example.com/mcp",
  };
  return [`grant:${userId}:${id}`, JSON.stringify(grant)];
}

/** An account's namespace, and the Worker's own code over it, as an operator has them. */
async function openStack() {
  const stored = new Map([
    toGrant(lives, "Nightly", now + 1000),
    toGrant(ended, "Old", now - 10),
    [`personal:${lives}`, "{}"],
    [`personal:${ended}`, "{}"],
  ]);
  const account: Pick<AccountKv, "listKeys" | "readValues"> = {
    listKeys: async (prefix) =>
      [...stored.keys()]
        .filter((name) => name.startsWith(prefix))
        .toSorted()
        .map((name) => ({ name })),
    readValues: async (names) =>
      new Map(names.map((name) => [name, stored.get(name) ?? ""] as const)),
  };
  const kv = new PlannedKv(account as AccountKv);
  const createServer = await loadCreateServer();
  const server = createServer(
    toServerSettings({ origin: "https://mcp.example.com", preRegistered: [] }),
  );
  const env = { OAUTH_KV: kv } as unknown as WorkerEnv;
  return { kv, server, env, oauth: server.getOAuthApi(env) };
}

test("an operator sees a personal token as one, and what ends it takes what its calls need, first", async () => {
  const { kv, oauth } = await openStack();
  const rows = await findGrants({ oauth, kv }, { user: userId });
  expect(rows.map(({ clientName }) => clientName).toSorted()).toEqual([
    "Nightly (personal token)",
    "Old (personal token)",
  ]);
  await oauth.revokeGrant(lives, userId);
  expect(kv.deleted).toEqual([`personal:${lives}`, `grant:${userId}:${lives}`]);
});

test("the clean-up takes a personal token whose time is over, and leaves one that lives", async () => {
  const { kv, server, env } = await openStack();
  await server.purgeExpiredData(env);
  expect(kv.deleted).toEqual([`personal:${ended}`, `grant:${userId}:${ended}`]);
});
