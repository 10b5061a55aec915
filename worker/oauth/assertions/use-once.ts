import { digest } from "../../digest.ts";
import type { WorkerEnv } from "../../env.ts";
import { findTransaction } from "../transactions/store.ts";
import { AssertionError, type Claims, clockTolerance } from "./verify.ts";

/**
 * Uses an assertion up (RFC 7523 section 3, `jti`): a second use is refused, wherever in the world it comes.
 * Ask only after everything else about it holds: each id has a Durable Object, which lasts as long as the
 * assertion would be taken.
 * @throws AssertionError if it was used before. Or what the object throws, if it cannot be asked.
 */
export async function useOnce(env: WorkerEnv, { iss = "", jti, exp }: Claims): Promise<void> {
  const name = `assertion:${await digest(JSON.stringify([iss, jti]))}`;
  const lifetime = Math.ceil(exp - Date.now() / 1000) + clockTolerance;
  if (await findTransaction(env, name).useOnce(Math.max(lifetime, clockTolerance))) return;
  throw new AssertionError("jti_used", "It was used before. Make a new one for each request.");
}
