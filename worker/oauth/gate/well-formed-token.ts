import type { GrantName } from "../revoke.ts";

/** Characters of a user id, a grant id and a secret as this server makes them. */
const pattern = /^([\w-]{22}):([\w-]{16}):[\w-]{32}$/;

/** The grant that a code or token belongs to; undefined if this server cannot have made it. */
export function findGrant(token: unknown): GrantName | undefined {
  if (typeof token !== "string") return undefined;
  const [, userId, grantId] = pattern.exec(token) ?? [];
  return userId !== undefined && grantId !== undefined ? { userId, grantId } : undefined;
}

/** The grant of a KV key, `grant:<user>:<grant>` or `token:<user>:<grant>:<hash>`. */
export function findGrantOfKey(key: string): GrantName | undefined {
  const [, userId, grantId] =
    /^(?:grant:([\w-]{22}):([\w-]{16})|token:([\w-]{22}):([\w-]{16}):[0-9a-f]{64})$/
      .exec(key)
      ?.filter((part) => part !== undefined) ?? [];
  return userId !== undefined && grantId !== undefined ? { userId, grantId } : undefined;
}

/** KV key of a grant, as the OAuth library has it. */
export function toGrantKey({ userId, grantId }: GrantName): string {
  return `grant:${userId}:${grantId}`;
}

/**
 * The grant that a token request (RFC 6749) or a revocation request (RFC 7009) is about. The parameter
 * is chosen as the OAuth library chooses it, so that no change of a grant bypasses its gate.
 */
export function findGrantOfForm(form: URLSearchParams): GrantName | undefined {
  switch (form.get("grant_type") ?? "") {
    case "authorization_code":
      return findGrant(form.get("code"));
    case "refresh_token":
      return findGrant(form.get("refresh_token"));
    case "":
      return findGrant(form.get("token"));
    default:
      return undefined;
  }
}
