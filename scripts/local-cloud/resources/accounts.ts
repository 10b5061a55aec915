import { fail } from "../api-error.ts";
import { toHexId } from "../identifiers.ts";
import type { Account } from "../records.ts";
import { answer, answerPage, type Call, type Route } from "../route.ts";

/** Accounts, and who is asking. */
export const accountRoutes: readonly Route[] = [
  { method: "GET", path: "/accounts", handle: listAccounts },
  { method: "GET", path: "/accounts/:account", handle: ({ account }) => answer(show(account)) },
  { method: "GET", path: "/memberships", handle: listMemberships },
  { method: "GET", path: "/user", handle: showUser },
];

/** Those that the token may be used on. */
function listOwn({ cloud, token }: Call): Account[] {
  return cloud.records.accounts.list(
    ({ id }) => token.accounts === "all" || token.accounts.includes(id),
  );
}

function listAccounts(call: Call) {
  const name = call.query.get("name");
  const all = listOwn(call).filter((account) => name === null || account.name === name);
  if (call.query.get("direction") === "desc") all.reverse();
  return answerPage(all.map(show), call.query);
}

function listMemberships(call: Call) {
  const all = listOwn(call).map((account) => ({
    id: toHexId(`membership ${account.id}`),
    status: "accepted",
    account: show(account),
    roles: ["Super Administrator - All Privileges"],
  }));
  return answerPage(all, call.query);
}

/** A token of all permissions may see its owner. */
function showUser({ token }: Call) {
  if (token.permissions !== "all")
    throw fail(403, 9109, "Unauthorized to access requested resource");
  return answer({
    id: toHexId("user"),
    email: "local@example.com",
    first_name: "Local",
    last_name: "Cloud",
    suspended: false,
    two_factor_authentication_enabled: false,
  });
}

function show({ id, name, createdOn }: Account) {
  return {
    id,
    name,
    type: "standard",
    settings: { enforce_twofactor: false },
    created_on: createdOn,
  };
}
