import { createHash, randomBytes } from "node:crypto";

/** An id as accounts, zones and most resources have it: 32 hex digits. */
export function makeHexId(): string {
  return randomBytes(16).toString("hex");
}

/** The same id for the same name. */
export function toHexId(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 32);
}

/** Now, as the API writes it: RFC 3339 with microseconds. */
export function now(): string {
  return new Date().toISOString().replace("Z", "000Z");
}
