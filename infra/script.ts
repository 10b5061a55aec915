import { createHash } from "node:crypto";
import { relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account.ts";
import { type Bundle, mainModule } from "./bundle.ts";
import * as cloudflare from "./cloudflare.ts";
import type { Migrations } from "./durable-objects.ts";
import { warnOfFreePlan } from "./free-plan.ts";
import { createHook } from "./hook.ts";
import { requiredFlags } from "./required-flags.ts";
import type { Settings } from "./settings.ts";
import { UserError } from "./user-error.ts";

type ScriptBinding = cloudflare.types.input.WorkersScriptBinding;

/** Says in the dashboard where a version of the Worker comes from. */
export interface Annotations {
  /** At most 1000 bytes. */
  readonly workersMessage: string;
  /** At most 100 bytes. */
  readonly workersTag: string;
}

export interface ScriptParts {
  readonly accountId: string;
  readonly account: Account;
  readonly scriptName: string;
  readonly namespaceId: pulumi.Output<string>;
  readonly settings: Settings;
  readonly bundle: Bundle;
  readonly bindings: readonly ScriptBinding[];
  /** Durable Object steps still to be sent, if any. */
  readonly migrations: Migrations | undefined;
  /** A Durable Object tag or a version of the deployed Worker that the stack does not know of. */
  readonly recover: string | undefined;
  readonly annotations: Annotations;
  /** Resources that must exist before anything is uploaded. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/**
 * Keeps an upload from replacing a Worker that somebody else deployed: Cloudflare would do so without
 * a word. One that is bound to this stack's own namespace is what an upload left whose answer was lost.
 * @param ownNamespace undefined if the namespace is not made yet.
 * @throws UserError that says how to continue.
 */
export async function refuseForeignWorker(
  scriptName: string,
  ownNamespace: string | undefined,
  account: Account,
): Promise<void> {
  const bound = await account.findBoundNamespaces(scriptName);
  if (bound === undefined) return;
  if (ownNamespace !== undefined && bound.includes(ownNamespace)) return;
  throw new UserError(
    `scriptName: the account has a Worker "${scriptName}" that this stack did not make, and deploying would replace it. Choose another name with \`npx pulumi config set -s <stack> scriptName <name>\`, or delete that Worker first. If it is this stack's and the state was lost, name its KV namespace in kvNamespaceId.`,
  );
}

/** The Worker: code, bindings, Durable Object steps. */
export function createScript(
  parent: pulumi.Resource,
  parts: ScriptParts,
): cloudflare.WorkersScript {
  const { accountId, account, scriptName, settings, bundle, dependsOn } = parts;
  let ownNamespace: string | undefined;
  // In a preview of the first `up` it stays unknown; what is called here runs after it otherwise.
  parts.namespaceId.apply((id) => {
    ownNamespace = id;
  });
  // Called by the engine only if it has no script in state and is about to create one.
  const beforeCreate = createHook("worker-name-is-free", async () => {
    await refuseForeignWorker(scriptName, ownNamespace, account);
    await warnOfFreePlan("workers", account);
  });
  const upload = {
    accountId,
    scriptName,
    mainModule,
    // A path in state must be the same on every machine. The code itself never enters state.
    contentFile: relative(process.cwd(), bundle.file),
    contentSha256: bundle.sha256,
    compatibilityDate: settings.compatibilityDate,
    compatibilityFlags: [...requiredFlags],
    bindings: [...parts.bindings],
    // The Worker's own lines are the log. Cloudflare's line for each invocation has the whole URL, in
    // which a code or a state travels, and `WorkersScript` has no way to cut its query off.
    observability: {
      enabled: true,
      headSamplingRate: settings.observabilitySampling,
      logs: {
        enabled: true,
        headSamplingRate: settings.observabilitySampling,
        invocationLogs: false,
      },
    },
  };
  const trigger = fingerprint(upload, parts.recover);
  const keep = <Value>(name: string, value: Value) =>
    keepUntil<Value>(name, value, trigger, { parent, dependsOn: [...dependsOn] });
  const migrations = keep("migrations", parts.migrations ?? null);
  return new cloudflare.WorkersScript(
    "worker",
    {
      ...upload,
      migrations: migrations.apply((kept) => kept ?? undefined),
      annotations: keep("annotations", parts.annotations),
    },
    { parent, dependsOn: [...dependsOn], hooks: { beforeCreate: [beforeCreate] } },
  );
}

/**
 * What belongs to one upload and not to the next. The provider sends `migrations` with every
 * upload, and Cloudflare refuses a step that it has applied (error 10079); a commit that changes
 * nothing of the Worker is no reason to upload it. So a Stash keeps what the last upload sent, and an
 * unchanged run shows no change; anything else that changes in the script replaces the Stash by the
 * value of then.
 */
function keepUntil<Value>(
  name: string,
  value: Value,
  trigger: pulumi.Output<string>,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<Value> {
  const stash = new pulumi.Stash(
    name,
    { input: value },
    { ...options, ignoreChanges: ["input"], replacementTrigger: trigger },
  );
  return stash.output.apply((kept: Value) => kept);
}

/**
 * Changes with anything in the upload. `recover` joins it when the account is ahead of the stack: the
 * answer of an upload was lost, or somebody deleted or changed the Worker by hand. The upload that
 * repairs this must not repeat a step that is applied. The digest is in the state in plain text: nothing can
 * be guessed from it, since it is made from keys of 256 bits too.
 */
function fingerprint(upload: pulumi.Inputs, recover: string | undefined): pulumi.Output<string> {
  const digest = pulumi
    .output(upload)
    .apply((values) => createHash("sha256").update(JSON.stringify(values)).digest("hex"));
  return pulumi.unsecret(
    digest.apply((hex) => (recover === undefined ? hex : `${hex} recover:${recover}`)),
  );
}
