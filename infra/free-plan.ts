import type { Account } from "./account.ts";

/**
 * What Cloudflare's free plan allows an account, as `docs/costs.md` says it (a test holds the two
 * together). https://developers.cloudflare.com/workers/platform/limits/
 */
export const freePlan = {
  workers: 100,
  kvNamespaces: 1000,
  cronTriggers: 5,
  kvWritesADay: 1000,
  requestsADay: 100_000,
} as const;

/** Says, before something is made, that the account has as many of it as the free plan allows. */
export async function warnOfFreePlan(
  kind: "workers" | "kvNamespaces",
  account: Account,
): Promise<void> {
  const count = kind === "workers" ? await account.countWorkers() : await account.countNamespaces();
  if (count < freePlan[kind]) return;
  const name = kind === "workers" ? "Workers" : "KV namespaces";
  // Loaded here: who only wants the figures need not wait for the SDK.
  const { log } = await import("@pulumi/pulumi");
  await log.warn(
    `This account has ${count} ${name}, and the free plan allows ${freePlan[kind]}: on it, Cloudflare refuses one more.`,
  );
}
