/**
 * KV key of the note that an operator ended a grant. Operators reach Workers KV, but no Durable Object:
 * without the note, a gate that still remembers the grant would write it back at the next refresh.
 * `npm run mcp -- admin revoke` leaves it, gates look for it at each token request.
 */
export function toEndedKey(grant: { readonly userId: string; readonly grantId: string }): string {
  return `ended:${grant.userId}:${grant.grantId}`;
}

/** Begins a note that an end was taken back. */
const allowedPrefix = "allowed ";

/**
 * Seconds for which a note that an end was taken back is kept: longer than any access token that was ended lives
 * (`accessTokenLifetime`, a day at most), and what a gate or Workers KV remembers of its grant.
 */
export const allowanceLifetime = 2 * 24 * 3600;

/**
 * The note that an operator takes an end back, in place of the one that there is an end. A gate that saw neither
 * may remember the old grant, or have written it back: this note tells it that the old one does not count.
 */
export function createAllowance(now = new Date()): string {
  return `${allowedPrefix}${now.toISOString()}`;
}

/** Whether a note says that an end was taken back. */
export function isAllowance(note: string | null): note is string {
  return note?.startsWith(allowedPrefix) === true;
}

/** Whether a note says that a grant is ended. @param note undefined or null: there is none. */
export function isEnd(note: string | null | undefined): boolean {
  return note !== null && note !== undefined && !isAllowance(note);
}

/**
 * KV key of the note that an operator ended a machine client's tokens. Its value is the time, in seconds since
 * the epoch: tokens made until then are worth nothing.
 */
export function toMachineEndedKey(name: string): string {
  return toEndedKey({ userId: "machine", grantId: name });
}
