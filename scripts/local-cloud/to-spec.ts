import type { Json, WorkerBinding, WorkerModule, WorkerSpec } from "../runtime/worker-spec.ts";
import type { Binding, ObjectClass, Script, Version } from "./records.ts";
import type { UploadedModule } from "./upload.ts";

export interface Surroundings {
  /** Another Worker of the same account. */
  readonly findScript: (name: string) => Script | undefined;
  /** The name in the runtime of a bucket of the same account. */
  readonly toBucketId: (name: string) => string;
}

export type Runnable = Pick<
  Version,
  "id" | "createdOn" | "annotations" | "bindings" | "compatibilityDate" | "compatibilityFlags"
>;

/**
 * A Worker for the runtime. Its name there is its tag, which two accounts never share. A binding of a
 * kind that does not run on this machine is left out.
 */
export function toWorkerSpec(
  script: Pick<Script, "tag" | "classes" | "schedules">,
  version: Runnable,
  modules: readonly WorkerModule[],
  surroundings: Surroundings,
): WorkerSpec {
  return {
    name: script.tag,
    modules,
    // What an upload without a date gets.
    compatibilityDate: version.compatibilityDate || "2021-11-02",
    compatibilityFlags: version.compatibilityFlags,
    bindings: version.bindings
      .map((binding) => toWorkerBinding(binding, version, script.classes, surroundings))
      .filter((binding) => binding !== undefined),
    crons: script.schedules.map(({ cron }) => cron),
  };
}

/** Modules as they were uploaded, for the runtime. */
export function toWorkerModules(modules: readonly UploadedModule[]): WorkerModule[] {
  return modules.map(({ name, type, contents }) => ({
    name,
    type,
    contents:
      type === "ESModule" || type === "Text" ? new TextDecoder().decode(contents) : contents,
  }));
}

function toWorkerBinding(
  binding: Binding,
  { id, createdOn, annotations }: Runnable,
  classes: Readonly<Record<string, ObjectClass>>,
  { findScript, toBucketId }: Surroundings,
): WorkerBinding | undefined {
  const { name } = binding;
  const text = (key: string) => String(binding[key] ?? "");
  switch (binding.type) {
    case "kv_namespace":
      return { type: "kv_namespace", name, namespaceId: text("namespace_id") };
    case "durable_object_namespace": {
      const className = text("class_name");
      const other = binding.script_name ? findScript(text("script_name")) : undefined;
      const found = (other?.classes ?? classes)[className];
      if (found === undefined) return undefined;
      return {
        type: "durable_object_namespace",
        name,
        className,
        uniqueKey: found.namespaceId,
        ...(other !== undefined && { scriptName: other.tag }),
      };
    }
    case "ratelimit": {
      const { limit, period } = binding.simple as { limit: number; period: 10 | 60 };
      return {
        type: "ratelimit",
        name,
        namespaceId: text("namespace_id"),
        simple: { limit, period },
      };
    }
    case "secret_text":
    case "plain_text":
      return { type: binding.type, name, text: text("text") };
    case "json":
      return { type: "json", name, json: binding.json as Json };
    case "d1":
      return { type: "d1", name, id: text("id") || text("database_id") };
    case "r2_bucket":
      return { type: "r2_bucket", name, bucketName: toBucketId(text("bucket_name")) };
    case "version_metadata": {
      const tag = annotations["workers/tag"] ?? "";
      return { type: "json", name, json: { id, tag, timestamp: createdOn } };
    }
    case "ai":
      return { type: "ai", name };
    case "service": {
      const service = findScript(text("service"))?.tag ?? text("service");
      const entrypoint = binding.entrypoint ? { entrypoint: text("entrypoint") } : {};
      return { type: "service", name, service, ...entrypoint };
    }
    default:
      return undefined;
  }
}
