import type { WorkerSettings } from "../../env.ts";
import type { ScopeCatalogue } from "../../kit/define-scopes.ts";
import type { PersonProps } from "../../mcp/caller.ts";
import { listScopes } from "../../mcp/scopes.ts";

/** What decides about a person's scopes. */
interface ScopeParts {
  readonly settings: WorkerSettings;
  readonly scopes: ScopeCatalogue;
}

/** The scopes that a person may give to a token of theirs, in the catalogue's order. */
export function listScopesAtMost({ scopes }: ScopeParts, _person: PersonProps): string[] {
  return listScopes(scopes);
}
