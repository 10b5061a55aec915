import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import type { Account } from "./account.ts";
import { createHook } from "./hook.ts";
import { refuseGeneration } from "./keys.ts";
import { refuseOriginChange } from "./origin.ts";
import type { Settings } from "./settings.ts";
import { refuseDataLoss } from "./tool-resources.ts";
import { UserError } from "./user-error.ts";

/**
 * What makes a stack the one that people know: a change of any of it signs them out, or deletes what
 * they stored.
 */
export interface StackEssentials {
  readonly accountId: string;
  readonly scriptName: string;
  readonly origin: string;
  readonly keyGeneration: number;
  /** Databases and buckets of tools, as `NOTES_DB d1`. */
  readonly toolData: readonly string[];
}

/** As it comes back from the state, which an older version of this program may have written. */
const remembered = z
  .object({
    accountId: z.string(),
    scriptName: z.string(),
    origin: z.string(),
    keyGeneration: z.number(),
    toolData: z.array(z.string()),
  })
  .partial();

export interface GuardParts {
  readonly essentials: StackEssentials;
  readonly settings: Settings;
  readonly account: Account;
  /** Whether an `up` of this stack has ended well. */
  readonly isDeployed: boolean;
}

/**
 * Remembers them in the stack's state, and decides on a change of any. Whatever depends on the
 * result is touched only after that, in `pulumi preview` too. The engine calls the rule with what it
 * has in state, so a half-done `up` is remembered as well.
 */
export function guardStack(parent: pulumi.Resource, parts: GuardParts): pulumi.Resource {
  const { essentials } = parts;
  const mayChange = createHook("identity-may-change", async ({ oldInputs }) => {
    const last = remembered.parse(oldInputs?.input);
    const problems = findChanges(last, essentials, parts.settings);
    if (problems.length === 0 || !(await isInUse(last, parts))) return;
    throw new UserError(problems.join("\n"));
  });
  return new pulumi.Stash(
    "identity",
    { input: { ...essentials, toolData: [...essentials.toolData] } },
    { parent, hooks: { beforeUpdate: [mayChange] } },
  );
}

/** Every change that is refused, each with the way out. */
function findChanges(
  last: z.infer<typeof remembered>,
  next: StackEssentials,
  settings: Settings,
): string[] {
  const { accountId, scriptName, origin, keyGeneration, toolData } = last;
  return [
    accountId !== undefined && refuseMove(accountId, next.accountId),
    scriptName !== undefined && refuseRename(scriptName, next.scriptName),
    origin !== undefined && refuseOriginChange(origin, next.origin, settings),
    keyGeneration !== undefined && refuseGeneration(keyGeneration, next.keyGeneration),
    toolData !== undefined && refuseDataLoss(toolData, next.toolData, settings),
  ].filter((problem) => typeof problem === "string");
}

/**
 * Before the first `up` has ended well, everything may still change, as a refused one may ask for;
 * unless its Worker is there all the same, because the run failed at something after it.
 */
async function isInUse(
  { scriptName }: z.infer<typeof remembered>,
  { isDeployed, account }: GuardParts,
): Promise<boolean> {
  if (isDeployed || scriptName === undefined) return isDeployed;
  const [bound, namespace] = await Promise.all([
    account.findBoundNamespaces(scriptName),
    account.findNamespace(toNamespaceTitle(scriptName)),
  ]);
  return namespace !== undefined && bound?.includes(namespace.id) === true;
}

/** Title of the namespace that a stack makes for itself. */
export function toNamespaceTitle(scriptName: string): string {
  return `${scriptName}-oauth`;
}

function refuseMove(last: string, next: string): string | undefined {
  if (last === next) return undefined;
  return `accountId: the stack was deployed to the account ${last}; in ${next} everything would be made again, without people's data, and deleted in the old one. Set accountId or CLOUDFLARE_ACCOUNT_ID back to ${last}; a server in another account is a new stack.`;
}

/** Cloudflare cannot rename a Worker, so it would be deleted and made again. */
function refuseRename(last: string, next: string): string | undefined {
  if (last === next) return undefined;
  return `scriptName: the Worker is called ${last} and would be replaced by a new one, ${next}; all Durable Object data of ${last}, and the buckets and databases of tools, would go with it. To keep it, \`npx pulumi config set -s <stack> scriptName ${last}\`. For a server under the new name, make a new stack; for this one, \`npx pulumi destroy -s <stack>\` it first.`;
}
