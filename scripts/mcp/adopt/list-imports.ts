import { resourceType } from "../../../infra/resource-types.ts";
import type { DeclaredResource } from "../../dev/declared-resource.ts";
import type { Kind } from "../stack/declared.ts";
import type { FoundWorker } from "./found-worker.ts";
import type { SortedBindings } from "./sort-bindings.ts";

/**
 * Kinds of resources that can be there before their stack. A cron trigger is not among them: the provider
 * reads none of its schedules, so the engine refuses to import it ("Missing required property
 * 'schedules'"). The next `up` writes it, which replaces what is there, as an update would.
 */
const importKinds = [
  "namespace",
  "worker",
  "subdomain",
  "domain",
  "route",
] as const satisfies readonly Kind[];

export type ImportKind = (typeof importKinds)[number];

/** A resource that the program declares and the account has. */
export interface ImportItem {
  readonly kind: ImportKind;
  /** Its name in the program. */
  readonly name: string;
  /** As the provider wants it. */
  readonly importId: string;
  /** Its present properties, as far as the provider needs them. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
}

export interface ImportParts {
  readonly accountId: string;
  readonly declared: readonly DeclaredResource[];
  readonly live: FoundWorker;
  readonly store: SortedBindings["store"];
}

/** Everything that the program declares and that is there. */
export function listImports(parts: ImportParts): ImportItem[] {
  return parts.declared.flatMap((resource) => {
    const { name, options } = resource;
    const kind = findKind(resource.type);
    const found = kind === undefined ? undefined : find(kind, resource, parts);
    if (kind === undefined || found === undefined) return [];
    const { protect, retainOnDelete } = options;
    return [{ kind, name, ...found, protect, retainOnDelete }];
  });
}

function findKind(type: string): ImportKind | undefined {
  return importKinds.find((kind) => resourceType[kind] === type);
}

/** @returns undefined for what the stack is still to make. */
function find(
  kind: ImportKind,
  { name, inputs }: DeclaredResource,
  { accountId, live, store }: ImportParts,
): Pick<ImportItem, "importId" | "inputs"> | undefined {
  const ofWorker = { accountId, scriptName: live.name };
  const importId = `${accountId}/${live.name}`;
  switch (kind) {
    case "namespace":
      // A tool's namespace is its own.
      if (store === undefined || name !== "oauth") return undefined;
      return { importId: `${accountId}/${store.id}`, inputs: { accountId, title: store.title } };
    case "worker":
      return { importId, inputs: ofWorker };
    case "subdomain":
      return {
        importId,
        inputs: { ...ofWorker, enabled: live.workersDev, previewsEnabled: live.previewUrls },
      };
    case "domain": {
      const domain = live.domains.find(({ hostname }) => hostname === inputs.hostname);
      if (domain === undefined) return undefined;
      const { id, hostname, zoneId } = domain;
      return {
        importId: `${accountId}/${id}`,
        inputs: { accountId, zoneId, hostname, service: live.name },
      };
    }
    case "route": {
      const route = live.routes.find(({ pattern }) => pattern === inputs.pattern);
      if (route === undefined) return undefined;
      const { id, pattern, zoneId } = route;
      return { importId: `${zoneId}/${id}`, inputs: { zoneId, pattern, script: live.name } };
    }
  }
}
