import type { CacheHint, Icon } from "@modelcontextprotocol/server";
import type { CallContext } from "../mcp/call-context.ts";
import type { Scope } from "../mcp/policy.ts";

/** What a resource holds. */
export type ResourceBody = { readonly text: string } | { readonly blob: string };

/** What every resource and every template has. */
interface ResourceParts {
  /** Name for programs. */
  readonly name: string;
  /** Name for people. */
  readonly title: string;
  /** What it holds and when to read it. Read by a model. */
  readonly description: string;
  readonly mimeType: string;
  /** Scope a token needs; see `worker/mcp/policy.ts`. */
  readonly scope: Scope;
  /** How long, and for whom, a client may keep what it read. */
  readonly cacheHint: CacheHint;
  /** Picture of it that clients may show. Default: the server's own. */
  readonly icons?: Icon[];
}

/** One resource. */
export interface FixedResource extends ResourceParts {
  readonly uri: string;
  /** Collection of the person's storage whose changes change it. Clients may then subscribe to it. */
  readonly changesWith?: string;
  read(context: CallContext): ResourceBody | Promise<ResourceBody>;
}

/** A family of resources. */
export interface TemplateResource extends ResourceParts {
  /** RFC 6570 template, like `math://constants/{name}`. */
  readonly uriTemplate: string;
  /** The values that each variable is known to take, for completion and the list of resources. */
  readonly variables: Readonly<Record<string, readonly string[]>>;
  /** @returns undefined where there is no such resource. */
  read(
    variables: Readonly<Record<string, string>>,
    context: CallContext,
  ): ResourceBody | undefined | Promise<ResourceBody | undefined>;
}

/** A resource or a family of them. */
export type ResourceDefinition = FixedResource | TemplateResource;

/** Declares one resource. */
export function defineResource(resource: FixedResource): FixedResource {
  return resource;
}

/** Declares a family of resources. */
export function defineResourceTemplate(resource: TemplateResource): TemplateResource {
  return resource;
}
