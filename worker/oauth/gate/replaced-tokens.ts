import * as z from "zod";

/** What a grant's record says of its refresh tokens, each by the OAuth library's id: SHA-256, in hex. */
const grantRecord = z.looseObject({
  refreshTokenId: z.string().optional(),
  previousRefreshTokenId: z.string().optional(),
  /** Beginnings of the ids of replaced tokens, the oldest first. Ours: the library keeps the last one only. */
  replacedTokens: z.array(z.string()).optional(),
});

/** Characters kept of an id: 64 bits, so that no guess is taken for one of them. */
const keptLength = 16;

/** How many are kept: with one refresh an hour, those of ten days. */
const most = 256;

/** What a refresh token is to its grant. */
export type Standing =
  /** The one that may be used. */
  | "current"
  /** It was one once: whoever sends it has it from the client, or is the client. */
  | "replaced"
  /** The last one before, of a grant that another version of this Worker wrote: nothing is known of its use. */
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
  if (replacedTokens?.includes(id.slice(0, keptLength))) return "replaced";
  return previousRefreshTokenId === id ? "replaced-unnoted" : "unknown";
}

/** Notes in a rotated grant's record which token was replaced. */
export function noteReplaced(record: string): string {
  const grant = grantRecord.parse(JSON.parse(record));
  const { previousRefreshTokenId: replaced, replacedTokens = [] } = grant;
  if (replaced === undefined) return record;
  const kept = new Set([...replacedTokens, replaced.slice(0, keptLength)]);
  return JSON.stringify({ ...grant, replacedTokens: [...kept].slice(-most) });
}

/** A record in which the library takes a replaced token for the last one before. */
export function presentAsPrevious(record: string, id: string): string {
  const grant = grantRecord.parse(JSON.parse(record));
  return JSON.stringify({ ...grant, previousRefreshTokenId: id });
}
