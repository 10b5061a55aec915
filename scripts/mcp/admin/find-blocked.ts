import { isCompanyGrant, toCompanyGrantId } from "../../../worker/oauth/company/grant-id.ts";
import { isEnd } from "../../../worker/oauth/gate/ended-outside.ts";
import { mostRead, split } from "./account-kv.ts";
import type { AdminServer } from "./open-server.ts";

/** What a company allowed, and somebody ended for good: no assertion brings it back. */
export interface BlockedRow {
  /** `<user id>:<grant id>`, as `allow --grant` takes it. */
  readonly grant: string;
  /** Id of the person, which follows from issuer and subject and tells nothing else. */
  readonly userId: string;
  /** Null: the settings name no client any more that it could be. */
  readonly clientId: string | null;
  readonly endedBy: "person" | "operator";
}

/** Every such block, by name. */
export async function findBlocked({
  account,
  stack,
}: Pick<AdminServer, "account" | "stack">): Promise<BlockedRow[]> {
  const listed = await account.listKeys("ended:");
  const notes = listed.flatMap(({ name }) => {
    const [, userId = "", grantId = ""] = name.split(":");
    return isCompanyGrant(grantId) ? [{ name, userId, grantId }] : [];
  });
  const values = new Map<string, string>();
  const names = notes.map(({ name }) => name);
  for (const part of split(names, mostRead)) {
    for (const [name, value] of await account.readValues(part)) values.set(name, value);
  }
  const clients = new Map<string, string>();
  for (const clientId of stack.companyClients) {
    clients.set(await toCompanyGrantId(clientId), clientId);
  }
  return notes
    .filter(({ name }) => isEnd(values.get(name)))
    .map(({ name, userId, grantId }) => ({
      grant: `${userId}:${grantId}`,
      userId,
      clientId: clients.get(grantId) ?? null,
      endedBy: values.get(name) === "operator" ? "operator" : "person",
    }));
}
