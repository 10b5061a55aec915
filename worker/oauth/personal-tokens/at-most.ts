import type { WorkerSettings } from "../../env.ts";
import { limitScopes } from "../../identity/scope-limit.ts";
import type { ScopeCatalogue } from "../../kit/define-scopes.ts";
import type { PersonProps } from "../../mcp/caller.ts";
import { listScopes } from "../../mcp/scopes.ts";

/** The facts that decide which scopes a person may give. */
interface ScopeParts {
  readonly settings: WorkerSettings;
  readonly scopes: ScopeCatalogue;
}

/** The scopes that a person may give to a token of theirs, in the catalogue's order. */
export function listScopesAtMost({ settings, scopes }: ScopeParts, person: PersonProps): string[] {
  return limitScopes(listScopes(scopes), person, settings);
}
