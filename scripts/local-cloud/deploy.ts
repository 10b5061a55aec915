import { randomUUID } from "node:crypto";
import { fail } from "./api-error.ts";
import { listBoundClasses } from "./bindings.ts";
import type { Cloud } from "./cloud.ts";
import { now } from "./identifiers.ts";
import { listClasses, migrateScript } from "./migrations.ts";
import type { Deployment, Script } from "./records.ts";

/** Lets versions serve. To be called inside a change; `cloud.reload()` afterwards. @throws ApiError */
export function deploy(
  cloud: Cloud,
  script: Script,
  versions: Deployment["versions"],
  { source, annotations }: Pick<Deployment, "source" | "annotations">,
): Deployment {
  for (const { version_id } of versions) applyPending(cloud, script, version_id);
  return cloud.records.deployments.put({
    id: randomUUID(),
    script: script.tag,
    createdOn: now(),
    source,
    annotations,
    versions,
  });
}

/** A class that is gone from the code while it has objects cannot serve either. */
function applyPending(cloud: Cloud, script: Script, versionId: string): void {
  const version = cloud.records.versions.get(versionId);
  if (version === undefined) throw fail(404, 100146, `There is no version ${versionId}.`);
  const state = migrateScript(cloud, script, {
    migrations: version.hasPendingMigrations ? version.migrations : undefined,
    exported: listClasses(version.namedHandlers),
    bound: listBoundClasses(version.bindings, script.name),
  });
  if (!version.hasPendingMigrations) return;
  cloud.records.scripts.put({ ...script, ...state });
  cloud.records.versions.put({ ...version, hasPendingMigrations: false });
}
