import type { WorkerEnv } from "../../env.ts";
import { logFailure } from "../../log.ts";
import { findGate } from "./gates.ts";
import { layerKv } from "./kv-layer.ts";
import { reportUse } from "./report-use.ts";
import { findGrantOfKey } from "./well-formed-token.ts";

/**
 * The environment in which a token is checked: one KV read, and the gate of its grant for a token that
 * KV does not know. With `strictRevocation` the gate is asked each time, at the same time.
 */
export function toTokenEnv(env: WorkerEnv): WorkerEnv {
  const { strictRevocation } = env.SETTINGS.tokens;
  const OAUTH_KV = layerKv(env.OAUTH_KV, {
    async get(key, below) {
      const grant = findGrantOfKey(key);
      // No grant of this server: KV need not be asked, either.
      if (grant === undefined) return null;
      const look = () => findGate(env, grant).look(key);
      if (strictRevocation) {
        const [stored, { isEnded, record }] = await Promise.all([below(), look()]);
        return isEnded ? null : (stored ?? record);
      }
      const stored = await below();
      if (stored === null) return (await look()).record;
      reportUse(env, key, stored);
      return stored;
    },
  });
  return { ...env, OAUTH_KV };
}

/**
 * The environment in which a grant is made: its record also goes to its gate, as the client may redeem
 * the code where KV does not show it yet. A gate that cannot be reached is no reason to refuse a login.
 */
export function toLoginEnv(env: WorkerEnv): WorkerEnv {
  const OAUTH_KV = layerKv(env.OAUTH_KV, {
    async put(key, value, _options, below) {
      const grant = key.startsWith("grant:") ? findGrantOfKey(key) : undefined;
      if (grant === undefined) return below(value);
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
