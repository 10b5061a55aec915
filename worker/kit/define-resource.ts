import type { CacheHint, Icon } from "@modelcontextprotocol/server";
import type { CallContext } from "./call-context.ts";

/** What a resource holds. */
export type ResourceBody = { readonly text: string } | { readonly blob: string };

/** What every resource and every template has. */
interface ResourceParts<Scope extends string> {
  /** Name for programs. */
  readonly name: string;
  /** Name for people. */
  readonly title: string;
  /** What it holds and when to read it. Read by a model. */
  readonly description: string;
  readonly mimeType: string;
  /** Scope a token needs; see `worker/scopes.ts`. */
  readonly scope: Scope;
  /** How long, and for whom, a client may keep what it read. */
  readonly cacheHint: CacheHint;
  /** Picture of it that clients may show. Default: the server's own. */
  readonly icons?: Icon[];
}

/** One resource. */
export interface FixedResource<Scope extends string = string> extends ResourceParts<Scope> {
  readonly uri: string;
  /** Collection of the person's storage whose changes change it. Clients may then subscribe to it. */
  readonly changesWith?: string;
  read(context: CallContext): ResourceBody | Promise<ResourceBody>;
}

/** A family of resources. */
export interface TemplateResource<Scope extends string = string> extends ResourceParts<Scope> {
  /** RFC 6570 template, like `notes://days/{day}`. */
  readonly uriTemplate: string;
  /** The values that each variable is known to take, for completion and the list of resources. */
  readonly variables: Readonly<Record<string, readonly string[]>>;
  /** @returns undefined if there is no such resource. */
  read(
    variables: Readonly<Record<string, string>>,
    context: CallContext,
  ): ResourceBody | undefined | Promise<ResourceBody | undefined>;
}

/** A resource or a family of them. */
export type ResourceDefinition<Scope extends string = string> =
  | FixedResource<Scope>
  | TemplateResource<Scope>;

/** Declares one resource. */
export function defineResource<const Scope extends string>(
  resource: FixedResource<Scope>,
): FixedResource<Scope> {
  return resource;
}

/** Declares a family of resources. */
export function defineResourceTemplate<const Scope extends string>(
  resource: TemplateResource<Scope>,
): TemplateResource<Scope> {
  return resource;
}
