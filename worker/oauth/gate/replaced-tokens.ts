import * as z from "zod";

/** The refresh tokens in a grant's record, each by the OAuth library's id: SHA-256, in hex. */
const grantRecord = z.looseObject({
  refreshTokenId: z.string().optional(),
  previousRefreshTokenId: z.string().optional(),
  /**
   * Beginnings of the ids of replaced tokens, each with the second in which it was replaced, the oldest
   * first. This server's own field: the library keeps the last one only.
   */
  replacedTokens: z.array(z.tuple([z.string(), z.number()])).optional(),
});

/** Characters that are kept of an id: 64 bits, so that no guess can match one. */
const keptLength = 16;

/** How many are kept: ten days' worth, with one refresh an hour. */
const most = 256;

/**
 * The fewest seconds between two that are kept when there are too many. Whoever took a token could otherwise
 * refresh so often that the client's own is forgotten: this way it takes four hours, and a client comes
 * back when its access token ends.
 */
const spacing = 60;

/** What a refresh token is to its grant. */
export type Standing =
  /** The current one, which may be used. */
  | "current"
  /** An earlier one: whoever sends it has it from the client, or is the client. */
  | "replaced"
  /** The previous one, of a grant that another version of this Worker wrote: whether it was used is unknown. */
  | "replaced-unnoted"
  /** Not this grant's, or older than what is kept. */
  | "unknown";

/** What a refresh token is to a grant. @param record of the grant, as it is in KV. */
export function findStanding(record: string | null, id: string): Standing {
  if (record === null) return "unknown";
  const { refreshTokenId, previousRefreshTokenId, replacedTokens } = grantRecord.parse(
    JSON.parse(record),
  );
  if (refreshTokenId === id) return "current";
  const kept = id.slice(0, keptLength);
  if (replacedTokens?.some(([replaced]) => replaced === kept)) return "replaced";
  return previousRefreshTokenId === id ? "replaced-unnoted" : "unknown";
}

/** Notes in a rotated grant's record which token was replaced. */
export function noteReplaced(record: string, now = Date.now()): string {
  const grant = grantRecord.parse(JSON.parse(record));
  const { previousRefreshTokenId, replacedTokens = [] } = grant;
  const replaced = previousRefreshTokenId?.slice(0, keptLength);
  if (replaced === undefined || replacedTokens.at(-1)?.[0] === replaced) return record;
  const noted = [...replacedTokens, [replaced, Math.floor(now / 1000)] as const];
  if (noted.length > most) noted.splice(findLeastNeeded(noted.map(([, at]) => at)), 1);
  return JSON.stringify({ ...grant, replacedTokens: noted });
}

/** Which token to forget: the newest but one that came too soon after another, or the oldest. */
function findLeastNeeded(times: readonly number[]): number {
  // Not the newest: its answer may just have been lost.
  const soon = times
    .slice(0, -1)
    .findLastIndex((at, index) => at - (times[index - 1] ?? 0) < spacing);
  return Math.max(soon, 0);
}

/** A record in which the library takes a replaced token for the previous one. */
export function presentAsPrevious(record: string, id: string): string {
  const grant = grantRecord.parse(JSON.parse(record));
  return JSON.stringify({ ...grant, previousRefreshTokenId: id });
}
