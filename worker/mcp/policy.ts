/**
 * The scopes of this server and what they mean. Metadata, the consent page, the home page, every
 * tool, resource and prompt, and `docs/tools.md` take them from here.
 */

/** What the catalogue says of one scope. */
interface ScopeWords {
  /** What a person allows with it, as the consent page says it. */
  readonly words: string;
  /** Whether clients are told to ask for it first. The others are asked for when a tool needs one. */
  readonly isBase: boolean;
  /** Scopes that it includes. Servers must honour such hierarchies (MCP 2026-07-28, authorization). */
  readonly includes?: readonly string[];
}

/** Every scope by name, in the order in which people read them. */
export const scopeCatalogue = {
  "math:use": { words: "Calculate with numbers you give it", isBase: true },
  "profile:read": {
    words: "See who you are: the email address you signed in with",
    isBase: true,
  },
  "memory:read": {
    words: "Read what it remembers for you: your values and your calculations",
    isBase: false,
  },
  "memory:write": {
    words: "Remember things for you, and forget them: your values and your calculations",
    isBase: false,
    includes: ["memory:read"],
  },
} as const satisfies Record<string, ScopeWords>;

/** A scope of the catalogue. */
export type Scope = keyof typeof scopeCatalogue;

/** Every scope, in the catalogue's order. */
export const allScopes = Object.keys(scopeCatalogue) as Scope[];

/**
 * Scopes a client is told to ask for first: RFC 9728 `scopes_supported` and the 401 challenge. Few, so
 * that the first consent asks for little; a tool that needs more answers with a step-up challenge.
 */
export const baseScopes: readonly Scope[] = allScopes.filter((scope) => readWords(scope).isBase);

/** What a person allows with a scope. */
export function describeScope(scope: Scope): string {
  return readWords(scope).words;
}

/**
 * The scopes to ask the person for. Unknown ones (`openid`, `offline_access`, …) are left out, not
 * refused: clients send them by habit (cloudflare/mcp-server-cloudflare#457). A request that names
 * none of ours gets the base scopes.
 */
export function selectScopes(requested: readonly string[]): Scope[] {
  const known = allScopes.filter((scope) => requested.includes(scope));
  return known.length > 0 ? known : [...baseScopes];
}

/** Whether a token with these scopes may do what `needed` stands for. */
export function isGranted(granted: readonly string[], needed: Scope): boolean {
  return granted.some(
    (scope) =>
      scope === needed || (isScope(scope) && (readWords(scope).includes ?? []).includes(needed)),
  );
}

/**
 * What a client has to ask for, so that it may do what `needed` stands for: that scope, and all it
 * was granted. Clients of the initialize era ask for exactly what a challenge names and would lose
 * the rest (MCP 2025-11-25, "Scope Challenge Handling", recommends this too).
 * @returns undefined where nothing is missing.
 */
export function findMissingScopes(
  granted: readonly string[],
  needed: Scope,
): [Scope, ...Scope[]] | undefined {
  if (isGranted(granted, needed)) return undefined;
  const [first = needed, ...rest] = allScopes.filter(
    (scope) => scope === needed || granted.includes(scope),
  );
  return [first, ...rest];
}

/** What needs a scope: a tool, a resource or a prompt. */
interface Scoped {
  readonly name: string;
  readonly scope?: string;
}

/** What is wrong with the scope that something needs. Undefined where the catalogue has it. */
export function findScopeProblem({ name, scope }: Scoped): string | undefined {
  if (scope === undefined || isScope(scope)) return undefined;
  return `"${name}" needs the scope "${scope}", and the catalogue has none of this name. Add it to worker/mcp/policy.ts, or use one of these: ${allScopes.join(", ")}.`;
}

function isScope(name: string): name is Scope {
  return Object.hasOwn(scopeCatalogue, name);
}

function readWords(scope: Scope): ScopeWords {
  return scopeCatalogue[scope];
}
