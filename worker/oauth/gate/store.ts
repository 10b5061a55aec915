import { OAuthError } from "@cloudflare/workers-oauth-provider";
import type { WorkerEnv } from "../../env.ts";
import { logFailure } from "../../log.ts";
import { limitPeriod } from "../limits/limits.ts";
import { mayWake } from "../limits/wake.ts";
import { findGate } from "./gates.ts";
import { noteMade } from "./known-grants.ts";
import { layerKv } from "./kv-layer.ts";
import { kvCopyTime } from "./recent-records.ts";
import { reportUse } from "./report-use.ts";
import { findRecords } from "./token-records.ts";
import { findGrantOfKey } from "./well-formed-token.ts";

/**
 * The environment in which the token of a request is checked: the record that this isolate keeps, or one KV
 * read, and the gate of its grant for a token that KV does not know, as often as an address may ask. With
 * `strictRevocation` the gate is then asked each time: nobody has invented a token that KV knows.
 * @throws OAuthError from its store, if the address has asked for too many that KV does not know.
 */
export function toTokenEnv(env: WorkerEnv, request: Request): WorkerEnv {
  const { strictRevocation } = env.SETTINGS.tokens;
  const records = findRecords(env);
  // A request counts once, however often its token is looked up.
  let waking: Promise<boolean> | undefined;
  const OAUTH_KV = layerKv(env.OAUTH_KV, {
    async get(key, below) {
      const grant = findGrantOfKey(key);
      // No grant of this server: KV need not be asked, either.
      if (grant === undefined) return null;
      const stored = await records.find(key, () => below(kvCopyTime));
      if (stored !== null && !strictRevocation) {
        reportUse(env, key, stored);
        return stored;
      }
      if (stored === null) {
        waking ??= mayWake(env, request);
        if (!(await waking)) throw tooManyUnknown();
      }
      const { isEnded, record } = await findGate(env, grant).look(key, stored !== null);
      return isEnded ? null : (stored ?? record);
    },
  });
  return { ...env, OAUTH_KV };
}

/** This does not say that the token is invalid: it may be a fresh one, and its client should keep it. */
function tooManyUnknown(): OAuthError {
  return new OAuthError("temporarily_unavailable", {
    description: "Too many unknown tokens from this address. Try again in a minute.",
    statusCode: 429,
    headers: { "retry-after": String(limitPeriod) },
  });
}

/**
 * The environment in which a grant is made: its record also goes to its gate, because the client may redeem
 * the code if KV does not show the grant yet. A gate that cannot be reached is no reason to refuse a login.
 */
export function toLoginEnv(env: WorkerEnv): WorkerEnv {
  const OAUTH_KV = layerKv(env.OAUTH_KV, {
    async put(key, value, _options, below) {
      const grant = key.startsWith("grant:") ? findGrantOfKey(key) : undefined;
      if (grant === undefined) return below(value);
      noteMade(env, grant);
      await Promise.all([
        below(value),
        findGate(env, grant)
          .remember(key, value)
          .catch((error: unknown) => logFailure("token-gate-failure", error)),
      ]);
    },
  });
  return { ...env, OAUTH_KV };
}
