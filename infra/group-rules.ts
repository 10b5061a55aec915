import { everybody, listGroupNames } from "../worker/identity/scope-limit.ts";
import type { ScopeCatalogue } from "../worker/kit/define-scopes.ts";
import { listBaseScopes, listScopes } from "../worker/mcp/scopes.ts";
import { findDeclaration } from "./method-settings.ts";
import type { Settings } from "./settings.ts";

/** Every rule on who may have which scopes that a stack breaks, each with the way out. */
export function checkGroups(settings: Settings, catalogue: ScopeCatalogue | undefined): string[] {
  return [...checkNames(settings), ...(catalogue ? checkScopes(settings, catalogue) : [])];
}

/** A group that nobody can be in would be a mistake that nobody sees. */
function checkNames(settings: Settings): string[] {
  const { identityMethod, enterpriseIssuers, scopesByGroup = {} } = settings;
  // A company's groups may be named beside those of the sign-in.
  if (enterpriseIssuers.some(({ groupsClaim }) => groupsClaim !== undefined)) return [];
  const [first] = listGroupNames(settings);
  if (first !== undefined && findDeclaration(identityMethod).isOpen) {
    return [
      `scopesByGroup: "${identityMethod}" knows no groups, so nobody would be in "${first}". Leave only "*", or choose another identityMethod.`,
    ];
  }
  if (identityMethod !== "github") return [];
  return Object.keys(scopesByGroup)
    .filter((name) => name !== everybody && !/^[\w.-]+(\/[\w.-]+)?$/.test(name))
    .map(
      (name) =>
        `scopesByGroup: "${name}" must be an organisation at GitHub, or an organisation and the short name of a team. Example: acme/platform`,
    );
}

function checkScopes({ scopesByGroup = {} }: Settings, catalogue: ScopeCatalogue): string[] {
  const known = listScopes(catalogue);
  const base = listBaseScopes(catalogue);
  const forAll = scopesByGroup[everybody] ?? [];
  return Object.entries(scopesByGroup).flatMap(([group, scopes]) => {
    const unknown = scopes.filter((scope) => !known.includes(scope));
    if (unknown.length > 0) {
      return unknown.map(
        (scope) =>
          `scopesByGroup: "${group}" may have the scope "${scope}", and the server has none of this name. It has: ${known.join(", ")}.`,
      );
    }
    if ([...scopes, ...forAll].some((scope) => base.includes(scope))) return [];
    return [
      `scopesByGroup: "${group}" may have none of the scopes that clients ask for first (${base.join(", ")}), so its people could not connect. Add one, to it or to "*".`,
    ];
  });
}

/** Scopes with those that they include. */
export function expandScopeList(scopes: readonly string[], catalogue: ScopeCatalogue): string[] {
  return [...new Set(scopes.flatMap((scope) => [scope, ...(catalogue[scope]?.includes ?? [])]))];
}

/** The same of each group: who may have a scope may have what is in it. */
export function expandGroups(
  scopesByGroup: NonNullable<Settings["scopesByGroup"]>,
  catalogue: ScopeCatalogue,
): NonNullable<Settings["scopesByGroup"]> {
  return Object.fromEntries(
    Object.entries(scopesByGroup).map(([group, scopes]) => [
      group,
      expandScopeList(scopes, catalogue),
    ]),
  );
}
