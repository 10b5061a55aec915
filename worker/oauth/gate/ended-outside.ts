/**
 * KV key of the note that an operator ended a grant. Operators reach Workers KV, but no Durable Object:
 * without the note, a gate that still remembers the grant would write it back at the next refresh.
 * `npm run mcp -- admin revoke` leaves it, gates look for it at each token request.
 */
export function toEndedKey(grant: { readonly userId: string; readonly grantId: string }): string {
  return `ended:${grant.userId}:${grant.grantId}`;
}

/**
 * KV key of the note that an operator ended a machine client's tokens. Its value is the time, in seconds since
 * the epoch: tokens made until then are worth nothing.
 */
export function toMachineEndedKey(name: string): string {
  return toEndedKey({ userId: "machine", grantId: name });
}
