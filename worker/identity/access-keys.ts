import * as z from "zod";
import { UpstreamError } from "./identity.ts";
import { fetchUpstream } from "./upstream-fetch.ts";

/** Milliseconds for which keys are used again. A key that Access withdraws counts as long. */
const keepTime = 600_000;

/**
 * Milliseconds before keys are fetched again for a key id that is not among them: anybody can send a
 * token that names one.
 */
const pause = 10_000;

/** The team's public keys (RFC 7517). */
const keySet = z.object({ keys: z.array(z.looseObject({ kid: z.string(), kty: z.string() })) });

/** One of them. */
export type AccessKey = z.infer<typeof keySet>["keys"][number];

/** Keys of this isolate, by team. */
const known = new Map<string, { readonly keys: readonly AccessKey[]; readonly since: number }>();

/**
 * The public keys of a team, fetched where the named one is not among those that are known: Access
 * changes its key every six weeks.
 * @throws UpstreamError
 */
export async function keepAccessKeys(issuer: string, keyId: string): Promise<readonly AccessKey[]> {
  const kept = known.get(issuer);
  if (kept !== undefined) {
    const age = Date.now() - kept.since;
    const isKnown = kept.keys.some(({ kid }) => kid === keyId);
    if (age < (isKnown ? keepTime : pause)) return kept.keys;
  }
  const keys = await fetchKeys(`${issuer}/cdn-cgi/access/certs`);
  known.set(issuer, { keys, since: Date.now() });
  return keys;
}

async function fetchKeys(url: string): Promise<readonly AccessKey[]> {
  const response = await fetchUpstream(url, { method: "GET", headers: {} });
  const { success, data } = keySet.safeParse(await readJson(response));
  if (response.status === 200 && success) return data.keys;
  throw new UpstreamError(
    "invalid",
    `${new URL(url).host} gave no keys: is accessTeamDomain right?`,
  );
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}
