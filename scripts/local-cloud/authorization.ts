import { createHash } from "node:crypto";
import { ApiError, fail } from "./api-error.ts";
import type { Account, Records, Token } from "./records.ts";
import type { Permission } from "./route.ts";

/** The form of an API token; the Pulumi provider takes no other. */
export const tokenForm = /^[0-9A-Za-z\-_]{40,80}$/;

export function hashToken(value: string): string {
  return createHash("sha256").update(value).digest("hex");
}

function refuseToken(): Error {
  return fail(403, 9109, "Invalid access token");
}

/**
 * The token of a call.
 * @param refuse makes the error for one that is unknown, expired or disabled.
 * @throws ApiError as Cloudflare for one that is missing or malformed as well.
 */
export function findToken(
  records: Records,
  headers: Headers,
  refuse: () => Error = refuseToken,
): Token {
  const header = headers.get("authorization");
  if (header === null) {
    if (headers.has("x-auth-key")) {
      throw new ApiError(400, {
        code: 6003,
        message: "Invalid request headers",
        error_chain: [{ code: 6103, message: "Invalid format for X-Auth-Key header" }],
      });
    }
    throw fail(400, 9106, 'Missing "Authorization" header. Send `Authorization: Bearer <token>`.');
  }
  const [, value] = /^Bearer (\S+)$/i.exec(header) ?? [];
  if (value === undefined || !tokenForm.test(value)) {
    throw new ApiError(400, {
      code: 6003,
      message: "Invalid request headers",
      error_chain: [{ code: 6111, message: "Invalid format for Authorization header" }],
    });
  }
  const hash = hashToken(value);
  const [token] = records.tokens.list((each) => each.hash === hash);
  if (token === undefined || !isUsable(token)) throw refuse();
  return token;
}

function isUsable({ status, expiresOn }: Token): boolean {
  return status === "active" && (expiresOn === undefined || Date.parse(expiresOn) > Date.now());
}

/** @throws ApiError 10000 if the token is of another account or lacks the permission. */
export function checkAccess(
  token: Token,
  account: Account | undefined,
  permission: Permission | undefined,
  isReading: boolean,
): void {
  const isOfAccount =
    account === undefined || token.accounts === "all" || token.accounts.includes(account.id);
  if (isOfAccount && (permission === undefined || isAllowed(token, permission, isReading))) return;
  throw fail(403, 10000, "Authentication error");
}

function isAllowed({ permissions }: Token, permission: Permission, isReading: boolean): boolean {
  if (permissions === "all" || permissions.includes(`${permission} Write`)) return true;
  return isReading && permissions.includes(`${permission} Read`);
}
