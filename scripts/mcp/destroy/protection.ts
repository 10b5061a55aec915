import type { ConfigMap } from "@pulumi/pulumi/automation/index.js";
import { pickSettings, readSetting } from "../deploy/settings.ts";
import { resourceType } from "../stack/declared.ts";
import type { StateResource } from "../stack/state.ts";

/** What people have stored, and the key that their ids hang on: what cannot be made again. */
const keptTypes: ReadonlySet<string> = new Set([
  resourceType.namespace,
  resourceType.database,
  resourceType.bucket,
]);

/** Whether the program protects this resource in production. */
export function isKept({ type, urn }: Pick<StateResource, "type" | "urn">): boolean {
  if (keptTypes.has(type)) return true;
  return type === resourceType.stash && urn.endsWith("::subject-key");
}

/**
 * Whether a stack's data is protected: the state says so, or the settings do. Both, because the state
 * of an interrupted `--delete-data` says it no more.
 */
export function isProtected(
  project: string,
  values: ConfigMap,
  resources: readonly StateResource[],
): boolean {
  if (resources.some(({ protect }) => protect === true)) return true;
  const settings = pickSettings(project, values);
  const environment = readSetting(settings, "environment");
  return readSetting(settings, "kvProtection") ?? environment === "production";
}

/** The resource as it is to stand in the state: kept by `destroy`, or not. */
export function setProtection<Resource extends StateResource>(
  resource: Resource,
  isKeptNow: boolean,
): Resource {
  const { protect, retainOnDelete, ...rest } = resource;
  // What a person has protected besides, `--delete-data` means as well.
  if (!isKeptNow) return rest as Resource;
  if (!isKept(resource)) return resource;
  return { ...resource, protect: true, retainOnDelete: true };
}
