import { fail } from "../api-error.ts";
import type { Cloud } from "../cloud.ts";
import type { Binding, JsonObject, Script, Version } from "../records.ts";
import type { Call } from "../route.ts";
import { hideSecret } from "../upload.ts";

/** The Worker of the path. @throws ApiError 10007 */
export function findScript({ cloud, account, params }: Call): Script {
  const found = cloud.findScript(account.id, params.script ?? "");
  if (found === undefined || cloud.newestVersion(found) === undefined) {
    throw fail(404, 10007, "This Worker does not exist on your account.");
  }
  return found;
}

/** A Worker with the version that people mean by it: the one that serves, else the newest. */
export function findVersionOf(cloud: Cloud, script: Script): Version {
  const version = cloud.servingVersion(script) ?? cloud.newestVersion(script);
  if (version !== undefined) return version;
  throw fail(404, 10007, "This Worker does not exist on your account.");
}

/** Which client called, as the API notes it. */
export function readSource({ request }: Call): string {
  const agent = request.headers.get("user-agent") ?? "";
  if (agent.includes("terraform-provider-cloudflare")) return "terraform";
  return agent.startsWith("wrangler") ? "wrangler" : "api";
}

/** A Worker as its upload and the list of Workers give it. */
export function showScript(script: Script, version: Version) {
  return {
    id: script.name,
    tag: script.tag,
    tags: script.tags,
    etag: version.etag,
    handlers: version.handlers,
    named_handlers: version.namedHandlers,
    modified_on: script.modifiedOn,
    created_on: script.createdOn,
    usage_model: version.usageModel,
    ...(script.migrationTag !== undefined && { migration_tag: script.migrationTag }),
    has_assets: false,
    has_modules: true,
    last_deployed_from: script.lastDeployedFrom,
    startup_time_ms: version.startupTimeMs,
    compatibility_date: version.compatibilityDate,
    compatibility_flags: version.compatibilityFlags,
    placement: version.placement,
    tail_consumers: script.tailConsumers,
    logpush: script.logpush,
    ...(script.observability !== undefined && { observability: script.observability }),
  };
}

/** Settings of a Worker. `placement` is there even when empty: the Pulumi provider needs it. */
export function showSettings(script: Script, version: Version) {
  return {
    bindings: showBindings(script, version),
    compatibility_date: version.compatibilityDate,
    compatibility_flags: version.compatibilityFlags,
    ...(version.limits !== undefined && { limits: version.limits }),
    ...showScriptSettings(script),
    placement: version.placement,
    usage_model: version.usageModel,
  };
}

/** Settings that belong to the Worker and not to a version. */
export function showScriptSettings(script: Script) {
  return {
    logpush: script.logpush,
    ...(script.observability !== undefined && { observability: script.observability }),
    tail_consumers: script.tailConsumers,
    tags: script.tags,
  };
}

/** Bindings by name, without secrets, Durable Objects with the id of their namespace. */
export function showBindings({ classes }: Script, { bindings }: Version): JsonObject[] {
  return bindings.map((binding) => {
    const id = findNamespaceId(binding, classes);
    return { ...hideSecret(binding), ...(id !== undefined && { namespace_id: id }) };
  });
}

function findNamespaceId(
  { type, class_name, script_name }: Binding,
  classes: Script["classes"],
): string | undefined {
  if (type !== "durable_object_namespace" || script_name) return undefined;
  return classes[String(class_name)]?.namespaceId;
}

/** A version as the lists and reads of versions give it. */
export function showVersion(script: Script, version: Version) {
  return {
    id: version.id,
    number: version.number,
    annotations: version.annotations,
    metadata: {
      created_on: version.createdOn,
      modified_on: version.createdOn,
      source: version.source,
      author_id: "",
      author_email: "local@example.com",
      hasPreview: false,
    },
    resources: {
      script: {
        etag: version.etag,
        handlers: version.handlers,
        named_handlers: version.namedHandlers,
        last_deployed_from: version.source,
      },
      script_runtime: {
        compatibility_date: version.compatibilityDate,
        compatibility_flags: version.compatibilityFlags,
        usage_model: version.usageModel,
        ...(version.limits !== undefined && { limits: version.limits }),
        ...(script.migrationTag !== undefined && { migration_tag: script.migrationTag }),
      },
      bindings: showBindings(script, version),
    },
    startup_time_ms: version.startupTimeMs,
    ...(version.migrations !== undefined && { migrations: version.migrations }),
  };
}
