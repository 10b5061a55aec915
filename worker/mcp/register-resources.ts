import type { McpServer, ReadResourceResult } from "@modelcontextprotocol/server";
import { ResourceNotFoundError, ResourceTemplate } from "@modelcontextprotocol/server";
import type {
  FixedResource,
  ResourceBody,
  ResourceDefinition,
  TemplateResource,
} from "../kit/define-resource.ts";
import { beginCall, type McpConnection } from "./call.ts";
import {
  challengeScope,
  guard,
  listServerIcons,
  requireScope,
  toScopeMeta,
} from "./registration.ts";

/** Takes and ends subscriptions to collections of the person's storage. */
export interface Subscriptions {
  watch(topic: string, uri: string): Promise<void>;
  unwatch(topic: string, uri: string): Promise<void>;
}

/**
 * Registers resources and templates.
 * @param subscriptions of the session; without a session, nobody could be told about a change.
 */
export function registerResources(
  server: McpServer,
  resources: readonly ResourceDefinition[],
  connection: McpConnection,
  subscriptions: Subscriptions | undefined,
): void {
  for (const resource of resources) {
    if ("uri" in resource) registerFixed(server, resource, connection);
    else registerTemplate(server, resource, connection);
  }
  if (subscriptions === undefined) return;
  server.server.setRequestHandler("resources/subscribe", async ({ params: { uri } }, ctx) => {
    const { changesWith, scope } = findWatchable(resources, uri);
    requireScope(connection, scope, ctx);
    await subscriptions.watch(changesWith, uri);
    return {};
  });
  server.server.setRequestHandler("resources/unsubscribe", async ({ params: { uri } }) => {
    await subscriptions.unwatch(findWatchable(resources, uri).changesWith, uri);
    return {};
  });
}

/**
 * The resource behind a subscription.
 * @throws ResourceNotFoundError for one that is not there or never changes.
 */
export function findWatchable(
  resources: readonly ResourceDefinition[],
  uri: string,
): FixedResource & { readonly changesWith: string } {
  for (const resource of resources) {
    if (!("uri" in resource) || resource.uri !== uri) continue;
    const { changesWith } = resource;
    if (changesWith !== undefined) return { ...resource, changesWith };
  }
  throw new ResourceNotFoundError(uri, `No client can subscribe to ${uri}.`);
}

function registerFixed(
  server: McpServer,
  resource: FixedResource,
  connection: McpConnection,
): void {
  server.registerResource(
    resource.name,
    resource.uri,
    describe(resource, connection),
    async (uri, ctx) => {
      requireScope(connection, resource.scope, ctx);
      return guard(resource.name, async () => {
        const call = await beginCall({ name: resource.uri, args: {} }, ctx, connection);
        return toResult(uri, resource, await resource.read(call.context));
      });
    },
  );
}

function registerTemplate(
  server: McpServer,
  resource: TemplateResource,
  connection: McpConnection,
): void {
  const { uriTemplate, variables } = resource;
  const complete = Object.fromEntries(
    Object.entries(variables).map(([variable, values]) => [
      variable,
      (typed: string) => values.filter((value) => value.startsWith(typed)),
    ]),
  );
  server.registerResource(
    resource.name,
    new ResourceTemplate(uriTemplate, { list: undefined, complete }),
    describe(resource, connection),
    async (uri, found, ctx) => {
      requireScope(connection, resource.scope, ctx);
      const single = Object.fromEntries(
        Object.entries(found).map(([variable, value]) => [variable, [value].flat()[0] ?? ""]),
      );
      return guard(resource.name, async () => {
        const call = await beginCall({ name: uri.href, args: {} }, ctx, connection);
        const body = await resource.read(single, call.context);
        if (body === undefined) throw new ResourceNotFoundError(uri.href);
        return toResult(uri, resource, body);
      });
    },
  );
}

function describe(resource: ResourceDefinition, connection: McpConnection) {
  const { title, description, mimeType, scope, cacheHint, icons } = resource;
  return {
    title,
    description,
    mimeType,
    icons: icons ?? listServerIcons(connection.settings),
    cacheHint,
    scopeChallenge: challengeScope(connection, scope),
    _meta: toScopeMeta(scope),
  };
}

function toResult(
  uri: URL,
  { mimeType }: ResourceDefinition,
  body: ResourceBody,
): ReadResourceResult {
  return { contents: [{ uri: uri.href, mimeType, ...body }] };
}
