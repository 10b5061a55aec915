/**
 * The scopes of this server and what they mean. Metadata, the consent page and every tool take
 * them from here.
 */
export const scopeCatalogue = {
  "math:use": "Calculate with numbers you give it",
  "profile:read": "See who you are: the email address you signed in with",
} as const;

/** A scope of the catalogue. */
export type Scope = keyof typeof scopeCatalogue;

/** Every scope, in the catalogue's order. */
export const allScopes = Object.keys(scopeCatalogue) as Scope[];

/** Scopes a client is told to ask for first: RFC 9728 `scopes_supported` and the 401 challenge. */
export const baseScopes: readonly Scope[] = allScopes;

/**
 * The scopes to ask the person for. Unknown ones (`openid`, `offline_access`, …) are left out, not
 * refused: clients send them by habit (cloudflare/mcp-server-cloudflare#457). A request that names
 * none of ours gets the base scopes.
 */
export function selectScopes(requested: readonly string[]): Scope[] {
  const known = allScopes.filter((scope) => requested.includes(scope));
  return known.length > 0 ? known : [...baseScopes];
}
