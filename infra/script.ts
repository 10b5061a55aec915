import { createHash } from "node:crypto";
import { relative } from "node:path";
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { type Bundle, mainModule } from "./bundle.ts";
import type { Migrations } from "./durable-objects.ts";
import { requiredFlags } from "./required-flags.ts";
import type { Settings } from "./settings.ts";

type ScriptBinding = cloudflare.types.input.WorkersScriptBinding;

/** What says, in the dashboard, where a version of the Worker comes from. */
export interface Annotations {
  /** At most 1000 bytes. */
  readonly workersMessage: string;
  /** At most 100 bytes. */
  readonly workersTag: string;
}

/** What an upload is made of. */
export interface ScriptParts {
  readonly accountId: string;
  readonly scriptName: string;
  readonly settings: Settings;
  readonly bundle: Bundle;
  readonly bindings: readonly ScriptBinding[];
  /** Durable Object steps still to be sent, if any. */
  readonly migrations: Migrations | undefined;
  /** Durable Object tag of the deployed Worker where the stack does not know of it. */
  readonly recover: string | undefined;
  readonly annotations: Annotations;
  /** What must stand before anything is uploaded. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** The Worker: code, bindings, Durable Object steps. */
export function createScript(
  parent: pulumi.Resource,
  parts: ScriptParts,
): cloudflare.WorkersScript {
  const { accountId, scriptName, settings, bundle, dependsOn } = parts;
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
    observability: { enabled: true, headSamplingRate: settings.observabilitySampling },
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
    { parent, dependsOn: [...dependsOn] },
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
 * Changes with anything in the upload. `recover` joins it when the account is ahead of the stack:
 * the answer of an upload was lost, or the Worker was deleted by hand. In clear in state: nothing can
 * be guessed from it, since keys of 256 bits are in the digest.
 */
function fingerprint(upload: pulumi.Inputs, recover: string | undefined): pulumi.Output<string> {
  const digest = pulumi
    .output(upload)
    .apply((values) => createHash("sha256").update(JSON.stringify(values)).digest("hex"));
  return pulumi.unsecret(
    digest.apply((hex) => (recover === undefined ? hex : `${hex} recover:${recover}`)),
  );
}
