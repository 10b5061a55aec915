import type { Ai, D1Database, Fetcher, R2Bucket } from "@cloudflare/workers-types";
import type * as z from "zod";

/**
 * What a tool cannot work without, besides its code. The Pulumi program makes each of it part of the
 * environment, and refuses a stack that lacks one by its name; the dev server supplies the same.
 */
export interface ToolNeeds {
  /** Secret settings by name (camelCase), each with what it is and where to get it. */
  readonly secrets?: Readonly<Record<string, string>>;
  /**
   * Plain settings by name (camelCase), each with its schema. Values come as strings, lists and
   * objects as JSON; `.meta({ description, example })` is what a person who gets one wrong reads.
   */
  readonly settings?: Readonly<Record<string, z.ZodType>>;
  /** Bindings by their name in the Worker (UPPER_CASE). */
  readonly bindings?: Readonly<Record<string, BindingNeed>>;
  /**
   * A token of the service that people sign in with (GitHub, an OpenID provider), to act there for
   * the person. Without a tool that needs it, none is kept.
   */
  readonly upstreamToken?: UpstreamTokenNeed;
}

/** Why a tool acts for the person at the service they sign in with, and what it does there. */
export interface UpstreamTokenNeed {
  /** The purpose, in words for whoever runs the server. */
  readonly reason: string;
  /** Scopes of that service, besides those of the sign-in. */
  readonly scopes?: readonly string[];
}

/** A Cloudflare product that a tool works with. */
export type BindingNeed =
  /** A D1 database of the stack's own, made empty. */
  | { readonly kind: "d1" }
  /** An R2 bucket of the stack's own, made empty. */
  | { readonly kind: "r2" }
  /** Workers AI, billed to the account. */
  | { readonly kind: "ai" }
  /** Another Worker of the account. The setting `<binding>Worker` of the stack names it. */
  | { readonly kind: "service" };

/** The type of a binding in the Worker. */
interface BindingValues {
  d1: D1Database;
  r2: R2Bucket;
  ai: Ai;
  service: Fetcher;
}

/** What `run` gets for the needs a tool declared. */
export interface NeededValues<Needs extends ToolNeeds> {
  /** Values of the secrets. Logs, progress and error texts show `[redacted]` in their place. */
  readonly secrets: { readonly [Name in keyof NonNullable<Needs["secrets"]>]: string };
  /** Values of the plain settings, as their schemas give them. */
  readonly settings: {
    readonly [Name in keyof NonNullable<Needs["settings"]>]: z.infer<
      NonNullable<Needs["settings"]>[Name]
    >;
  };
  readonly bindings: {
    readonly [Name in keyof NonNullable<Needs["bindings"]>]: BindingValues[NonNullable<
      Needs["bindings"]
    >[Name]["kind"]];
  };
  /** The person's own, good for this call. It is shown as `[redacted]` where a secret would be. */
  readonly upstreamToken: Needs["upstreamToken"] extends UpstreamTokenNeed ? string : undefined;
}

/**
 * The scopes of the service that people sign in with, which tools need a token of it for.
 * @returns undefined if no tool needs one.
 */
export function listUpstreamScopes(tools: readonly ToolDeclaration[]): string[] | undefined {
  const needed = tools.flatMap(({ needs }) => needs?.upstreamToken ?? []);
  if (needed.length === 0) return undefined;
  return [...new Set(needed.flatMap(({ scopes = [] }) => scopes))];
}

/** A tool's names, scope and needs: all that infrastructure knows of it. */
export interface ToolDeclaration {
  readonly name: string;
  /** Checked against the catalogue if one is given. */
  readonly scope?: string;
  readonly needs?: ToolNeeds;
  readonly replaces?: readonly string[];
}

/** `apiKey` is bound as `API_KEY`. */
export function toBindingName(settingName: string): string {
  return settingName.replace(/[A-Z]/g, "_$&").toUpperCase();
}

/** The Worker behind the binding `PRICE_LIST` is named by the setting `priceListWorker`. */
export function toServiceSetting(bindingName: string): string {
  const camel = bindingName
    .toLowerCase()
    .replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
  return `${camel}Worker`;
}
