import type { StackConfig } from "./stack-config.ts";

/** Settings that lead people and data to the deployed stack. */
const elsewhere = ["customDomain", "zone", "routes", "kvNamespaceId"];

/** Audience that no token of Access is made out to. */
const noAudience = "0".repeat(64);

/**
 * The stack's configuration for this machine: whatever it is deployed to, here it is served at this
 * very address and no other. Access runs at Cloudflare only, so nobody is signed in with it here.
 */
export function serveLocally(
  { project, values }: Pick<StackConfig, "project" | "values">,
  origin: string,
): Readonly<Record<string, string>> {
  const toKey = (name: string) => `${project}:${name}`;
  const dropped = elsewhere.map(toKey);
  const kept = Object.fromEntries(Object.entries(values).filter(([key]) => !dropped.includes(key)));
  const isAccess = values[toKey("identityMethod")] === "access";
  const isTagGiven = (values[toKey("accessAudience")] ?? "") !== "";
  return {
    ...kept,
    ...(isAccess && !isTagGiven && { [toKey("accessAudience")]: noAudience }),
    [toKey("publicUrl")]: origin,
  };
}
