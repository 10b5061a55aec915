import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import * as z from "zod";
import { projectRoot } from "../../infra/bundle.ts";
import { resourceType } from "../../infra/resource-types.ts";
import type { Json, WorkerBinding, WorkerSpec } from "../runtime/worker-spec.ts";
import type { DeclaredResource } from "./declared-resource.ts";

const binding = z.discriminatedUnion("type", [
  z.object({ type: z.literal("kv_namespace"), name: z.string(), namespaceId: z.string() }),
  z.object({
    type: z.literal("durable_object_namespace"),
    name: z.string(),
    className: z.string(),
  }),
  z.object({
    type: z.literal("ratelimit"),
    name: z.string(),
    namespaceId: z.string(),
    simple: z.object({ limit: z.number(), period: z.union([z.literal(10), z.literal(60)]) }),
  }),
  z.object({ type: z.enum(["secret_text", "plain_text"]), name: z.string(), text: z.string() }),
  z.object({ type: z.literal("json"), name: z.string(), json: z.string() }),
  z.object({ type: z.literal("d1"), name: z.string(), id: z.string() }),
  z.object({ type: z.literal("r2_bucket"), name: z.string(), bucketName: z.string() }),
  z.object({ type: z.literal("inherit"), name: z.string() }),
  z.object({ type: z.literal("ai"), name: z.string() }),
  z.object({ type: z.literal("service"), name: z.string(), service: z.string() }),
]);

const script = z.object({
  scriptName: z.string(),
  mainModule: z.string(),
  contentFile: z.string(),
  compatibilityDate: z.string(),
  compatibilityFlags: z.array(z.string()),
  bindings: z.array(binding),
});

const cronTrigger = z.object({ schedules: z.array(z.object({ cron: z.string() })) });

/**
 * The Worker that a program declared. An unknown kind of binding is an error here, not a Worker
 * that lacks it.
 */
export async function toWorkerSpec(resources: readonly DeclaredResource[]): Promise<WorkerSpec> {
  const [declared] = pick(resources, resourceType.worker, script);
  if (declared === undefined) throw new Error("The program declares no WorkersScript.");
  const triggers = pick(resources, resourceType.cron, cronTrigger);
  return {
    name: declared.scriptName,
    modules: [
      {
        name: declared.mainModule,
        type: "ESModule",
        contents: await readFile(resolve(projectRoot, declared.contentFile), "utf8"),
      },
    ],
    compatibilityDate: declared.compatibilityDate,
    compatibilityFlags: declared.compatibilityFlags,
    bindings: declared.bindings.flatMap((entry) => toWorkerBindings(declared.scriptName, entry)),
    crons: triggers.flatMap(({ schedules }) => schedules.map(({ cron }) => cron)),
  };
}

function pick<Schema extends z.ZodType>(
  resources: readonly DeclaredResource[],
  type: string,
  schema: Schema,
): z.infer<Schema>[] {
  return resources
    .filter((resource) => resource.type === type)
    .map(({ inputs }) => schema.parse(inputs));
}

function toWorkerBindings(scriptName: string, entry: z.infer<typeof binding>): WorkerBinding[] {
  switch (entry.type) {
    case "durable_object_namespace":
      return [{ ...entry, uniqueKey: `${scriptName}-${entry.className}` }];
    case "json":
      return [{ ...entry, json: JSON.parse(entry.json) as Json }];
    // What a deployed Worker keeps is not known here.
    case "inherit":
      return [];
    default:
      return [entry];
  }
}
