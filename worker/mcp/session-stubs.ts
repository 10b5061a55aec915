import type { DurableObjectNamespace } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../env.ts";
import type { Session } from "./session.ts";

/** A session object that nobody has used. Its id cannot be guessed. */
export function openSession(env: WorkerEnv) {
  const sessions = listSessions(env);
  const id = sessions.newUniqueId();
  return { id: id.toString(), stub: sessions.get(id) };
}

/** The session object with an id; undefined for a text that is not an id. */
export function findSession(env: WorkerEnv, text: string | null) {
  const sessions = listSessions(env);
  try {
    return sessions.get(sessions.idFromString(text ?? ""));
  } catch {
    // `idFromString` throws for anything that is not an id of this class.
    return undefined;
  }
}

/** RPC types need the class, and env.ts stays free of what only a Worker has. */
function listSessions(env: WorkerEnv): DurableObjectNamespace<Session> {
  return env.SESSIONS as unknown as DurableObjectNamespace<Session>;
}
