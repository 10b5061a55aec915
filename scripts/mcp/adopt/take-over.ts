import * as pulumi from "@pulumi/pulumi";
import { readApi } from "../../../infra/api.ts";
import * as cloudflare from "../../../infra/cloudflare.ts";
import { componentType } from "../../../infra/resource-types.ts";
import type { Progress } from "../../terminal/progress.ts";
import { showEngine } from "../stack/engine-events.ts";
import { readSettingsFile } from "../stack/settings-file.ts";
import { ProjectStack } from "../stack/stack.ts";
import {
  addSettings,
  listSettings,
  type PlannedSettings,
  writeSettingsFile,
} from "./adopted-settings.ts";
import {
  adoptionTag,
  createAdoptionMark,
  formatAdoptionMark,
  parseAdoptionMark,
} from "./adoption-mark.ts";
import type { ImportItem, ImportKind } from "./list-imports.ts";
import type { AdoptingStack } from "./open-stack.ts";
import type { AdoptionPlan } from "./plan-adoption.ts";

/**
 * Makes the stack, writes its settings and takes what is there into its state. The account is only
 * read. After an interruption, the next call continues where it ended.
 * @returns what to do next, in words. @throws UserError with what the engine reported.
 */
export async function takeOver(
  { name, stack: opened }: Pick<AdoptingStack, "name" | "stack">,
  { settings, imports, live }: AdoptionPlan,
  progress: Progress,
): Promise<string> {
  progress.show(`making the stack ${name}`);
  const stack = opened ?? (await ProjectStack.create(name));
  // Read again: making the stack writes its salt into the file.
  const before = await readSettingsFile(name);
  await rememberAdoption(stack, settings, before);
  const after = addSettings(name, before, stack.project, settings);
  if (after !== before) await writeSettingsFile(name, after);
  // Even if nothing is missing: what an interrupted run has left out may be the outputs.
  await stack.up({
    ...showEngine(progress),
    program: createImportProgram(imports, live.migrationTag),
  });
  const count = `${imports.length} resource${imports.length === 1 ? "" : "s"}`;
  return [
    `The stack ${name} has the Worker "${live.name}" now (${count} in its state). Nothing in the account was changed.`,
    `To give it back before that: \`npm run mcp -- adopt --worker ${live.name} --stack ${name} --undo\`.`,
    `Next: \`npx pulumi preview -s ${name}\` shows what was announced above; \`npx pulumi up -s ${name}\` does it.`,
  ].join("\n");
}

/** Before the settings are written: an interrupted run can be undone, too. */
async function rememberAdoption(
  stack: ProjectStack,
  planned: PlannedSettings,
  file: string,
): Promise<void> {
  const earlier = parseAdoptionMark((await stack.tags())[adoptionTag]);
  const names = listSettings(stack.name, file, stack.project);
  const put = (settings: PlannedSettings) => addSettings(stack.name, file, stack.project, settings);
  const changed = [...names].filter(
    (name) => name in planned && put({ [name]: planned[name] }) !== put({}),
  );
  const mark = formatAdoptionMark(
    createAdoptionMark(earlier, stack.isNew, planned, names, changed),
  );
  await stack.setTags({ [adoptionTag]: mark });
}

type Constructor = new (name: string, args: never, opts: pulumi.CustomResourceOptions) => unknown;

const classes: Readonly<Record<ImportKind, Constructor>> = {
  namespace: cloudflare.WorkersKvNamespace,
  worker: cloudflare.WorkersScript,
  subdomain: cloudflare.WorkersScriptSubdomain,
  domain: cloudflare.WorkersCustomDomain,
  route: cloudflare.WorkersRoute,
};

/** Whatever the provider reads of a resource: all of it goes into the state as it is. */
const properties: Readonly<Record<ImportKind, readonly string[]>> = {
  namespace: ["title", "jurisdiction"],
  worker: [
    "annotations",
    "assets",
    "bindings",
    "bodyPart",
    "cacheOptions",
    "compatibilityDate",
    "compatibilityFlags",
    "content",
    "contentFile",
    "contentSha256",
    "contentType",
    "exports",
    "files",
    "keepAssets",
    "keepBindings",
    "limits",
    "logpush",
    "mainModule",
    "migrations",
    "observability",
    "packageDependencies",
    "placement",
    "tailConsumers",
    "usageModel",
  ],
  subdomain: ["enabled", "previewsEnabled"],
  domain: ["environment", "hostname", "service", "zoneId", "zoneName"],
  route: ["pattern", "script"],
};

/**
 * A program that takes resources into a stack's state and nothing else: the provider reads each, and no
 * call changes anything. Names, types and parents are those of the stack's own program, so that its next
 * run finds them. What is in the state already stays; an interrupted run continues where it ended.
 * @param migrationTag Durable Object tag of the Worker, for the next run to know where it starts.
 */
function createImportProgram(
  items: readonly ImportItem[],
  migrationTag: string | undefined,
): () => Promise<Record<string, unknown>> {
  return async () => {
    const { baseUrl, token } = readApi();
    const provider = new cloudflare.Provider("cloudflare", {
      ...(token !== undefined && { apiToken: token }),
      ...(baseUrl !== undefined && { baseUrl }),
    });
    const parent = new pulumi.ComponentResource(
      componentType,
      "server",
      {},
      { providers: [provider] },
    );
    for (const { kind, name, importId, inputs, protect, retainOnDelete } of items) {
      new classes[kind](name, inputs as never, {
        parent,
        import: importId,
        ignoreChanges: [...properties[kind]],
        protect,
        retainOnDelete,
      });
    }
    return migrationTag === undefined ? {} : { migrationTag };
  };
}
