/** What follows from a server's scope catalogue. Every function takes the catalogue that it is about. */
import type { ScopeCatalogue } from "../kit/define-scopes.ts";
import type { Tool } from "../kit/define-tool.ts";
import type { Features } from "../kit/features.ts";
import { manageScope } from "../oauth/personal-tokens/manage-scope.ts";

/** Every scope, in the catalogue's order. */
export function listScopes(catalogue: ScopeCatalogue): string[] {
  return Object.keys(catalogue);
}

/**
 * Scopes a client is told to ask for first: RFC 9728 `scopes_supported` and the 401 challenge. Few, so
 * that the first consent asks for little; a tool that needs more answers with a step-up challenge.
 */
export function listBaseScopes(catalogue: ScopeCatalogue): string[] {
  return listScopes(catalogue).filter((scope) => catalogue[scope]?.isBase);
}

/** What a person allows with a scope. For a scope that only an older version had, its name. */
export function describeScope(catalogue: ScopeCatalogue, scope: string): string {
  return isScope(catalogue, scope) ? (catalogue[scope]?.words ?? scope) : scope;
}

/** Those of these scopes that the catalogue has, in its order. */
export function pickScopes(catalogue: ScopeCatalogue, named: readonly string[]): string[] {
  return listScopes(catalogue).filter((scope) => named.includes(scope));
}

/**
 * The scopes to ask the person for. Unknown ones (`openid`, `offline_access`, …) are left out, not
 * refused: clients send them out of habit (cloudflare/mcp-server-cloudflare#457). A request that names
 * none of ours gets the base scopes.
 */
export function selectScopes(catalogue: ScopeCatalogue, requested: readonly string[]): string[] {
  const known = pickScopes(catalogue, requested);
  return known.length > 0 ? known : listBaseScopes(catalogue);
}

/** Whether a token with these scopes may do what `needed` allows. */
export function isGranted(
  catalogue: ScopeCatalogue,
  granted: readonly string[],
  needed: string,
): boolean {
  return granted.some(
    (scope) =>
      scope === needed ||
      (isScope(catalogue, scope) && catalogue[scope]?.includes?.includes(needed)),
  );
}

/**
 * What a client has to ask for to do what `needed` allows: that scope, and everything it was
 * granted. Clients of the initialize era ask for exactly what a challenge names and would lose
 * the rest (MCP 2025-11-25, "Scope Challenge Handling", recommends this too).
 * @returns undefined if nothing is missing.
 */
export function findMissingScopes(
  catalogue: ScopeCatalogue,
  granted: readonly string[],
  needed: string,
): [string, ...string[]] | undefined {
  if (isGranted(catalogue, granted, needed)) return undefined;
  const [first = needed, ...rest] = pickScopes(catalogue, [needed, ...granted]);
  return [first, ...rest];
}

/** The tools that a scope opens, by itself or by what it includes. */
export function listOpenedTools({ scopes, tools }: FeaturesOf<"tools">, scope: string): Tool[] {
  return tools.filter((tool) => isGranted(scopes, [scope], tool.scope));
}

type FeaturesOf<Part extends keyof Features> = Pick<Features, "scopes" | Part>;

/**
 * The scope of a probe: that of the base scopes which opens the fewest tools, and only tools that read.
 * @returns undefined if every one has a tool that writes.
 */
export function findProbeScope(features: FeaturesOf<"tools">): string | undefined {
  return listBaseScopes(features.scopes)
    .map((scope) => ({ scope, opened: listOpenedTools(features, scope) }))
    .filter(({ opened }) => opened.every(({ annotations }) => annotations.readOnlyHint))
    .toSorted((one, other) => one.opened.length - other.opened.length)[0]?.scope;
}

/** Something that needs a scope: a tool, a resource or a prompt. */
interface Scoped {
  readonly name: string;
  readonly scope?: string;
}

/** What is wrong with the scope that something needs. Undefined if the catalogue has it. */
export function findScopeProblem(
  catalogue: ScopeCatalogue,
  { name, scope }: Scoped,
): string | undefined {
  if (scope === undefined || isScope(catalogue, scope)) return undefined;
  return `"${name}" needs the scope "${scope}", and the catalogue has none of this name. Add it to worker/scopes.ts, or use one of these: ${listScopes(catalogue).join(", ")}.`;
}

/** What is wrong with a catalogue. Undefined if nothing is. */
export function findCatalogueProblem(catalogue: ScopeCatalogue): string | undefined {
  if (isScope(catalogue, manageScope)) {
    return `"${manageScope}" is the scope with which programs make tokens for a person (docs/clients.md), so no other may have this name. Choose another one in worker/scopes.ts.`;
  }
  for (const [scope, { includes = [] }] of Object.entries(catalogue)) {
    const lacking = includes.find((included) => !isScope(catalogue, included));
    if (lacking === undefined) continue;
    return `"${scope}" includes the scope "${lacking}", and the catalogue has none of this name. Add it to worker/scopes.ts.`;
  }
  if (listBaseScopes(catalogue).length > 0) return undefined;
  return "No scope of worker/scopes.ts has isBase: true, so a client would not know what to ask for first. Give it to one.";
}

function isScope(catalogue: ScopeCatalogue, name: string): boolean {
  return Object.hasOwn(catalogue, name);
}
