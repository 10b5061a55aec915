/** What the catalogue says of one scope. */
export interface ScopeWords<Scope extends string = string> {
  /** What a person allows with it, as the consent page says it. */
  readonly words: string;
  /** Whether clients are told to ask for it first. The others are asked for when a tool needs one. */
  readonly isBase: boolean;
  /** Scopes that it includes. Servers must honour such hierarchies (MCP 2026-07-28, authorization). */
  readonly includes?: readonly Scope[];
}

/** Every scope of a server by name, in the order in which people read them. */
export type ScopeCatalogue<Scope extends string = string> = Readonly<
  Record<Scope, ScopeWords<Scope>>
>;

/** Declares the scopes of a server. TypeScript knows their names, and refuses any other in `includes`. */
export function defineScopes<const Scope extends string>(
  catalogue: Readonly<Record<Scope, ScopeWords<NoInfer<Scope>>>>,
): ScopeCatalogue<Scope> {
  return catalogue;
}
