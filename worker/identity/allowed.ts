import type { WorkerSettings } from "../env.ts";
import type { Identity } from "./identity.ts";

/**
 * Whether the stack lets this person in: by address, by the address's domain, or by organisation, and
 * by any one of them. An address that nobody verified counts for nothing.
 */
export function isAllowed(
  { email, isEmailVerified = false, organizations = [] }: Identity,
  { allowed }: Pick<WorkerSettings, "allowed">,
): boolean {
  if (Object.values(allowed).every((list) => list.length === 0)) return true;
  if (allowed.organizations.some((name) => organizations.includes(name))) return true;
  const address = isEmailVerified ? email?.toLowerCase() : undefined;
  const at = address?.lastIndexOf("@") ?? -1;
  if (address === undefined || at < 1) return false;
  const domain = address.slice(at + 1);
  return allowed.emails.includes(address) || allowed.domains.includes(domain);
}
