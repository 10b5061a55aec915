import * as pulumi from "@pulumi/pulumi";
import type { BindingNeed } from "../worker/kit/needs.ts";
import { toBindingName } from "../worker/kit/needs.ts";
import type { Account } from "./account.ts";
import * as cloudflare from "./cloudflare.ts";
import { declareMigrations } from "./d1/declare.ts";
import type { DatabaseSteps } from "./d1/steps.ts";
import { type Settings, toListCommands } from "./settings.ts";
import type { Needs } from "./tool-needs.ts";
import { UserError } from "./user-error.ts";

type ScriptBinding = cloudflare.types.input.WorkersScriptBinding;

/** Longest name of an R2 bucket. */
const bucketNameLimit = 63;

/** Databases and buckets that the stack makes for tools, as `NOTES_DB d1`. */
export function listToolData({ bindings }: Needs): string[] {
  return [...bindings]
    .filter(([, { value }]) => value.kind === "d1" || value.kind === "r2")
    .map(([name, { value }]) => `${name} ${value.kind}`)
    .sort();
}

/** Why a database or bucket may not go with the tool that needed it; undefined if none does. */
export function refuseDataLoss(
  last: readonly string[],
  next: readonly string[],
  { allowToolDataDeletion }: Pick<Settings, "allowToolDataDeletion">,
): string | undefined {
  const lost = last
    .filter((entry) => !next.includes(entry))
    .map((entry) => entry.split(" ")[0] ?? entry)
    .filter((name) => !allowToolDataDeletion.includes(name));
  if (lost.length === 0) return undefined;
  return `allowToolDataDeletion: no tool needs ${lost.join(", ")} any more, and this deployment would delete what is stored there for good. Restore the need, or, if that is meant, ${toListCommands("allowToolDataDeletion", allowToolDataDeletion, lost)}.`;
}

/** @throws UserError for a Worker's name that makes a bucket's name too long. */
export function refuseLongNames(scriptName: string, { bindings }: Needs): void {
  for (const [name, { value }] of bindings) {
    const ownName = toOwnName(scriptName, name);
    if (value.kind !== "r2" || ownName.length <= bucketNameLimit) continue;
    throw new UserError(
      `scriptName: the R2 bucket of the binding ${name} would be called "${ownName}", and a bucket's name has at most ${bucketNameLimit} characters. Choose a shorter scriptName.`,
    );
  }
}

export interface ToolResourceParts {
  readonly accountId: string;
  readonly scriptName: string;
  readonly needs: Needs;
  /** Names of the Workers behind services, by binding. */
  readonly services: Readonly<Record<string, string>>;
  readonly account: Account;
  /** Steps that the databases are to have, by binding. */
  readonly databaseMigrations: DatabaseSteps;
  /** Whether the tools' data may be deleted neither by `up` nor by `destroy`. */
  readonly protect: boolean;
  /** Resources that must exist before any of it is touched. */
  readonly dependsOn: readonly pulumi.Resource[];
}

export interface ToolBindings {
  readonly bindings: readonly ScriptBinding[];
  /** Resources that must exist before code that uses them is uploaded. */
  readonly ready: readonly pulumi.Resource[];
}

/** Declares what tools need, and the bindings that hand it to the Worker. */
export function createToolBindings(
  parent: pulumi.Resource,
  parts: ToolResourceParts,
): ToolBindings {
  const config = new pulumi.Config();
  const secrets = [...parts.needs.secrets.keys()].map((name) => ({
    name: toBindingName(name),
    type: "secret_text",
    text: config.requireSecret(name),
  }));
  const ready: pulumi.Resource[] = [];
  const bindings = [...parts.needs.bindings].map(([name, { value }]) => ({
    name,
    ...createBinding(parent, name, value, parts, ready),
  }));
  return { bindings: [...secrets, ...bindings], ready };
}

function createBinding(
  parent: pulumi.Resource,
  name: string,
  { kind }: BindingNeed,
  {
    accountId,
    account,
    scriptName,
    services,
    databaseMigrations,
    protect,
    dependsOn,
  }: ToolResourceParts,
  ready: pulumi.Resource[],
): Omit<ScriptBinding, "name"> {
  const words = toWords(name);
  const ownName = toOwnName(scriptName, name);
  const options = { parent, protect, retainOnDelete: protect, dependsOn: [...dependsOn] };
  switch (kind) {
    case "d1": {
      const database = new cloudflare.D1Database(
        `d1-${words}`,
        { accountId, name: ownName },
        options,
      );
      const steps = databaseMigrations.get(name);
      if (steps !== undefined) {
        const databaseId = database.id;
        const declared = { binding: name, name: `migrations-${words}`, databaseId, steps, account };
        ready.push(declareMigrations(declared, { parent, dependsOn: [...dependsOn] }));
      }
      return { type: "d1", id: database.id };
    }
    case "r2": {
      const bucket = new cloudflare.R2Bucket(`r2-${words}`, { accountId, name: ownName }, options);
      return { type: "r2_bucket", bucketName: bucket.name };
    }
    case "ai":
      return { type: "ai" };
    case "service":
      return { type: "service", service: required(services, name) };
  }
}

/** `NOTES_DB` is `notes-db`, as names of resources are written. */
function toWords(bindingName: string): string {
  return bindingName.toLowerCase().replaceAll("_", "-");
}

function toOwnName(scriptName: string, bindingName: string): string {
  return `${scriptName}-${toWords(bindingName)}`;
}

/** `read-settings.ts` has refused a stack that does not name the Worker. */
function required(services: Readonly<Record<string, string>>, name: string): string {
  const service = services[name];
  if (service === undefined) throw new Error(`no Worker is named for the binding ${name}`);
  return service;
}
