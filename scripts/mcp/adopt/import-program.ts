import * as pulumi from "@pulumi/pulumi";
import { readApi } from "../../../infra/api.ts";
import * as cloudflare from "../../../infra/cloudflare.ts";
import type { ImportItem, ImportKind } from "./list-imports.ts";

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
 * run finds them. What is in the state already stays; a run that was interrupted goes on where it ended.
 * @param migrationTag Durable Object tag of the Worker, for the next run to know where it starts.
 */
export function createImportProgram(
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
      "remote-mcp-server:index:RemoteMcpServer",
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
