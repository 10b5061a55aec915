import type { WorkerSettings } from "../env.ts";

/**
 * Who vouches for people in this stack, by its settings. Whoever signed in under another authority is
 * somebody else to this stack: after a move to another issuer no cookie and no grant of the old one
 * counts, even where subject and email are the same.
 */
export function findAuthority({ identity }: Pick<WorkerSettings, "identity">): string {
  switch (identity.method) {
    case "oidc":
      return identity.issuer;
    case "access":
      return identity.teamDomain;
    default:
      return identity.method;
  }
}
