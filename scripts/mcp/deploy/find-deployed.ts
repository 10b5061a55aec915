import { waitSeconds } from "../stack/settling.ts";
import type { Prepared } from "./prepare.ts";
import { findServingVersion } from "./served-version.ts";

/** Looks, a second apart, before an answer is taken as it is. */
const mostLooks = 10;

/**
 * The version that serves after this run's deployment: what a way back may take away again.
 * @param replaced the version that served before. A list of Cloudflare's may be that of a moment ago, and
 * name it still.
 * @throws Refusal where Cloudflare cannot be asked.
 */
export async function findDeployed(
  { worker, uploads }: Pick<Prepared, "worker" | "uploads">,
  replaced: string | undefined,
): Promise<string | undefined> {
  let found = await findServingVersion(worker);
  for (let look = 1; uploads && look < mostLooks && found === replaced; look += 1) {
    await waitSeconds(1);
    found = await findServingVersion(worker);
  }
  return found;
}
