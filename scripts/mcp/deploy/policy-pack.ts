import { join } from "node:path";
import { projectRoot } from "../../../infra/bundle.ts";
import { UserError } from "../../errors.ts";

/** Folder of this project's policy pack. */
export const policyPack = join(projectRoot, "infra/policy");

/** What the CLI says where it lacks the plugin that runs packs of this language. */
const missingHost =
  /(analyzer plugin that runs policy plugins is missing|no (analyzer|language) plugin '[\w-]*nodejs' found)/;

/**
 * Why this machine's CLI runs no policy pack at all, in its words; undefined where that is not what it
 * says: a pack that is there and fails counts as one that forbids.
 */
export function findMissingHost(said: string): string | undefined {
  const line = said.split("\n").find((each) => missingHost.test(each));
  return line?.replace(/^error: /, "").trim();
}

/** @throws UserError where the CLI says that the pack itself does not start. */
export function refuseBrokenPack(said: string): void {
  if (!/policy pack ".*" failed to (start|load)/.test(said)) return;
  const [cause = said.split("\n")[0]] = /\b\w*Error: [^\n]*/.exec(said) ?? [];
  throw new UserError(
    `infra/policy: the policy pack does not start, so nobody can say whether its rules hold. Nothing was changed. Put it right; \`npx vitest run infra/policy\` tests it. It says: ${cause}`,
  );
}

/** Why a production stack of which no rule was checked is not deployed. */
export function explainUnchecked(stack: string, withoutPolicies: string): string {
  return `infra/policy: ${stack} is production, and this machine's Pulumi CLI cannot run policy packs, so nobody has checked the rules that hold for it. Nothing was changed. Install the whole CLI, with its language hosts (https://www.pulumi.com/docs/install/; npm's package \`pulumi\` fetches it, too), and run this again. The CLI says: ${withoutPolicies}`;
}
