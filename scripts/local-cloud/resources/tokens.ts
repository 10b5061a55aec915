import { randomBytes } from "node:crypto";
import * as z from "zod";
import { fail } from "../api-error.ts";
import { hashToken } from "../authorization.ts";
import { makeHexId, now, toHexId } from "../identifiers.ts";
import type { Token } from "../records.ts";
import {
  answer,
  answerPage,
  type Call,
  createRoutes,
  type Permission,
  type Route,
} from "../route.ts";

const groupNames: readonly Permission[] = [
  "Workers Scripts",
  "Workers KV Storage",
  "Workers R2 Storage",
  "Workers Routes",
  "D1",
  "Account Settings",
  "Account API Tokens",
  "Access: Apps and Policies",
  "Zone",
  "DNS",
];
const groups = groupNames
  .flatMap((name) => [`${name} Read`, `${name} Write`])
  .map((name) => ({ id: toHexId(name), name, scopes: [toScope(name)] }));

function toScope(name: string): string {
  const isOfZone = ["Zone", "DNS", "Workers Routes"].some((each) => name.startsWith(`${each} `));
  return isOfZone ? "com.cloudflare.api.account.zone" : "com.cloudflare.api.account";
}

const body = z.object({
  name: z.string().min(1),
  status: z.enum(["active", "disabled"]).default("active"),
  expires_on: z.iso.datetime({ offset: true }).optional(),
  policies: z
    .array(
      z.looseObject({
        effect: z.enum(["allow", "deny"]),
        permission_groups: z.array(z.looseObject({ id: z.string() })),
        resources: z.record(z.string(), z.unknown()),
      }),
    )
    .min(1),
});

/** API tokens, of a user and of an account: the same here. */
export const tokenRoutes = ["/user/tokens", "/accounts/:account/tokens"].flatMap(
  (path): Route[] => [
    {
      method: "GET",
      path: `${path}/verify`,
      unknownToken: () => fail(401, 1000, "Invalid API Token"),
      handle: verify,
    },
    ...createRoutes("Account API Tokens", path, [
      ["GET", "/permission_groups", () => answer(groups)],
      ["GET", "", listTokens],
      ["POST", "", createToken],
      ["GET", "/:token", (call) => answer(show(findToken(call)))],
      ["PUT", "/:token", updateToken],
      ["PUT", "/:token/value", rollToken],
      ["DELETE", "/:token", deleteToken],
    ]),
  ],
);

function verify({ token: { id, status, expiresOn } }: Call) {
  return {
    result: { id, status, ...(expiresOn !== undefined && { expires_on: expiresOn }) },
    messages: [{ code: 10000, message: "This API Token is valid and active" }],
  };
}

function listTokens(call: Call) {
  return answerPage(listOwn(call).map(show), call.query);
}

async function createToken(call: Call) {
  const sent = await call.json(body, 1001);
  const time = now();
  const value = makeValue();
  const made = toToken(call, sent, time);
  refuseWider(call, made);
  const token = call.cloud.records.tokens.put({
    id: makeHexId(),
    hash: hashToken(value),
    issuedOn: time,
    ...made,
  });
  return answer({ ...show(token), value });
}

async function updateToken(call: Call) {
  const sent = await call.json(body, 1001);
  const made = toToken(call, sent, now());
  refuseWider(call, made);
  const token = { ...findToken(call), ...made };
  return answer(show(call.cloud.records.tokens.put(token)));
}

/** A new value; the old one is worth nothing from then on. */
function rollToken(call: Call) {
  const value = makeValue();
  call.cloud.records.tokens.put({
    ...findToken(call),
    hash: hashToken(value),
    modifiedOn: now(),
  });
  return answer(value);
}

function deleteToken(call: Call) {
  const found = findToken(call);
  call.cloud.records.tokens.delete(found);
  return answer({ id: found.id });
}

function toToken(call: Call, sent: z.infer<typeof body>, modifiedOn: string) {
  const allowed = sent.policies.filter(({ effect }) => effect === "allow");
  const permissions = allowed
    .flatMap(({ permission_groups }) => permission_groups.map(({ id }) => id))
    .map((id) => {
      const group = groups.find((each) => each.id === id);
      if (group !== undefined) return group.name;
      throw fail(400, 1001, `policies: there is no permission group with the id ${id}.`);
    });
  return {
    name: sent.name,
    status: sent.status,
    expiresOn: sent.expires_on,
    modifiedOn,
    permissions,
    accounts: toAccounts(
      call,
      allowed.flatMap((policy) => Object.keys(policy.resources)),
    ),
    policies: sent.policies.map(({ permission_groups, ...policy }) => ({
      id: makeHexId(),
      ...policy,
      permission_groups: permission_groups.map((group) => ({
        ...group,
        name: groups.find(({ id }) => id === group.id)?.name,
      })),
    })),
  };
}

/** Accounts that resources of policies name, themselves or by a zone of theirs. */
function toAccounts({ cloud }: Call, resources: readonly string[]): Token["accounts"] {
  const { accounts, zones } = cloud.records;
  const isNamed = (id: string) =>
    resources.includes(`com.cloudflare.api.account.${id}`) ||
    zones
      .list((zone) => zone.account === id)
      .some((zone) => resources.includes(`com.cloudflare.api.account.zone.${zone.id}`));
  if (resources.includes("com.cloudflare.api.account.*")) return "all";
  const named = accounts.list(({ id }) => isNamed(id)).map(({ id }) => id);
  // "Every zone" means those of the accounts that are named beside it.
  const isEveryZone = resources.includes("com.cloudflare.api.account.zone.*");
  return isEveryZone && named.length === 0 ? "all" : named;
}

/** Tokens of the account of the path; of a user, all. */
function listOwn({ cloud, params }: Call): Token[] {
  return cloud.records.tokens.list(
    ({ accounts }) =>
      params.account === undefined || accounts === "all" || accounts.includes(params.account),
  );
}

/** @throws ApiError 9109 for a token that would open more than the one that makes it. */
function refuseWider({ token }: Call, made: Pick<Token, "accounts" | "permissions">): void {
  const isWithin = (own: readonly string[] | "all", wanted: readonly string[] | "all") =>
    own === "all" || (wanted !== "all" && wanted.every((each) => own.includes(each)));
  if (isWithin(token.accounts, made.accounts) && isWithin(token.permissions, made.permissions)) {
    return;
  }
  throw fail(403, 9109, "Unauthorized: a token cannot make one that may do more than itself.");
}

function findToken(call: Call): Token {
  const found = listOwn(call).find(({ id }) => id === call.params.token);
  if (found !== undefined) return found;
  throw fail(404, 1003, "The token does not exist.");
}

function makeValue(): string {
  return randomBytes(30).toString("base64url");
}

function show({ id, name, status, issuedOn, modifiedOn, expiresOn, policies }: Token) {
  return {
    id,
    name,
    status,
    issued_on: issuedOn,
    modified_on: modifiedOn,
    ...(expiresOn !== undefined && { expires_on: expiresOn }),
    policies,
  };
}
